// AWS::Lambda::EventSourceMapping: a queue, or a table's stream, that feeds a function.
#include "cfn/json_view.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"
#include "text/digest.h"

namespace croft::cfn {
namespace {

// Those for other sources than queues and streams reach Lambda, which refuses them.
const ResourceSchema mapping_schema = {
    .type = "AWS::Lambda::EventSourceMapping",
    .service = "Lambda",
    .name_property = "",
    .name_rule = {},
    .properties = {{"AmazonManagedKafkaEventSourceConfig"},
                   {"BatchSize", Kind::integer},
                   {"BisectBatchOnFunctionError", Kind::boolean},
                   {"DestinationConfig", Kind::map},
                   {"DocumentDBEventSourceConfig"},
                   {"Enabled", Kind::boolean},
                   {"EventSourceArn", Kind::text, Replacement::yes},
                   {"FilterCriteria", Kind::map},
                   {"FunctionName", Kind::text, Replacement::no, true},
                   {"FunctionResponseTypes", Kind::list},
                   {"KmsKeyArn"},
                   {"LoggingConfig"},
                   {"MaximumBatchingWindowInSeconds", Kind::integer},
                   {"MaximumRecordAgeInSeconds", Kind::integer},
                   {"MaximumRetryAttempts", Kind::integer},
                   {"MetricsConfig"},
                   {"ParallelizationFactor", Kind::integer},
                   {"ProvisionedPollerConfig"},
                   {"Queues"},
                   {"ScalingConfig", Kind::map},
                   {"SelfManagedEventSource"},
                   {"SelfManagedKafkaEventSourceConfig"},
                   {"SourceAccessConfigurations"},
                   {"StartingPosition", Kind::text, Replacement::yes},
                   {"StartingPositionTimestamp"},
                   {"Tags", Kind::list},
                   {"Topics"},
                   {"TumblingWindowInSeconds", Kind::integer}},
    .attributes = {"EventSourceMappingArn", "Id"},
};

class LambdaEventSourceMapping final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return mapping_schema; }

  // Lambda gives a mapping its UUID, and takes one from here.
  std::string physical_id(const Instance&, const std::string& name, const json::object&) const override {
    return text::uuid_from(text::sha256(name).substr(0, 16));
  }

  Task<CallResult> create(const ResourceStep& step) const override {
    json::object input = members_of(step.properties);
    input["UUID"] = step.id;
    auto made = co_await call(step, "lambda", "CreateEventSourceMapping", std::move(input));
    if (made) co_return attributes(step);
    if (!step.is_repeated || !has_code(made.error(), {"ResourceConflictException"})) co_return made;
    json::object question{{"UUID", step.id}};
    auto found = co_await call(step, "lambda", "GetEventSourceMapping", std::move(question));
    if (!found) co_return made;  // another one is in the way
    co_return attributes(step);
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    json::object input = defaults(step.properties);
    for (const auto& [name, value] : members_of(step.properties)) input[name] = value;
    input.erase("EventSourceArn");
    input.erase("StartingPosition");
    input["UUID"] = step.id;
    auto done = co_await call(step, "lambda", "UpdateEventSourceMapping", std::move(input));
    if (!done) co_return done;
    co_return attributes(step);
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    json::object input{{"UUID", step.id}};
    auto deleted = co_await call(step, "lambda", "DeleteEventSourceMapping", std::move(input));
    co_return gone(deleted, {"ResourceNotFoundException"});
  }

 private:
  // What a property that was taken out of the template goes back to.
  static json::object defaults(const json::object& properties) {
    json::object input{{"BatchSize", 10},
                       {"Enabled", true},
                       {"FunctionResponseTypes", json::array()},
                       {"MaximumBatchingWindowInSeconds", 0}};
    const bool is_queue = json::string_or(properties, "EventSourceArn", "").find(":sqs:") != std::string_view::npos;
    if (is_queue) {
      input["ScalingConfig"] = json::object();
      return input;
    }
    input["BatchSize"] = 100;
    input["BisectBatchOnFunctionError"] = false;
    input["DestinationConfig"] = json::object();
    input["FilterCriteria"] = json::object();
    input["MaximumRecordAgeInSeconds"] = -1;
    input["MaximumRetryAttempts"] = -1;
    return input;
  }

  static json::object members_of(const json::object& properties) {
    json::object members =
        spelled(json::value(properties), {.integers = {"MaximumConcurrency"}, .booleans = {}}).get_object();
    members.erase("Tags");
    return members;
  }

  static json::object attributes(const ResourceStep& step) {
    return {{"EventSourceMappingArn", step.instance.arn("lambda", "event-source-mapping:" + step.id)},
            {"Id", step.id}};
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> lambda_event_source_mapping() {
  return std::make_unique<LambdaEventSourceMapping>();
}

}  // namespace croft::cfn
