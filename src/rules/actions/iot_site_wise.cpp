// iotSiteWise. Source: AWS IoT developer guide, "IoT SiteWise"; IoT SiteWise API reference, BatchPutAssetPropertyValue.
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "rules/limits.h"
#include "text/digest.h"

namespace croft::rules {

namespace {

constexpr RemoteKind kind{"IotSiteWiseAction", "iotSiteWise", "iotsitewise", "Failed to send property values to IoT SiteWise"};

struct PropertyValue {
  std::string variant;  // stringValue, integerValue, doubleValue or booleanValue
  sql::Template value, seconds;
  std::optional<sql::Template> nanoseconds, quality;
};

struct Entry {
  std::optional<sql::Template> entry_id, alias, asset_id, property_id;
  std::vector<PropertyValue> values;
};

// As the API types it: everything is text in a rule.
Result<json::value> typed(const PropertyValue& property, const Firing& firing) {
  if (property.variant == "integerValue") {
    auto number = rendered_integer(property.value, "value.integerValue", firing);
    if (!number) return number.error();
    return json::value(*number);
  }
  if (property.variant == "doubleValue") {
    auto number = rendered_number(property.value, "value.doubleValue", firing);
    if (!number) return number.error();
    return json::value(number->as_double());
  }
  auto text = render(property.value, firing);
  if (!text) return text.error();
  if (property.variant == "stringValue") return json::value(json::string(*text));
  if (*text != "true" && *text != "false")
    return invalid_request("'value.booleanValue' must be true or false, and is '" + *text + "'.");
  return json::value(*text == "true");
}

Result<json::object> rendered_value(const PropertyValue& property, const Firing& firing) {
  auto value = typed(property, firing);
  if (!value) return value.error();
  auto seconds = rendered_integer(property.seconds, "timestamp.timeInSeconds", firing);
  if (!seconds) return seconds.error();
  json::object timestamp{{"timeInSeconds", *seconds}};
  if (property.nanoseconds) {
    auto offset = rendered_integer(*property.nanoseconds, "timestamp.offsetInNanos", firing);
    if (!offset) return offset.error();
    timestamp["offsetInNanos"] = *offset;
  }
  json::object out{{"value", json::object{{property.variant, std::move(*value)}}}, {"timestamp", std::move(timestamp)}};
  if (!property.quality) return out;
  auto quality = render(*property.quality, firing);
  if (!quality) return quality.error();
  out["quality"] = *quality;
  return out;
}

Result<json::object> rendered_entry(const Entry& entry, const Firing& firing) {
  json::object out{{"entryId", text::random_uuid()}};
  const std::pair<const char*, const std::optional<sql::Template>*> names[] = {{"entryId", &entry.entry_id},
                                                                               {"assetId", &entry.asset_id},
                                                                               {"propertyId", &entry.property_id},
                                                                               {"propertyAlias", &entry.alias}};
  for (const auto& [name, text] : names) {
    if (!*text) continue;
    auto rendered = render(**text, firing);
    if (!rendered) return rendered.error();
    out[name] = *rendered;
  }
  json::array values;
  for (const PropertyValue& property : entry.values) {
    auto value = rendered_value(property, firing);
    if (!value) return value.error();
    values.push_back(std::move(*value));
  }
  out["propertyValues"] = std::move(values);
  return out;
}

class IotSiteWise final : public RemoteAction {
 public:
  IotSiteWise(std::vector<Entry> entries, sql::Template resource, remote::RemoteServices& services)
      : RemoteAction(kind, std::move(resource), services), entries_(std::move(entries)) {}

  // As many entries as the API takes at a time. Each request is sent, also behind one that failed.
  Task<Result<void>> run(const Firing& firing) const override {
    json::array rendered;
    for (const Entry& entry : entries_) {
      auto one = rendered_entry(entry, firing);
      if (!one) co_return one.error();
      rendered.push_back(std::move(*one));
    }
    Result<void> outcome;
    for (std::size_t at = 0; at < rendered.size(); at += limits::site_wise_entries_max) {
      json::array part;
      for (std::size_t i = at; i < std::min(rendered.size(), at + limits::site_wise_entries_max); ++i)
        part.push_back(rendered[i]);
      Result<void> sent = co_await send(firing, std::move(part));
      if (!sent && outcome) outcome = sent;
    }
    co_return outcome;
  }

