// AWS::SQS::Queue and AWS::SQS::QueuePolicy, which is an attribute of queues.
#include <algorithm>
#include <optional>

#include "cfn/function_values.h"
#include "cfn/intrinsics.h"
#include "cfn/json_view.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"

namespace croft::cfn {
namespace {

const ResourceSchema queue_schema = {
    .type = "AWS::SQS::Queue",
    .service = "Sqs",
    .name_property = "QueueName",
    .name_rule = {.length_max = 75},  // a FIFO queue's ends with five more
    .properties = {{"ContentBasedDeduplication", Kind::boolean},
                   {"DeduplicationScope", Kind::text},
                   {"DelaySeconds", Kind::integer},
                   {"FifoQueue", Kind::boolean, Replacement::yes},
                   {"FifoThroughputLimit", Kind::text},
                   {"KmsDataKeyReusePeriodSeconds", Kind::integer},
                   {"KmsMasterKeyId", Kind::text},
                   {"MaximumMessageSize", Kind::integer},
                   {"MessageRetentionPeriod", Kind::integer},
                   {"QueueName", Kind::text, Replacement::yes},
                   {"ReceiveMessageWaitTimeSeconds", Kind::integer},
                   {"RedriveAllowPolicy"},
                   {"RedrivePolicy"},
                   {"SqsManagedSseEnabled", Kind::boolean},
                   {"Tags", Kind::list},
                   {"VisibilityTimeout", Kind::integer}},
    .attributes = {"Arn", "QueueName", "QueueUrl"},
};

const ResourceSchema policy_schema = {
    .type = "AWS::SQS::QueuePolicy",
    .service = "Sqs",
    .name_property = "",
    .name_rule = {},
    .properties = {{"PolicyDocument", Kind::any, Replacement::no, true},
                   {"Queues", Kind::list, Replacement::no, true}},
    .attributes = {"Id"},
};

// What a queue's attribute becomes when its property is gone from the template.
struct Attribute {
  std::string_view name, otherwise;
};
constexpr Attribute attributes[] = {{"ContentBasedDeduplication", "false"},
                                    {"DeduplicationScope", "queue"},
                                    {"DelaySeconds", "0"},
                                    {"FifoThroughputLimit", "perQueue"},
                                    {"KmsDataKeyReusePeriodSeconds", "300"},
                                    {"KmsMasterKeyId", ""},
                                    {"MaximumMessageSize", "262144"},
                                    {"MessageRetentionPeriod", "345600"},
                                    {"ReceiveMessageWaitTimeSeconds", "0"},
                                    {"RedriveAllowPolicy", ""},
                                    {"RedrivePolicy", ""},
                                    {"SqsManagedSseEnabled", "true"},
                                    {"VisibilityTimeout", "30"}};

std::string attribute_text(const json::value& v) {
  if (v.is_object()) return json::dump(v);
  return scalar_text(v).value_or(json::dump(v));
}

bool is_fifo(const json::object& properties) {
  const json::value* found = json::find(properties, "FifoQueue");
  return found && attribute_text(*found) == "true";
}

std::string name_in(const std::string& url) {
  return url.substr(url.rfind('/') + 1);
}

class SqsQueue final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return queue_schema; }

  // Its URL; a FIFO queue's generated name gets its ending.
  std::string physical_id(const Instance& instance, const std::string& name,
                          const json::object& properties) const override {
    const bool is_generated = !json::find(properties, "QueueName");
    const std::string ending = is_generated && is_fifo(properties) ? ".fifo" : "";
    return instance.endpoint_url + "/" + instance.account_id + "/" + name + ending;
  }

  Task<bool> exists(const ResourceStep& step) const override {
    json::object input{{"QueueName", name_in(step.id)}};
    auto found = co_await call(step, "sqs", "GetQueueUrl", std::move(input));
    co_return found.has_value();
  }

