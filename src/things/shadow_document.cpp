#include "things/shadow_document.h"

#include <algorithm>

#include "text/encoding.h"
#include "things/limits.h"

namespace croft::things {

namespace {

std::int64_t seconds(Timestamp at) { return at.ms / 1000; }

json::object stamp(std::int64_t at_s) { return {{"timestamp", at_s}}; }

// {"timestamp"} in place of each value, of each element in an array.
json::value stamps(const json::value& value, std::int64_t at_s) {
  if (value.is_object()) {
    json::object out;
    for (const auto& [name, member] : value.get_object()) out[name] = stamps(member, at_s);
    return out;
  }
  if (!value.is_array()) return stamp(at_s);
  json::array out;
  for (const json::value& element : value.get_array()) out.push_back(stamps(element, at_s));
  return out;
}

// Without null members and empty objects.
json::object pruned(const json::object& members) {
  json::object out;
  for (const auto& [name, member] : members) {
    if (member.is_null()) continue;
    if (!member.is_object()) {
      out[name] = member;
    } else if (json::object inner = pruned(member.get_object()); !inner.empty()) {
      out[name] = std::move(inner);
    }
  }
  return out;
}

void merge(json::object& state, json::object& metadata, const json::object& update, std::int64_t at_s);

void merge_member(json::object& state, json::object& metadata, std::string_view name, const json::value& update,
                  std::int64_t at_s) {
  json::value* known = state.if_contains(name);
  json::value* known_metadata = metadata.if_contains(name);
  if (update.is_object() && !update.get_object().empty() && known && known->is_object() && known_metadata &&
      known_metadata->is_object()) {
    merge(known->get_object(), known_metadata->get_object(), update.get_object(), at_s);
    if (!known->get_object().empty()) return;
  } else if (!update.is_null()) {
    json::value wanted = update.is_object() ? json::value(pruned(update.get_object())) : update;
    if (!wanted.is_object() || !wanted.get_object().empty()) {
      metadata[name] = stamps(wanted, at_s);
      state[name] = std::move(wanted);
      return;
    }
  }
  if (known) state.stable_erase(state.find(name));
  if (known_metadata) metadata.stable_erase(metadata.find(name));
}

void merge(json::object& state, json::object& metadata, const json::object& update, std::int64_t at_s) {
  for (const auto& [name, member] : update) merge_member(state, metadata, name, member, at_s);
}

void update_section(ShadowSection& section, const json::object& state, std::string_view name, std::int64_t at_s) {
  const json::value* update = json::find(state, name);
  if (!update) return;
  if (update->is_null())
    section = {};
  else
    merge(section.state, section.metadata, update->get_object(), at_s);
}

bool equal(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) return a == b || a.to_number<double>() == b.to_number<double>();
  return a == b;
}

void add_delta(const ShadowSection& desired, const json::object* reported, ShadowSection& out) {
  for (const auto& [name, wanted] : desired.state) {
    const json::value* has = reported ? json::find(*reported, name) : nullptr;
    const json::value& metadata = desired.metadata.at(name);
    if (has && equal(*has, wanted)) continue;
    if (!has || !has->is_object() || !wanted.is_object()) {
      out.state[name] = wanted;
      out.metadata[name] = metadata;
      continue;
    }
    ShadowSection inner;
    add_delta({wanted.get_object(), metadata.get_object()}, &has->get_object(), inner);
    if (inner.state.empty()) continue;
    out.state[name] = std::move(inner.state);
    out.metadata[name] = std::move(inner.metadata);
  }
}

json::object sections(const Shadow& shadow, json::object ShadowSection::*part) {
  json::object out;
  if (!shadow.desired.state.empty()) out["desired"] = shadow.desired.*part;
  if (!shadow.reported.state.empty()) out["reported"] = shadow.reported.*part;
  return out;
}

void add_token(json::object& document, const ClientToken& token) {
  if (token) document["clientToken"] = *token;
}

// Levels below a section: its members are the first.
bool is_too_deep(const json::value& value, std::size_t levels_left) {
  if (value.is_object()) {
    if (value.get_object().empty()) return false;
    if (levels_left == 0) return true;
    return std::any_of(value.get_object().begin(), value.get_object().end(),
                       [&](const auto& member) { return is_too_deep(member.value(), levels_left - 1); });
  }
  if (!value.is_array()) return false;
  if (levels_left == 0) return true;
  return std::any_of(value.get_array().begin(), value.get_array().end(),
                     [&](const json::value& element) { return is_too_deep(element, levels_left - 1); });
}

bool has_null_element(const json::value& value) {
  if (value.is_object())
    return std::any_of(value.get_object().begin(), value.get_object().end(),
                       [](const auto& member) { return has_null_element(member.value()); });
  if (!value.is_array()) return false;
  return std::any_of(value.get_array().begin(), value.get_array().end(),
                     [](const json::value& element) { return element.is_null() || has_null_element(element); });
}

Result<void> check_section(const json::object& state, std::string_view name, const char* title) {
  const json::value* section = json::find(state, name);
  if (!section || section->is_null()) return {};
  if (!section->is_object()) return shadow_invalid(std::string(title) + " node must be an object");
  // The sentence is AWS's; the quota is 8.
  if (is_too_deep(*section, limits::shadow_levels_max))
    return shadow_invalid("JSON contains too many levels of nesting; maximum is 6");
  if (has_null_element(*section)) return shadow_invalid("State contains an invalid node");
  return {};
}

Result<json::object> read_state(const json::object& request) {
  const json::value* state = json::find(request, "state");
  if (!state) return shadow_invalid("Missing required node: state");
  if (!state->is_object()) return shadow_invalid("State node must be an object");
  for (const auto& member : state->get_object())
    if (member.key() != "desired" && member.key() != "reported") return shadow_invalid("State contains an invalid node");
  if (auto desired = check_section(state->get_object(), "desired", "Desired"); !desired) return desired.error();
  if (auto reported = check_section(state->get_object(), "reported", "Reported"); !reported) return reported.error();
  return state->get_object();
}

Error shadow_error(const char* code, std::string message, int status) {
  return {code, std::move(message), status, json::dump(json::object{{"code", status}})};
}

}  // namespace

