// AWS::IoT::TopicRule
#include <cctype>

#include "cfn/intrinsics.h"
#include "cfn/json_view.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"

namespace croft::cfn {
namespace {

const ResourceSchema rule_schema = {
    .type = "AWS::IoT::TopicRule",
    .service = "Iot",
    .name_property = "RuleName",
    .name_rule = {.length_max = 128, .letters = NameRule::Letters::word},
    .properties = {{"RuleName", Kind::text, Replacement::yes},
                   {"Tags", Kind::list},
                   {"TopicRulePayload", Kind::map, Replacement::no, true}},
    .attributes = {"Arn"},
};

// Templates write DynamoDBv2 and PutItem, the API dynamoDBv2 and putItem: the first letter of every member. Only
// Kafka's client properties and InfluxDB's tags are names of the user's own. The API's texts stay texts when YAML makes
// numbers of them.
json::value api_spelling(const json::value& v) {
  if (const json::array* items = v.if_array()) {
    json::array out;
    for (const json::value& item : *items) out.push_back(api_spelling(item));
    return out;
  }
  const json::object* members = v.if_object();
  if (!members) {
    auto text = scalar_text(v);
    return text ? json::value(json::string(*text)) : v;
  }
  json::object out;
  for (const auto& [key, member] : *members) {
    std::string name = str(key);
    if (!name.empty()) name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
    const bool is_free = (name == "clientProperties" || name == "tags") && member.is_object();
    out.emplace(name, is_free ? json::value(text_members(member.get_object())) : api_spelling(member));
  }
  return out;
}

json::object rule_input(const ResourceStep& step) {
  const Spelling spelling = {.integers = {"qos", "maxBatchSize", "maxBatchOpenMs", "maxBatchSizeBytes"},
                             .booleans = {"ruleDisabled", "useBase64", "batchMode", "enableBatching", "batchAcrossTopics"}};
  json::value payload = spelled(api_spelling(step.properties.at("TopicRulePayload")), spelling);
  return {{"ruleName", step.id}, {"topicRulePayload", std::move(payload)}};
}

class IotTopicRule final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return rule_schema; }

  Task<bool> exists(const ResourceStep& step) const override {
    json::object input{{"ruleName", step.id}};
    auto found = co_await call(step, "iot", "GetTopicRule", std::move(input));
    co_return found.has_value();
  }

  Task<CallResult> create(const ResourceStep& step) const override {
    json::object input = rule_input(step);
    auto made = co_await call(step, "iot", "CreateTopicRule", std::move(input));
    const bool was_made_before =
        !made && step.is_repeated && has_code(made.error(), {"ResourceAlreadyExistsException"});
    if (!made && !was_made_before) co_return made;
    co_return attributes(step);
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    json::object input = rule_input(step);
    auto done = co_await call(step, "iot", "ReplaceTopicRule", std::move(input));
    if (!done) co_return done;
    co_return attributes(step);
  }

  // IoT answers UnauthorizedException for a rule that is not there.
  Task<Result<void>> erase(const ResourceStep& step) const override {
    json::object input{{"ruleName", step.id}};
    auto deleted = co_await call(step, "iot", "DeleteTopicRule", std::move(input));
    co_return gone(deleted, {"ResourceNotFoundException", "UnauthorizedException"});
  }

 private:
  static json::object attributes(const ResourceStep& step) {
    return {{"Arn", step.instance.arn("iot", "rule/" + step.id)}};
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> iot_topic_rule() { return std::make_unique<IotTopicRule>(); }

}  // namespace croft::cfn