  Task<CallResult> create(const ResourceStep& step) const override {
    json::object wanted = attributes_of(step.properties, {});
    if (is_fifo(step.properties)) wanted["FifoQueue"] = "true";
    json::object input{{"QueueName", name_in(step.id)}, {"Attributes", std::move(wanted)}};
    const json::array tags = list_of(step.properties, "Tags");
    if (!tags.empty()) input["Tags"] = tag_map(tags);
    auto made = co_await call(step, "sqs", "CreateQueue", std::move(input));
    if (!made) co_return made;
    co_return values(step);
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    json::object changes = attributes_of(step.properties, step.previous);
    if (!changes.empty()) {
      json::object input{{"QueueUrl", step.id}, {"Attributes", std::move(changes)}};
      auto set = co_await call(step, "sqs", "SetQueueAttributes", std::move(input));
      if (!set) co_return set;
    }
    auto tagged = co_await update_tags(step);
    if (!tagged) co_return tagged.error();
    co_return values(step);
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    json::object input{{"QueueUrl", step.id}};
    auto deleted = co_await call(step, "sqs", "DeleteQueue", std::move(input));
    co_return gone(deleted, {"QueueDoesNotExist"});
  }

 private:
  // Those of `properties`, and what goes back to its default because only `previous` has it.
  static json::object attributes_of(const json::object& properties, const json::object& previous) {
    json::object out;
    for (const Attribute& attribute : attributes) {
      if (const json::value* v = json::find(properties, attribute.name))
        out[attribute.name] = attribute_text(*v);
      else if (json::find(previous, attribute.name))
        out[attribute.name] = attribute.otherwise;
    }
    // The other encryption is on by default, and off while a key is named.
    if (json::find(properties, "KmsMasterKeyId") && !json::find(properties, "SqsManagedSseEnabled"))
      out.erase("SqsManagedSseEnabled");
    return out;
  }

  static Task<Result<void>> update_tags(const ResourceStep& step) {
    TagChange change = tag_change(step.previous, step.properties);
    if (!change.removed.empty()) {
      json::object input{{"QueueUrl", step.id}, {"TagKeys", text_array(change.removed)}};
      auto done = co_await call(step, "sqs", "UntagQueue", std::move(input));
      if (!done) co_return done.error();
    }
    if (!change.set.empty()) {
      json::object input{{"QueueUrl", step.id}, {"Tags", tag_map(change.set)}};
      auto done = co_await call(step, "sqs", "TagQueue", std::move(input));
      if (!done) co_return done.error();
    }
    co_return Result<void>();
  }

  static json::object values(const ResourceStep& step) {
    const std::string name = name_in(step.id);
    return {{"Arn", step.instance.arn("sqs", name)}, {"QueueName", name}, {"QueueUrl", step.id}};
  }
};

class SqsQueuePolicy final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return policy_schema; }

  Task<CallResult> create(const ResourceStep& step) const override {
    const std::string policy = document_text(step.properties.at("PolicyDocument"));
    const json::array queues = list_of(step.properties, "Queues");
    for (const json::value& queue : queues) {
      auto set = co_await set_policy(step, queue, policy);
      if (!set) co_return set;
    }
    co_return json::object{{"Id", step.id}};
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    const json::array before = list_of(step.previous, "Queues"), now = list_of(step.properties, "Queues");
    for (const json::value& queue : before) {
      if (std::find(now.begin(), now.end(), queue) != now.end()) continue;
      auto removed = co_await set_policy(step, queue, "");
      auto done = gone(removed, {"QueueDoesNotExist"});
      if (!done) co_return done.error();
    }
    auto done = co_await create(step);
    co_return done;
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    const json::array queues = list_of(step.properties, "Queues");
    for (const json::value& queue : queues) {
      auto removed = co_await set_policy(step, queue, "");
      auto done = gone(removed, {"QueueDoesNotExist"});
      if (!done) co_return done;
    }
    co_return Result<void>();
  }

 private:
  static Task<CallResult> set_policy(const ResourceStep& step, const json::value& queue, std::string policy) {
    json::object input{{"QueueUrl", queue}, {"Attributes", json::object{{"Policy", policy}}}};
    auto set = co_await call(step, "sqs", "SetQueueAttributes", std::move(input));
    co_return set;
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> sqs_queue() {
  return std::make_unique<SqsQueue>();
}
std::unique_ptr<ResourceProvider> sqs_queue_policy() {
  return std::make_unique<SqsQueuePolicy>();
}

}  // namespace croft::cfn