Error shadow_invalid(std::string message) { return shadow_error("InvalidRequestException", std::move(message), 400); }
Error shadow_not_found(std::string_view name) {
  return shadow_error("ResourceNotFoundException", "No shadow exists with name: '" + std::string(name) + "'", 404);
}
Error shadow_conflict() { return shadow_error("ConflictException", "Version conflict", 409); }
Error shadow_too_large() {
  return shadow_error("RequestEntityTooLargeException", "The payload exceeds the maximum size allowed", 413);
}
Error shadow_encoding() {
  return shadow_error("UnsupportedDocumentEncodingException", "Unsupported documented encoding; supported encoding is UTF-8",
                      415);
}

std::optional<std::string> shadow_client_token(std::string_view body) {
  if (body.empty() || body.size() > limits::shadow_request_bytes_max) return std::nullopt;
  const auto request = json::parse(body);
  if (!request || !request->is_object()) return std::nullopt;
  const json::value* token = json::find(request->get_object(), "clientToken");
  if (!token || !token->is_string() || token->get_string().size() > limits::client_token_bytes_max) return std::nullopt;
  return std::string(token->get_string());
}

Result<ShadowUpdate> read_shadow_update(std::string_view body) {
  if (body.size() > limits::shadow_request_bytes_max) return shadow_too_large();
  if (!text::is_utf8(body)) return shadow_encoding();
  const auto request = json::parse(body);
  if (!request || !request->is_object()) return shadow_invalid("Invalid JSON");
  const json::object& members = request->get_object();
  ShadowUpdate update;
  if (const json::value* token = json::find(members, "clientToken"); token && !token->is_null()) {
    if (!token->is_string() || token->get_string().size() > limits::client_token_bytes_max)
      return shadow_invalid("Invalid clientToken");
    update.client_token = std::string(token->get_string());
  }
  if (const json::value* version = json::find(members, "version"); version && !version->is_null()) {
    if (!version->is_int64() || version->get_int64() < 0) return shadow_invalid("Invalid version");
    update.version = version->get_int64();
  }
  auto state = read_state(members);
  if (!state) return state.error();
  update.state = std::move(*state);
  return update;
}