 private:
  Task<Result<void>> send(const Firing& firing, json::array entries) const {
    remote::Request request = remote::rest_json_request("POST", "/properties", {{"entries", std::move(entries)}});
    auto answer = co_await ask_document(firing, std::move(request));
    if (!answer) co_return answer.error();
    const json::object* refused = first_of(*answer, "errorEntries");
    if (!refused) co_return Result<void>();
    const json::object* error = first_of(*refused, "errors");
    const json::object details = error ? *error : json::object();
    const Error cause{std::string(json::string_or(details, "errorCode", "")),
                      std::string(json::string_or(details, "errorMessage", "")), 200};
    co_return failure(firing, cause);
  }

  const std::vector<Entry> entries_;
};

Result<const json::object*> required_object(const json::object& parent, const char* name) {
  const json::value* found = json::find(parent, name);
  if (!found || !found->is_object()) return invalid_request("The parameter '" + std::string(name) + "' is required.");
  return &found->get_object();
}

Result<PropertyValue> read_value(const json::value& v, const ActionContext& context) {
  if (!v.is_object()) return invalid_request("An entry of 'propertyValues' must have a value and a timestamp.");
  auto value = required_object(v.get_object(), "value");
  if (!value) return value.error();
  std::string variant;
  for (const char* name : {"stringValue", "integerValue", "doubleValue", "booleanValue"})
    if (json::find(**value, name)) variant = variant.empty() ? name : "two";
  if (variant.empty() || variant == "two")
    return invalid_request("A 'value' must have one of stringValue, integerValue, doubleValue and booleanValue.");
  auto text = required_template(**value, variant, context);
  if (!text) return text.error();
  auto timestamp = required_object(v.get_object(), "timestamp");
  if (!timestamp) return timestamp.error();
  auto seconds = required_template(**timestamp, "timeInSeconds", context);
  if (!seconds) return seconds.error();
  auto nanoseconds = optional_template(**timestamp, "offsetInNanos", context);
  if (!nanoseconds) return nanoseconds.error();
  auto quality = optional_template(v.get_object(), "quality", context);
  if (!quality) return quality.error();
  if (*quality) {
    auto known = check_constant(**quality, "quality", {"GOOD", "BAD", "UNCERTAIN"});
    if (!known) return known.error();
  }
  return PropertyValue{std::move(variant), std::move(*text), std::move(*seconds), std::move(*nanoseconds), std::move(*quality)};
}

Result<Entry> read_entry(const json::value& v, const ActionContext& context) {
  if (!v.is_object()) return invalid_request("An entry of 'putAssetPropertyValueEntries' must be an object.");
  const json::object& members = v.get_object();
  Entry entry;
  const std::pair<const char*, std::optional<sql::Template>*> names[] = {{"entryId", &entry.entry_id},
                                                                         {"assetId", &entry.asset_id},
                                                                         {"propertyId", &entry.property_id},
                                                                         {"propertyAlias", &entry.alias}};
  for (const auto& [name, slot] : names) {
    auto text = optional_template(members, name, context);
    if (!text) return text.error();
    *slot = std::move(*text);
  }
  const bool has_ids = entry.asset_id && entry.property_id, has_any_id = entry.asset_id || entry.property_id;
  if (entry.alias ? has_any_id : !has_ids)
    return invalid_request("An entry must have either a propertyAlias or both an assetId and a propertyId.");
  const json::value* values = json::find(members, "propertyValues");
  if (!values || !values->is_array() || values->get_array().empty())
    return invalid_request("The parameter 'propertyValues' is required.");
  for (const json::value& value : values->get_array()) {
    auto read = read_value(value, context);
    if (!read) return read.error();
    entry.values.push_back(std::move(*read));
  }
  return entry;
}

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context,
                                        remote::RemoteServices& services) {
  if (auto there = require_endpoint(kind, services); !there) return there.error();
  auto role = required_role(parameters);
  if (!role) return role.error();
  const json::value* list = json::find(parameters, "putAssetPropertyValueEntries");
  if (!list || !list->is_array() || list->get_array().empty())
    return invalid_request("The parameter 'putAssetPropertyValueEntries' is required.");
  std::vector<Entry> entries;
  for (const json::value& one : list->get_array()) {
    auto entry = read_entry(one, context);
    if (!entry) return entry.error();
    entries.push_back(std::move(*entry));
  }
  sql::Template resource = entries.front().alias ? *entries.front().alias : *entries.front().asset_id;
  return std::make_unique<IotSiteWise>(std::move(entries), std::move(resource), services);
}

}  // namespace

void add_iot_site_wise_action(ActionTypes& types, remote::RemoteServices& services) {
  types.add("iotSiteWise", [&](const json::object& p, const ActionContext& context) { return compile(p, context, services); });
}

}  // namespace croft::rules
