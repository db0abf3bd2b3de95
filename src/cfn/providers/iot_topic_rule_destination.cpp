// AWS::IoT::TopicRuleDestination
#include <cctype>

#include "cfn/intrinsics.h"
#include "cfn/json_view.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"
#include "text/digest.h"

namespace croft::cfn {
namespace {

const ResourceSchema destination_schema = {
    .type = "AWS::IoT::TopicRuleDestination",
    .service = "Iot",
    .name_property = "",
    .name_rule = {},
    .properties = {{"HttpUrlProperties", Kind::map, Replacement::yes},
                   {"InfluxDBProperties", Kind::map, Replacement::yes},
                   {"Status", Kind::text},
                   {"VpcProperties", Kind::map, Replacement::yes}},
    .attributes = {"Arn", "StatusReason"},
};

// A template's property, the API's member for it, and the kind in the ARN.
struct DestinationKind {
  const char* property;
  const char* member;
  const char* name;
};
constexpr DestinationKind kinds[] = {{"HttpUrlProperties", "httpUrlConfiguration", "http"},
                                     {"InfluxDBProperties", "influxDBConfiguration", "influxdb"},
                                     {"VpcProperties", "vpcConfiguration", "vpc"}};

// The API spells each member with a small first letter.
json::object api_members(const json::object& properties) {
  json::object out;
  for (const auto& [key, value] : properties) {
    std::string name = str(key);
    if (!name.empty()) name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
    out[name] = value;
  }
  return out;
}

class IotTopicRuleDestination final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return destination_schema; }

  // The ARN that the destination will have; the stack's name, the logical id and chance are in the UUID.
  std::string physical_id(const Instance& instance, const std::string& name, const json::object& properties) const override {
    const std::string uuid = text::uuid_from(text::sha256(name).substr(0, 16));
    for (const DestinationKind& kind : kinds)
      if (json::find(properties, kind.property))
        return instance.arn("iot", std::string("ruledestination/") + kind.name + "/" + uuid);
    return instance.arn("iot", "ruledestination/http/" + uuid);
  }

  Task<CallResult> create(const ResourceStep& step) const override {
    json::object configuration;
    for (const DestinationKind& kind : kinds)
      if (json::find(step.properties, kind.property))
        configuration[kind.member] = api_members(map_of(step.properties, kind.property));
    json::object input{{"arn", step.id}, {"destinationConfiguration", std::move(configuration)}};
    auto made = co_await call(step, "iot", "CreateTopicRuleDestination", std::move(input));
    const bool was_made_before = !made && step.is_repeated && has_code(made.error(), {"ResourceAlreadyExistsException"});
    if (!made && !was_made_before) co_return made;
    auto done = co_await with_status(step);
    co_return done;
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    auto done = co_await with_status(step);
    co_return done;
  }

  // IoT answers UnauthorizedException for a destination that is not there.
  Task<Result<void>> erase(const ResourceStep& step) const override {
    json::object input{{"arn", step.id}};
    auto deleted = co_await call(step, "iot", "DeleteTopicRuleDestination", std::move(input));
    co_return gone(deleted, {"UnauthorizedException"});
  }

 private:
  // A destination that is new is IN_PROGRESS of itself.
  static Task<CallResult> with_status(const ResourceStep& step) {
    json::object question{{"arn", step.id}};
    auto found = co_await call(step, "iot", "GetTopicRuleDestination", json::object(question));
    if (!found) co_return found;
    const json::object shown = map_of(*found, "topicRuleDestination");
    const std::string wanted(json::string_or(step.properties, "Status", ""));
    if (wanted.empty() || wanted == json::string_or(shown, "status", "")) co_return attributes(step, shown);
    question["status"] = wanted;
    auto changed = co_await call(step, "iot", "UpdateTopicRuleDestination", std::move(question));
    if (!changed) co_return changed;
    co_return attributes(step, shown);
  }

  static json::object attributes(const ResourceStep& step, const json::object& shown) {
    return {{"Arn", step.id}, {"StatusReason", json::string_or(shown, "statusReason", "")}};
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> iot_topic_rule_destination() {
  return std::make_unique<IotTopicRuleDestination>();
}

}  // namespace croft::cfn