Result<Shadow> updated(const Shadow& current, const ShadowUpdate& update, Timestamp now) {
  if (update.version && *update.version != current.version) return shadow_conflict();
  Shadow after = current;
  after.is_deleted = false;
  after.version = current.version + 1;
  after.timestamp_s = seconds(now);
  update_section(after.desired, update.state, "desired", after.timestamp_s);
  update_section(after.reported, update.state, "reported", after.timestamp_s);
  if (json::dump(sections(after, &ShadowSection::state)).size() > limits::shadow_bytes_max) return shadow_too_large();
  return after;
}

ShadowSection shadow_delta(const Shadow& shadow) {
  ShadowSection delta;
  add_delta(shadow.desired, &shadow.reported.state, delta);
  return delta;
}

json::object shadow_document(const Shadow& shadow, const ClientToken& token, Timestamp now) {
  json::object state = sections(shadow, &ShadowSection::state);
  ShadowSection delta = shadow_delta(shadow);
  if (!delta.state.empty()) state["delta"] = std::move(delta.state);
  json::object document{{"state", std::move(state)},
                        {"metadata", sections(shadow, &ShadowSection::metadata)},
                        {"version", shadow.version},
                        {"timestamp", seconds(now)}};
  add_token(document, token);
  return document;
}

json::object accepted_document(const ShadowUpdate& update, const Shadow& after, Timestamp now) {
  json::object metadata;
  for (const auto& [name, section] : update.state)
    if (section.is_object()) metadata[name] = stamps(section, after.timestamp_s);
  json::object document{
      {"state", update.state}, {"metadata", std::move(metadata)}, {"version", after.version}, {"timestamp", seconds(now)}};
  add_token(document, update.client_token);
  return document;
}

json::object delta_document(const ShadowSection& delta, const Shadow& after, const ClientToken& token, Timestamp now) {
  json::object document{
      {"version", after.version}, {"timestamp", seconds(now)}, {"state", delta.state}, {"metadata", delta.metadata}};
  add_token(document, token);
  return document;
}

json::object documents_document(const Shadow& before, const Shadow& after, const ClientToken& token, Timestamp now) {
  const auto whole = [](const Shadow& shadow) {
    return json::object{{"state", sections(shadow, &ShadowSection::state)},
                        {"metadata", sections(shadow, &ShadowSection::metadata)},
                        {"version", shadow.version}};
  };
  json::object document{{"previous", whole(before)}, {"current", whole(after)}, {"timestamp", seconds(now)}};
  add_token(document, token);
  return document;
}

json::object deleted_document(const Shadow& deleted, const ClientToken& token, Timestamp now) {
  json::object document{{"version", deleted.version}, {"timestamp", seconds(now)}};
  add_token(document, token);
  return document;
}

json::object rejected_document(const Error& error, const ClientToken& token) {
  json::object document{{"code", error.http_status}, {"message", error.message}};
  add_token(document, token);
  return document;
}

// Members: `v` version, `t` timestamp, `x` deleted; `d`, `r` the sections and `D`, `R` their metadata.
std::string row(const Shadow& shadow) {
  json::object out{{"v", shadow.version}, {"t", shadow.timestamp_s}};
  if (shadow.is_deleted) out["x"] = true;
  if (!shadow.desired.state.empty()) {
    out["d"] = shadow.desired.state;
    out["D"] = shadow.desired.metadata;
  }
  if (!shadow.reported.state.empty()) {
    out["r"] = shadow.reported.state;
    out["R"] = shadow.reported.metadata;
  }
  return json::dump(out);
}

static json::object object_at(const json::object& members, std::string_view name) {
  const json::value* member = json::find(members, name);
  return member && member->is_object() ? member->get_object() : json::object();
}

Result<Shadow> shadow_from(std::string_view row) {
  const auto document = json::parse(row);
  if (!document || !document->is_object()) return Error{"StoreFormat", "a shadow cannot be read", 500};
  const json::object& members = document->get_object();
  Shadow shadow{.version = json::int_or(members, "v", 0),
                .timestamp_s = json::int_or(members, "t", 0),
                .is_deleted = json::bool_or(members, "x", false)};
  shadow.desired = {object_at(members, "d"), object_at(members, "D")};
  shadow.reported = {object_at(members, "r"), object_at(members, "R")};
  return shadow;
}

}  // namespace croft::things
