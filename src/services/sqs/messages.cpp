#include "services/sqs/messages.h"

#include <algorithm>

#include "services/sqs/input.h"
#include "sqs/errors.h"
#include "text/encoding.h"

namespace croft::services::sqs {

using namespace croft::sqs;

namespace {

constexpr std::string_view system_attributes[] = {"SenderId",
                                                  "SentTimestamp",
                                                  "ApproximateReceiveCount",
                                                  "ApproximateFirstReceiveTimestamp",
                                                  "AWSTraceHeader",
                                                  "SequenceNumber",
                                                  "MessageDeduplicationId",
                                                  "MessageGroupId",
                                                  "DeadLetterQueueSourceArn"};

const json::object& structure(const json::value& value, std::string_view name) {
  if (!value.is_object())
    refuse({"SerializationException", "The member " + std::string(name) + " must be a structure", 400});
  return value.get_object();
}

MessageAttribute read_attribute(std::string name, const json::object& value) {
  if (!list_member(value, "StringListValues").empty() || !list_member(value, "BinaryListValues").empty())
    refuse(unsupported_operation("Message attribute list values in SendMessage operation are not supported."));
  MessageAttribute attribute{
      .name = std::move(name), .type = text_member(value, "DataType"), .is_binary = false, .value = {}};
  const std::string binary = text_member(value, "BinaryValue");
  attribute.is_binary = attribute.type.starts_with("Binary") && !binary.empty();
  if (!attribute.is_binary) {
    attribute.value = text_member(value, "StringValue");
    return attribute;
  }
  auto bytes = text::from_base64(binary);
  if (!bytes) refuse({"SerializationException", "The member BinaryValue must be base64", 400});
  attribute.value = std::move(*bytes);
  return attribute;
}

std::vector<MessageAttribute> read_attributes(const json::object& input, std::string_view member) {
  std::vector<MessageAttribute> attributes;
  const json::value* found = json::find(input, member);
  if (!found || found->is_null() || (found->is_string() && found->get_string().empty()))
    return attributes;  // "" in a form: none
  for (const auto& [name, value] : structure(*found, member))
    attributes.push_back(read_attribute(std::string(name), structure(value, name)));
  return attributes;
}

// Source: API reference, SendMessage, MessageSystemAttributes.
std::string read_trace_header(const json::object& input) {
  std::string header;
  for (MessageAttribute& attribute : read_attributes(input, "MessageSystemAttributes")) {
    if (attribute.name != "AWSTraceHeader")
      refuse(invalid_parameter("Message system attribute name '" + attribute.name + "' is invalid."));
    if (attribute.type != "String" || attribute.value.empty())
      refuse(invalid_parameter(
          "Message system attribute 'AWSTraceHeader' must contain a non-empty value of type 'String'."));
    header = std::move(attribute.value);
  }
  return header;
}

json::object shown(const MessageAttribute& attribute) {
  if (attribute.is_binary) return {{"BinaryValue", text::base64(attribute.value)}, {"DataType", attribute.type}};
  return {{"StringValue", attribute.value}, {"DataType", attribute.type}};
}

std::vector<std::pair<std::string_view, std::string>> system_attributes_of(const Delivery& delivery,
                                                                           const Instance& instance) {
  const Message& message = delivery.message;
  const bool is_ordered = !message.deduplication_id.empty();
  return {{"SenderId", message.sender_id},
          {"SentTimestamp", std::to_string(sent_ms(delivery.sequence))},
          {"ApproximateReceiveCount", std::to_string(delivery.state.receives)},
          {"ApproximateFirstReceiveTimestamp", std::to_string(delivery.state.first_received_ms)},
          {"AWSTraceHeader", message.trace_header},
          {"SequenceNumber", is_ordered ? sequence_number(delivery.sequence) : ""},
          {"MessageDeduplicationId", message.deduplication_id},
          {"MessageGroupId", message.group_id},
          {"DeadLetterQueueSourceArn", message.source.empty() ? "" : instance.arn("sqs", message.source)}};
}

}  // namespace

std::string sender_of(const gateway::Call& call, const Instance& instance) {
  return call.caller.user_id.empty() ? instance.account_id : call.caller.user_id;
}

Outgoing read_message(const json::object& input, const std::string& sender_id) {
  Outgoing outgoing;
  outgoing.delay_s = integer_member(input, "DelaySeconds");
  Message& message = outgoing.message;
  message.body = text_member(input, "MessageBody");
  message.sender_id = sender_id;
  message.attributes = read_attributes(input, "MessageAttributes");
  message.trace_header = read_trace_header(input);
  message.group_id = text_member(input, "MessageGroupId");
  message.deduplication_id = text_member(input, "MessageDeduplicationId");
  return outgoing;
}

json::object sent_reply(const Message& message, const Sent& sent, bool fifo) {
  json::object reply = {{"MessageId", sent.message_id}, {"MD5OfMessageBody", md5_of(message.body)}};
  if (!message.attributes.empty()) reply["MD5OfMessageAttributes"] = md5_of(message.attributes);
  if (!message.trace_header.empty())
    reply["MD5OfMessageSystemAttributes"] = md5_of(
        std::vector<MessageAttribute>{{.name = "AWSTraceHeader", .type = "String", .value = message.trace_header}});
  if (fifo) reply["SequenceNumber"] = sequence_number(sent.sequence);
  return reply;
}

MessageView::MessageView(const json::object& input)
    : system_names_(text_list(input, "AttributeNames")), attribute_names_(text_list(input, "MessageAttributeNames")) {
  for (std::string& name : text_list(input, "MessageSystemAttributeNames")) system_names_.push_back(std::move(name));
  for (const std::string& name : system_names_) {
    const bool is_known =
        name == "All" || is_attribute_name(name) ||
        std::find(std::begin(system_attributes), std::end(system_attributes), name) != std::end(system_attributes);
    if (!is_known) refuse(unknown_attribute(name));
  }
}

bool MessageView::wants(std::string_view system_attribute) const {
  return std::any_of(system_names_.begin(), system_names_.end(),
                     [&](const std::string& name) { return name == "All" || name == system_attribute; });
}

// "All", ".*", a name, or the start of names before ".*".
bool MessageView::selects(const std::string& attribute) const {
  return std::any_of(attribute_names_.begin(), attribute_names_.end(), [&](const std::string& name) {
    if (name == "All" || name == attribute) return true;
    return name.ends_with(".*") && attribute.starts_with(std::string_view(name).substr(0, name.size() - 2));
  });
}

json::object MessageView::operator()(const Delivery& delivery, const Instance& instance) const {
  const Message& message = delivery.message;
  json::object out = {{"MessageId", message.id},
                      {"ReceiptHandle", delivery.handle},
                      {"MD5OfBody", md5_of(message.body)},
                      {"Body", message.body}};
  json::object system;
  for (const auto& [name, value] : system_attributes_of(delivery, instance))
    if (!value.empty() && wants(name)) system[name] = value;
  if (!system.empty()) out["Attributes"] = std::move(system);
  std::vector<MessageAttribute> selected;
  for (const MessageAttribute& attribute : message.attributes)
    if (selects(attribute.name)) selected.push_back(attribute);
  if (selected.empty()) return out;
  json::object attributes;
  for (const MessageAttribute& attribute : selected) attributes[attribute.name] = shown(attribute);
  out["MessageAttributes"] = std::move(attributes);
  out["MD5OfMessageAttributes"] = md5_of(std::move(selected));
  return out;
}

}  // namespace croft::services::sqs
