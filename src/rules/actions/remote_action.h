#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "remote/remote_services.h"
#include "rules/actions/action_types.h"

namespace croft::rules {

// What an action for a service elsewhere is called.
struct RemoteKind {
  std::string_view name;     // in the error action's document: "SnsAction"
  std::string_view type;     // in a rule: "sns"
  std::string_view service;  // in the configuration: "sns"
  std::string_view failed;   // the first words of its failures: "Failed to publish to SNS"
};

// An action that asks one service that croft does not run. Its role is checked for its form and not assumed: requests are
// signed with the credentials of the configuration.
class RemoteAction : public Action {
 public:
  RemoteAction(const RemoteKind& kind, sql::Template resource, remote::RemoteServices& services)
      : kind_(kind), resource_(std::move(resource)), services_(services) {}

  std::string name() const override { return std::string(kind_.name); }
  std::string resource() const override { return resource_.text(); }

 protected:
  const sql::Template& target() const { return resource_; }
  const remote::ServiceSettings& settings() const { return *services_.find(kind_.service); }
  // The answer, or an error whose message is that of AWS's error actions: "Failed to …. The error received was …".
  Task<Result<net::HttpResponse>> ask(const Firing& firing, remote::Request request) const;
  // The same, for an answer that tells what was not taken: its document, {} when it is empty.
  Task<Result<json::object>> ask_document(const Firing& firing, remote::Request request) const;
  // The same text about a refusal that came within an answer. `more` ends it: ", Bucket: b".
  Error failure(const Firing& firing, const Error& cause, std::string_view more = {}) const;

 private:
  const RemoteKind& kind_;
  const sql::Template resource_;
  remote::RemoteServices& services_;
};

// That text, for others.
Error remote_failure(const RemoteKind& kind, const Firing& firing, const Error& cause, std::string_view more = {});

// InvalidRequestException when the configuration names no endpoint for the action's service.
Result<void> require_endpoint(const RemoteKind& kind, const remote::RemoteServices& services);

// Reading parameters, as in action_types.h.
Result<bool> optional_flag(const json::object& parameters, std::string_view name);
// One of `choices`, "" when absent.
Result<std::string> optional_choice(const json::object& parameters, std::string_view name,
                                    std::initializer_list<std::string_view> choices);
// Refuses a constant that is none of `choices`; a template is judged when it is rendered.
Result<void> check_constant(const sql::Template& text, std::string_view name, std::initializer_list<std::string_view> choices);

// The parameter `timestamp`, the same of several actions. Both are nothing when it is absent.
struct TimestampTemplates {
  std::optional<sql::Template> value, unit;
};
enum class TimestampUnit { optional, required };
Result<TimestampTemplates> optional_timestamp(const json::object& parameters, const ActionContext& context, TimestampUnit unit);

// The outgoing payload for a service that takes text: InvalidRequestException when it is not UTF-8.
Result<std::string> text_payload(const Firing& firing);
// With batchMode each element of an array as JSON text, at most `count_max`; else the payload alone.
Result<std::vector<std::string>> records_of(const Firing& firing, bool batch_mode, sql::SqlVersion version,
                                            std::size_t count_max);

// A rendered template as a number: "1.5", "3E+2". InvalidRequestException naming the parameter.
Result<sql::Number> rendered_number(const sql::Template& text, std::string_view name, const Firing& firing);
// The same, whole: 1200.0 is 1200.
Result<std::int64_t> rendered_integer(const sql::Template& text, std::string_view name, const Firing& firing);

// The first object of the list that is `member` of an answer; null when there is none: nothing was refused.
const json::object* first_of(const json::object& answer, std::string_view member);

}  // namespace croft::rules
