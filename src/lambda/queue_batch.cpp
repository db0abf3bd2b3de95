#include "lambda/queue_batch.h"

#include <algorithm>
#include <optional>
#include <set>

#include "text/encoding.h"

namespace croft::lambda {

namespace {

json::object shown(const sqs::MessageAttribute& attribute) {
  json::object out;
  if (attribute.is_binary)
    out["binaryValue"] = text::base64(attribute.value);
  else
    out["stringValue"] = attribute.value;
  out["stringListValues"] = json::array();
  out["binaryListValues"] = json::array();
  out["dataType"] = attribute.type;
  return out;
}

json::object system_attributes(const sqs::Delivery& delivery, const Instance& instance) {
  const sqs::Message& message = delivery.message;
  json::object out = {{"ApproximateReceiveCount", std::to_string(delivery.state.receives)},
                      {"SentTimestamp", std::to_string(sqs::sent_ms(delivery.sequence))},
                      {"SenderId", message.sender_id},
                      {"ApproximateFirstReceiveTimestamp", std::to_string(delivery.state.first_received_ms)}};
  if (!message.deduplication_id.empty()) out["SequenceNumber"] = sqs::sequence_number(delivery.sequence);
  if (!message.group_id.empty()) out["MessageGroupId"] = message.group_id;
  if (!message.deduplication_id.empty()) out["MessageDeduplicationId"] = message.deduplication_id;
  if (!message.trace_header.empty()) out["AWSTraceHeader"] = message.trace_header;
  if (!message.source.empty()) out["DeadLetterQueueSourceArn"] = instance.arn("sqs", message.source);
  return out;
}

json::object record(const sqs::Delivery& delivery, const Instance& instance, const std::string& queue_arn) {
  json::object attributes;
  for (const sqs::MessageAttribute& attribute : delivery.message.attributes)
    attributes[attribute.name] = shown(attribute);
  json::object out = {{"messageId", delivery.message.id},
                      {"receiptHandle", delivery.handle},
                      {"body", delivery.message.body},
                      {"attributes", system_attributes(delivery, instance)},
                      {"messageAttributes", std::move(attributes)}};
  if (!delivery.message.attributes.empty()) out["md5OfMessageAttributes"] = sqs::md5_of(delivery.message.attributes);
  out["md5OfBody"] = sqs::md5_of(delivery.message.body);
  out["eventSource"] = "aws:sqs";
  out["eventSourceARN"] = queue_arn;
  out["awsRegion"] = instance.region;
  return out;
}

// The ids that a report names; nothing when it is no report.
std::optional<std::set<std::string>> reported(const std::string& returned) {
  const auto parsed = json::parse(returned.empty() ? "null" : returned);
  if (!parsed) return std::nullopt;
  std::set<std::string> ids;
  if (parsed->is_null()) return ids;
  if (!parsed->is_object()) return std::nullopt;
  const json::value* failures = json::find(parsed->get_object(), "batchItemFailures");
  if (!failures || failures->is_null()) return ids;
  if (!failures->is_array()) return std::nullopt;
  for (const json::value& failure : failures->get_array()) {
    const std::string_view id =
        failure.is_object() ? json::string_or(failure.get_object(), "itemIdentifier", "") : "";
    if (id.empty()) return std::nullopt;
    ids.emplace(id);
  }
  return ids;
}

}  // namespace

std::string queue_event(const std::vector<sqs::Delivery>& batch, const Instance& instance,
                        const std::string& queue_arn) {
  json::array records;
  for (const sqs::Delivery& delivery : batch) records.push_back(record(delivery, instance, queue_arn));
  return json::dump(json::object{{"Records", std::move(records)}});
}

std::vector<std::string> finished(const std::vector<sqs::Delivery>& batch, const std::string& returned,
                                  bool reports_failures) {
  std::set<std::string> failed;
  if (reports_failures) {
    auto report = reported(returned);
    if (!report) return {};
    failed = std::move(*report);
  }
  std::vector<std::string> handles;
  for (const sqs::Delivery& delivery : batch)
    if (!failed.contains(delivery.message.id)) handles.push_back(delivery.handle);
  const bool names_others = handles.size() + failed.size() != batch.size();
  return names_others ? std::vector<std::string>() : handles;
}

}  // namespace croft::lambda
