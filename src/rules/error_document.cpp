#include "rules/error_document.h"

#include "text/encoding.h"

namespace croft::rules {

namespace {

std::string client_of(const broker::Message& message) {
  return message.client_id().empty() ? std::string("n/a") : message.client_id();
}

json::array ids(std::int64_t first, std::size_t count) {
  json::array list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(first + static_cast<std::int64_t>(i));
  return list;
}

// The members that failure_in_batch() wrote; nothing for another error.
std::optional<json::object> batch_of(const Error& error) {
  if (error.details.empty()) return std::nullopt;
  auto details = json::parse(error.details);
  if (!details || !details->is_object() || !json::find(details->get_object(), "payloadsWithMetadata")) return std::nullopt;
  return std::move(details->get_object());
}

}  // namespace

json::object payload_with_metadata(const Firing& firing, bool is_across_topics) {
  const broker::Message& message = *firing.message;
  json::object out{{"cloudwatchTraceId", firing.trace_id},
                   {"clientId", client_of(message)},
                   {"sourceIp", message.source()->source_ip},
                   {"base64OriginalPayload", text::base64(message.payload())}};
  if (is_across_topics) out["topic"] = message.topic();
  return out;
}

Error failure_in_batch(Error error, const json::array& payloads, std::size_t index, bool is_across_topics) {
  json::object details{{"isAcrossTopics", is_across_topics}, {"ownIndex", index}};
  details["payloadsWithMetadata"] = index == 0 ? payloads : json::array{payloads[index]};
  error.details = json::dump(details);
  return error;
}

void ErrorDocument::add(const Action& action, const Error& error) {
  json::object failure{{"failedAction", action.name()}, {"failedResource", action.resource()}, {"errorMessage", error.message}};
  const auto batch = batch_of(error);
  if (!batch) {
    failures_.push_back(std::move(failure));
    return;
  }
  const json::array& told = batch->at("payloadsWithMetadata").as_array();
  if (payloads_.empty()) is_across_topics_ = json::bool_or(*batch, "isAcrossTopics", false);
  const bool is_first = json::int_or(*batch, "ownIndex", 0) == 0;
  const std::int64_t first_id = static_cast<std::int64_t>(payloads_.size()) + 1;
  if (payloads_.empty()) own_id_ = first_id;
  for (const json::value& payload : told) {
    json::object entry{{"id", static_cast<std::int64_t>(payloads_.size()) + 1}};
    for (const auto& [name, value] : payload.as_object()) entry[name] = value;
    payloads_.push_back(std::move(entry));
  }
  if (!is_first) return;
  failure["affectedIds"] = ids(first_id, told.size());
  failures_.push_back(std::move(failure));
}

json::object ErrorDocument::document() const {
  const broker::Message& original = *firing_.message;
  json::object document{{"ruleName", firing_.rule_name}};
  if (payloads_.empty() || !is_across_topics_) document["topic"] = original.topic();
  if (payloads_.empty()) {
    document["cloudwatchTraceId"] = firing_.trace_id;
    document["clientId"] = client_of(original);
    document["sourceIp"] = original.source()->source_ip;
    document["base64OriginalPayload"] = text::base64(original.payload());
    document["failures"] = failures_;
    return document;
  }
  document["payloadsWithMetadata"] = payloads_;
  json::array failures;
  for (const json::value& failure : failures_) {
    json::object entry;
    const json::value* affected = json::find(failure.as_object(), "affectedIds");
    entry["affectedIds"] = affected ? *affected : json::value(ids(own_id_, 1));
    for (const auto& [name, value] : failure.as_object()) entry[name] = value;
    failures.push_back(std::move(entry));
  }
  document["failures"] = std::move(failures);
  return document;
}

}  // namespace croft::rules
