#include "sql/cases.h"

#include <algorithm>
#include <cmath>

#include "mqtt/topic.h"
#include "sql/fixtures.h"
#include "sql/query.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

// Numbers within 1e-12, whole ones exactly; members in any order.
bool close(const Value& a, const Value& b);

bool close(const Number& a, const Number& b) {
  if (a == b) return true;
  if (a.is_whole() && b.is_whole()) return false;
  const double x = a.as_double(), y = b.as_double();
  return std::fabs(x - y) <= 1e-12 * std::max({1.0, std::fabs(x), std::fabs(y)});
}

bool close(const Object& a, const Object& b) {
  return a.size() == b.size() &&
         std::all_of(a.members().begin(), a.members().end(), [&](const Object::Member& member) {
           const Value* other = b.find(member.first);
           return other && close(member.second, *other);
         });
}

bool close(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_number()) return close(a.as_number(), b.as_number());
  if (a.is_object()) return close(a.as_object(), b.as_object());
  if (!a.is_array()) return a == b;
  return std::equal(a.as_array().begin(), a.as_array().end(), b.as_array().begin(), b.as_array().end(),
                    [](const Value& x, const Value& y) { return close(x, y); });
}

// Strings of a case; what is missing or of another type is "".
std::string text_of(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member && member->is_string() ? member->as_string() : "";
}

std::optional<std::string_view> view(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member && member->is_string() ? std::optional<std::string_view>(member->as_string()) : std::nullopt;
}

bool flag_of(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member && member->is_boolean() && member->as_boolean();
}

Value member_of(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member ? *member : Value();
}

// What the statement sees beside the payload, and the strings that it borrows.
class CaseContext {
 public:
  explicit CaseContext(const Value& test)
      : given_(member_of(test, "context")), topic_(text_of(test, "topic")), external_(member_of(given_, "fixtures")) {
    const std::string prefix = "$aws/rules/" + text_of(given_, "rule_name") + "/";
    is_basic_ingest_ = given_.find("rule_name") && topic_.starts_with(prefix);
    if (is_basic_ingest_) topic_.erase(0, prefix.size());
    read_timestamp();
    read_mqtt5(member_of(given_, "mqtt5"));
    read_properties(member_of(given_, "user_properties"));
  }

  bool is_for(const Query& query) const { return is_basic_ingest_ || mqtt::matches(query.topic_filter(), topic_); }

  Context context() const {
    Context context;
    context.topic = topic_;
    context.rule_name = view(given_, "rule_name").value_or("");
    context.external = &external_;
    context.timestamp = timestamp_;
    context.client_id = view(given_, "client_id");
    context.principal = view(given_, "principal");
    context.source_ip = view(given_, "source_ip");
    context.trace_id = view(given_, "trace_id");
    context.account_id = view(given_, "account_id").value_or("");
    context.mqtt5.content_type = view(mqtt5_, "content_type");
    context.mqtt5.response_topic = view(mqtt5_, "response_topic");
    context.mqtt5.is_utf8 = text_of(mqtt5_, "format_indicator") == "UTF8_DATA";
    if (correlation_data_) context.mqtt5.correlation_data = *correlation_data_;
    context.user_properties = properties_;
    return context;
  }

 private:
  void read_timestamp() {
    const Value* ms = given_.find("timestamp");
    timestamp_ = ms && ms->is_number() ? Timestamp{ms->as_number().floor_int64()} : Timestamp::now();
  }
  void read_mqtt5(const Value& mqtt5) {
    mqtt5_ = mqtt5;
    if (const auto encoded = view(mqtt5_, "correlation_data")) correlation_data_ = text::from_base64(*encoded);
  }
  void read_properties(const Value& list) {
    if (!list.is_array()) return;
    for (const Value& pair : list.as_array()) {
      if (!pair.is_array() || pair.as_array().size() != 2) continue;
      const Value &name = pair.as_array()[0], &value = pair.as_array()[1];
      if (name.is_string() && value.is_string()) properties_.emplace_back(name.as_string(), value.as_string());
    }
  }

  Value given_, mqtt5_;
  std::string topic_;
  FixtureExternal external_;
  Timestamp timestamp_;
  std::optional<std::string> correlation_data_;
  std::vector<std::pair<std::string, std::string>> properties_;
  bool is_basic_ingest_ = false;
};

std::string message_bytes(const Value& test) {
  if (test.find("payload_base64")) return text::from_base64(text_of(test, "payload_base64")).value_or("");
  return write_json(member_of(test, "payload"), SqlVersion::v2015_10_08, std::string::npos).value_or("");
}

constexpr std::string_view no_match = "no match";

struct Actual {
  std::string text;
  std::optional<Value> value;  // of a result
  bool is_refused = false, is_no_match = false;
};

Actual actual_of(const Value& test) {
  const std::string version = test.find("sql_version") ? text_of(test, "sql_version") : "2016-03-23";
  const Result<Query> query = Query::compile(text_of(test, "sql"), version);
  if (!query) return {.text = "refused: " + query.error().message, .value = {}, .is_refused = true};
  const CaseContext given(test);
  if (!given.is_for(*query)) return {.text = std::string(no_match), .value = {}, .is_no_match = true};
  const Result<std::optional<Output>> output =
      query->evaluate(Message(SharedBytes(message_bytes(test))), given.context());
  if (!output) return {.text = "failed: " + output.error().message, .value = {}, .is_no_match = true};
  if (!*output) return {.text = std::string(no_match), .value = {}, .is_no_match = true};
  const SharedBytes& payload = (*output)->payload();
  return {.text = payload.str(), .value = read_json(payload.view())};
}

CaseResult run_case(const Value& test) {
  CaseResult result{.id = text_of(test, "id"), .sql = text_of(test, "sql"), .expected = {}, .actual = {}};
  const Value expected = member_of(test, "expect");
  const Actual actual = actual_of(test);
  result.actual = actual.text;
  if (flag_of(expected, "error")) {
    result.expected = "refused";
    result.passed = actual.is_refused;
  } else if (flag_of(expected, "no_match")) {
    result.expected = no_match;
    result.passed = actual.is_no_match;
  } else {
    result.expected = write_json(expected, SqlVersion::v2015_10_08, std::string::npos).value_or("");
    result.passed = actual.value && close(*actual.value, expected);
  }
  return result;
}

}  // namespace

Result<std::vector<CaseResult>> run_cases(std::string_view text) {
  const std::optional<Value> cases = read_json(text);
  if (!cases || !cases->is_array()) return Error{"InvalidCases", "the cases are not a JSON list"};
  std::vector<CaseResult> results;
  for (const Value& test : cases->as_array()) {
    for (const char* member : {"sql", "topic", "expect"}) {
      if (test.find(member)) continue;
      return Error{"InvalidCases", "case " + std::to_string(results.size() + 1) + " has no '" + member + "'"};
    }
    results.push_back(run_case(test));
  }
  return results;
}

}  // namespace croft::sql
