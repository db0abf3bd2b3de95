#include "sqs/queue_settings.h"

#include <algorithm>
#include <charconv>

#include "sqs/errors.h"
#include "sqs/limits.h"
#include "text/encoding.h"
#include "types/assert.h"

namespace croft::sqs {

namespace {

struct NumberRule {
  std::string_view name;
  std::int64_t min, max;
};
constexpr NumberRule number_rules[] = {
    {"VisibilityTimeout", 0, limits::visibility_s_max},
    {"MaximumMessageSize", limits::message_bytes_min, limits::message_bytes_max},
    {"MessageRetentionPeriod", limits::retention_s_min, limits::retention_s_max},
    {"DelaySeconds", 0, limits::delay_s_max},
    {"ReceiveMessageWaitTimeSeconds", 0, limits::wait_s_max},
    {"KmsDataKeyReusePeriodSeconds", limits::kms_reuse_s_min, limits::kms_reuse_s_max},
};

constexpr std::string_view answered_only[] = {"ApproximateNumberOfMessages",
                                              "ApproximateNumberOfMessagesNotVisible",
                                              "ApproximateNumberOfMessagesDelayed",
                                              "CreatedTimestamp",
                                              "LastModifiedTimestamp",
                                              "QueueArn"};

const Attributes& defaults(bool fifo) {
  static const Attributes standard = {{"VisibilityTimeout", "30"},
                                      {"MaximumMessageSize", std::to_string(limits::message_bytes_default)},
                                      {"MessageRetentionPeriod", "345600"},
                                      {"DelaySeconds", "0"},
                                      {"ReceiveMessageWaitTimeSeconds", "0"},
                                      {"SqsManagedSseEnabled", "true"}};
  static const Attributes ordered = [] {
    Attributes all = standard;
    all.insert({{"FifoQueue", "true"},
                {"ContentBasedDeduplication", "false"},
                {"DeduplicationScope", "queue"},
                {"FifoThroughputLimit", "perQueue"}});
    return all;
  }();
  return fifo ? ordered : standard;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string text_of(const json::object& object, std::string_view name) {
  return std::string(json::string_or(object, name, ""));
}

Result<std::string> checked_number(const NumberRule& rule, const std::string& value) {
  const auto number = number_of(value);
  if (!number || *number < rule.min || *number > rule.max) return invalid_attribute_value(rule.name);
  return std::to_string(*number);
}

Result<std::string> checked_choice(const std::string& name, const std::string& value,
                                   std::initializer_list<std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) return invalid_attribute_value(name);
  return value;
}

// maxReceiveCount comes as a number or as text.
std::optional<std::int64_t> receives_in(const json::value& value) {
  if (value.is_string()) return number_of(std::string_view(value.get_string().data(), value.get_string().size()));
  if (value.is_int64()) return value.get_int64();
  if (value.is_uint64()) return std::int64_t{-1};
  return std::nullopt;
}

bool allows(const QueueDefinition& target, const std::string& source_arn) {
  const auto policy = target.attributes.find("RedriveAllowPolicy");
  if (policy == target.attributes.end()) return true;
  const auto parsed = json::parse(policy->second);
  if (!parsed || !parsed->is_object()) return true;
  const std::string_view permission = json::string_or(parsed->get_object(), "redrivePermission", "allowAll");
  if (permission != "byQueue") return permission == "allowAll";
  const json::value* arns = json::find(parsed->get_object(), "sourceQueueArns");
  if (!arns || !arns->is_array()) return false;
  return std::any_of(arns->get_array().begin(), arns->get_array().end(), [&](const json::value& arn) {
    return arn.is_string() && std::string_view(arn.get_string()) == source_arn;
  });
}

// Why this queue may not be the dead-letter queue; "" when it may.
std::string fault_of_target(const std::string& arn, const QueueDefinition& source, const AttributeChange& change) {
  const std::string prefix = change.instance.arn("sqs", "");
  if (!arn.starts_with("arn:") || std::count(arn.begin(), arn.end(), ':') != 5)
    return "Invalid value for deadLetterTargetArn.";
  if (!arn.starts_with(prefix)) return "Dead-letter target owner should be same as the source.";
  const std::string name = arn.substr(prefix.size());
  const QueueDefinition* target = name == source.name ? &source : change.find(name);
  if (!target) return "Dead letter target does not exist.";
  if (target->is_fifo() != source.is_fifo()) return "Dead-letter queue must be same type of queue as the source.";
  if (!allows(*target, prefix + source.name))
    return "The dead-letter queue's RedriveAllowPolicy does not let this queue in.";
  return "";
}

Result<std::string> checked_redrive(const std::string& text, const QueueDefinition& source,
                                    const AttributeChange& change) {
  const auto refused = [&](const std::string& reason) { return invalid_value(text, "RedrivePolicy", reason); };
  const auto parsed = json::parse(text);
  if (!parsed || !parsed->is_object()) return refused("Redrive policy is not a valid JSON map.");
  const json::object& policy = parsed->get_object();
  const json::value* count = json::find(policy, "maxReceiveCount");
  if (!count) return refused("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
  const std::string arn = text_of(policy, "deadLetterTargetArn");
  if (!json::find(policy, "deadLetterTargetArn"))
    return refused("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
  const auto receives = receives_in(*count);
  if (!receives || *receives < 1 || *receives > limits::redrive_receives_max) {
    const std::string shown = count->is_string() ? std::string(count->get_string()) : json::dump(*count);
    return refused("Invalid value for maxReceiveCount: " + shown +
                   ", valid values are from 1 to 1000 both inclusive.");
  }
  if (const std::string fault = fault_of_target(arn, source, change); !fault.empty()) return refused(fault);
  return json::dump(json::object{{"deadLetterTargetArn", arn}, {"maxReceiveCount", *receives}});
}

Result<std::string> checked_redrive_allow(const std::string& text) {
  const auto refused = [&](const std::string& reason) { return invalid_value(text, "RedriveAllowPolicy", reason); };
  const auto parsed = json::parse(text);
  if (!parsed || !parsed->is_object())
    return refused("Amazon SQS can't create the redrive allow policy. It isn't a JSON map.");
  const json::object& policy = parsed->get_object();
  const std::string permission = text_of(policy, "redrivePermission");
  if (permission != "allowAll" && permission != "denyAll" && permission != "byQueue")
    return refused("redrivePermission must be one of allowAll, denyAll and byQueue.");
  const json::value* arns = json::find(policy, "sourceQueueArns");
  if ((permission == "byQueue") != (arns != nullptr))
    return refused("sourceQueueArns must be there if, and only if, redrivePermission is byQueue.");
  if (!arns) return json::dump(*parsed);
  const bool is_list =
      arns->is_array() && !arns->get_array().empty() && arns->get_array().size() <= limits::redrive_sources_max;
  if (!is_list || !std::all_of(arns->get_array().begin(), arns->get_array().end(),
                               [](const json::value& arn) { return arn.is_string(); }))
    return refused("sourceQueueArns must be a list of 1 to 10 ARNs.");
  return json::dump(*parsed);
}

Result<std::string> checked_policy(const std::string& text) {
  const auto parsed = json::parse(text);
  if (!parsed || !parsed->is_object() || text.size() > limits::policy_bytes_max)
    return invalid_attribute_value("Policy");
  return text;
}

bool is_for_fifo(std::string_view name) {
  return name == "ContentBasedDeduplication" || name == "DeduplicationScope" || name == "FifoThroughputLimit";
}

Result<void> check_kind(const std::string& name, const std::string& value, const QueueDefinition& definition,
                        bool is_creation) {
  if (name == "FifoQueue") {
    if (definition.is_fifo() && value == "true") return {};
    if (definition.is_fifo() && !is_creation)
      return invalid_attribute_value("FifoQueue", "Modifying queue type is not supported.");
    return unknown_attribute(name);
  }
  if (definition.is_fifo() || !is_for_fifo(name)) return {};
  if (name == "ContentBasedDeduplication") return unknown_attribute(name);
  return invalid_attribute_name("You can specify the " + name + " only when FifoQueue is set to true.");
}

// The value in the form in which it is kept; "" takes the attribute away.
Result<std::string> checked(const std::string& name, const std::string& value, const QueueDefinition& definition,
                            const AttributeChange& change) {
  for (const NumberRule& rule : number_rules)
    if (rule.name == name) return checked_number(rule, value);
  if (name == "FifoQueue") return checked_choice(name, value, {"true"});
  if (name == "ContentBasedDeduplication" || name == "SqsManagedSseEnabled")
    return checked_choice(name, value, {"true", "false"});
  if (name == "DeduplicationScope") return checked_choice(name, value, {"queue", "messageGroup"});
  if (name == "FifoThroughputLimit") return checked_choice(name, value, {"perQueue", "perMessageGroupId"});
  if (value.empty()) return value;
  if (name == "RedrivePolicy") return checked_redrive(value, definition, change);
  if (name == "RedriveAllowPolicy") return checked_redrive_allow(value);
  if (name == "Policy") return checked_policy(value);
  if (value.size() > limits::kms_key_characters_max || !text::is_utf8(value)) return invalid_attribute_value(name);
  return value;  // KmsMasterKeyId
}

// Rules about several attributes.
Result<void> check_together(const QueueDefinition& definition) {
  const auto is = [&](const char* name, const char* value) {
    return definition.attribute(name) == std::optional<std::string>(value);
  };
  if (is("FifoThroughputLimit", "perMessageGroupId") && !is("DeduplicationScope", "messageGroup"))
    return invalid_attribute_value(
        "FifoThroughputLimit",
        "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.");
  if (definition.attributes.contains("KmsMasterKeyId") && is("SqsManagedSseEnabled", "true"))
    return invalid_attribute_name(
        "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS "
        "SSE.");
  return {};
}

json::object members_of(const Attributes& attributes) {
  json::object members;
  for (const auto& [name, value] : attributes) members[name] = value;
  return members;
}

Attributes attributes_in(const json::object& row, std::string_view member) {
  Attributes attributes;
  const json::value* found = json::find(row, member);
  if (!found || !found->is_object()) return attributes;
  for (const auto& [name, value] : found->get_object())
    if (value.is_string()) attributes.emplace(name, value.get_string());
  return attributes;
}

}  // namespace

bool QueueDefinition::is_fifo() const {
  return name.ends_with(".fifo");
}

std::optional<std::string> QueueDefinition::attribute(const std::string& wanted) const {
  if (const auto found = attributes.find(wanted); found != attributes.end()) return found->second;
  // Encryption by KMS turns the other one off.
  if (wanted == "SqsManagedSseEnabled" && attributes.contains("KmsMasterKeyId")) return "false";
  if (wanted == "KmsDataKeyReusePeriodSeconds" && attributes.contains("KmsMasterKeyId")) return "300";
  const auto& others = defaults(is_fifo());
  const auto found = others.find(wanted);
  return found == others.end() ? std::nullopt : std::optional(found->second);
}

QueueSettings QueueDefinition::settings() const {
  const auto number = [&](const char* name) { return number_of(attribute(name).value_or("0")).value_or(0); };
  QueueSettings settings{.fifo = is_fifo(),
                         .visibility_s = number("VisibilityTimeout"),
                         .delay_s = number("DelaySeconds"),
                         .wait_s = number("ReceiveMessageWaitTimeSeconds"),
                         .retention_s = number("MessageRetentionPeriod"),
                         .message_bytes = number("MaximumMessageSize"),
                         .content_deduplication = attribute("ContentBasedDeduplication") == "true",
                         .deduplicates_in_group = attribute("DeduplicationScope") == "messageGroup",
                         .redrive = {}};
  const auto policy = attributes.find("RedrivePolicy");
  if (policy == attributes.end()) return settings;
  const auto parsed = json::parse(policy->second);
  CROFT_ASSERT(parsed && parsed->is_object());
  const std::string arn = text_of(parsed->get_object(), "deadLetterTargetArn");
  settings.redrive =
      Redrive{arn.substr(arn.rfind(':') + 1), json::int_or(parsed->get_object(), "maxReceiveCount", 1)};
  return settings;
}

std::string QueueDefinition::to_row() const {
  return json::dump(json::object{{"v", 1},
                                 {"number", number},
                                 {"id", id},
                                 {"created", created_ms},
                                 {"modified", modified_ms},
                                 {"attributes", members_of(attributes)},
                                 {"tags", members_of(tags)}});
}

std::optional<QueueDefinition> QueueDefinition::from_row(std::string name, std::string_view row) {
  const auto parsed = json::parse(row);
  if (!parsed || !parsed->is_object() || json::int_or(parsed->get_object(), "v", 0) != 1) return std::nullopt;
  const json::object& o = parsed->get_object();
  return QueueDefinition{.name = std::move(name),
                         .number = static_cast<std::uint32_t>(json::int_or(o, "number", 0)),
                         .id = text_of(o, "id"),
                         .created_ms = json::int_or(o, "created", 0),
                         .modified_ms = json::int_or(o, "modified", 0),
                         .attributes = attributes_in(o, "attributes"),
                         .tags = attributes_in(o, "tags")};
}

Result<void> set_attributes(QueueDefinition& definition, const Attributes& changes, const AttributeChange& change) {
  QueueDefinition changed = definition;
  for (const auto& [name, value] : changes) {
    const auto& settable = settable_attributes();
    if (std::find(settable.begin(), settable.end(), name) == settable.end()) return unknown_attribute(name);
    if (auto fits = check_kind(name, value, definition, change.is_creation); !fits) return fits.error();
    auto kept = checked(name, value, changed, change);
    if (!kept) return kept.error();
    if (kept->empty())
      changed.attributes.erase(name);
    else
      changed.attributes[name] = std::move(*kept);
  }
  // Asking for KMS alone switches from the other kind.
  if (changes.contains("KmsMasterKeyId") && !changes.contains("SqsManagedSseEnabled"))
    changed.attributes.erase("SqsManagedSseEnabled");
  if (auto together = check_together(changed); !together) return together.error();
  definition = std::move(changed);
  return {};
}

Result<void> check_same(const QueueDefinition& existing, const Attributes& wanted, const AttributeChange& change) {
  QueueDefinition fresh;
  fresh.name = existing.name;
  if (auto set = set_attributes(fresh, wanted, change); !set) return set.error();
  for (const auto& [name, value] : wanted) {
    if (fresh.attribute(name) == existing.attribute(name)) continue;
    return Error{"QueueNameExists",
                 "A queue already exists with the same name and a different value for attribute " + name, 400};
  }
  return {};
}

Result<void> check_queue_name(const std::string& name, bool fifo) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  std::string_view plain = name;
  if (fifo) {
    if (plain.ends_with(".fifo"))
      plain.remove_suffix(5);
    else
      plain = {};
  }
  const bool fits = !plain.empty() && name.size() <= limits::queue_name_characters_max &&
                    plain.find_first_not_of(allowed) == std::string_view::npos;
  if (fits) return {};
  return invalid_parameter(
      fifo ? "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must "
             "end with .fifo suffix and be 1 to 80 in length."
           : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}

std::string queue_in_arn(std::string_view arn, const Instance& instance) {
  const std::string prefix = instance.arn("sqs", "");
  return arn.starts_with(prefix) ? std::string(arn.substr(prefix.size())) : "";
}

bool is_attribute_name(std::string_view name) {
  const auto& settable = settable_attributes();
  return std::find(settable.begin(), settable.end(), name) != settable.end() ||
         std::find(std::begin(answered_only), std::end(answered_only), name) != std::end(answered_only);
}

const std::vector<std::string>& settable_attributes() {
  static const std::vector<std::string> names = {"VisibilityTimeout",
                                                 "MaximumMessageSize",
                                                 "MessageRetentionPeriod",
                                                 "DelaySeconds",
                                                 "ReceiveMessageWaitTimeSeconds",
                                                 "Policy",
                                                 "RedrivePolicy",
                                                 "RedriveAllowPolicy",
                                                 "FifoQueue",
                                                 "ContentBasedDeduplication",
                                                 "DeduplicationScope",
                                                 "FifoThroughputLimit",
                                                 "KmsMasterKeyId",
                                                 "KmsDataKeyReusePeriodSeconds",
                                                 "SqsManagedSseEnabled"};
  return names;
}

}  // namespace croft::sqs
