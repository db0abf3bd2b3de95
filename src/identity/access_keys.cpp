#include "identity/access_keys.h"

#include <algorithm>

#include "identity/limits.h"
#include "observe/log.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/json.h"
#include "types/assert.h"

namespace croft::identity {

namespace {

constexpr std::string_view row_prefix = "accesskey/";
constexpr std::string_view row_end = "accesskey0";  // the key after every "accesskey/…"
constexpr std::size_t id_bytes = 10;
constexpr std::size_t secret_bytes = 30;  // 40 characters of base64
constexpr std::size_t token_bytes = 192;

Credentials new_credentials(std::string_view prefix) {
  return {unique_id(prefix, text::random_bytes(id_bytes)), text::base64(text::random_bytes(secret_bytes))};
}

// The last part of arn:…:role/path/NAME.
std::string_view role_name(std::string_view role_arn) {
  const std::size_t slash = role_arn.rfind('/');
  return slash == std::string_view::npos ? role_arn : role_arn.substr(slash + 1);
}

}  // namespace

std::string unique_id(std::string_view prefix, std::string_view ten_bytes) {
  static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  CROFT_ASSERT(ten_bytes.size() >= id_bytes);
  std::string id(prefix);
  std::uint32_t bits = 0;
  int held = 0;
  for (unsigned char byte : ten_bytes.substr(0, id_bytes)) {
    bits = bits << 8 | byte;
    for (held += 8; held >= 5; held -= 5) id += alphabet[bits >> (held - 5) & 31];
  }
  return id;
}

AccessKeys::AccessKeys(Store& store, Instance instance) : store_(store), instance_(std::move(instance)) {
  load();
  if (keys_.empty()) create_root();
}

void AccessKeys::load() {
  std::string oldest;
  const auto add = [&](std::string_view key, std::string_view value) {
    const std::string id(key.substr(row_prefix.size()));
    const auto row = json::parse(value);
    if (!row || !row->is_object()) {
      log::error("identity", "an access key row is not JSON and is left out: " + id);
      return true;
    }
    add_root_key({id, std::string(json::string_or(row->get_object(), "secret", ""))});
    const std::string created(json::string_or(row->get_object(), "created", ""));
    if (root_id_.empty() || created < oldest) {
      root_id_ = id;
      oldest = created;
    }
    return true;
  };
  store_.visit(Family::registry, row_prefix, row_end, false, add);
}

void AccessKeys::create_root() {
  const Credentials created = new_credentials("AKIA");
  const json::object row = {{"secret", created.secret_access_key}, {"created", std::to_string(Timestamp::now().ms)}};
  Batch batch;
  batch.put(Family::registry, std::string(row_prefix) + created.access_key_id, json::dump(row));
  store_.write(std::move(batch));
  root_id_ = created.access_key_id;
  add_root_key(created);
}

void AccessKeys::add_root_key(const Credentials& credentials) {
  const std::string& id = credentials.access_key_id;
  keys_[id] = {credentials, {id, instance_.iam_arn("root"), instance_.account_id}, std::nullopt};
}

Credentials AccessKeys::root() const {
  std::lock_guard lock(mutex_);
  return keys_.at(root_id_).credentials;
}

std::optional<AccessKeys::Known> AccessKeys::find(std::string_view access_key_id) const {
  std::lock_guard lock(mutex_);
  if (const auto key = keys_.find(access_key_id); key != keys_.end()) return key->second;
  const auto session = sessions_.find(access_key_id);
  if (session == sessions_.end()) return std::nullopt;
  return Known{session->second.credentials, session->second.principal, session->second.expires};
}

std::optional<AccessKeys::Known> AccessKeys::find(std::string_view access_key_id, std::string_view session_token,
                                                  Timestamp now) const {
  auto known = find(access_key_id);
  if (!known || !text::equal_in_constant_time(known->credentials.session_token, session_token)) return std::nullopt;
  if (known->expires && *known->expires <= now) return std::nullopt;
  return known;
}

void AccessKeys::make_room(Timestamp now) {
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.expires <= now; });
  if (sessions_.size() < sessions_max) return;
  const auto sooner = [](const auto& a, const auto& b) { return a.second.expires < b.second.expires; };
  sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), sooner));
}

Session AccessKeys::issue_session(const SessionRequest& request, Timestamp now) {
  const std::string role_id =
      request.role_id.empty() ? unique_id("AROA", text::sha256(request.role_arn)) : request.role_id;
  const std::string resource =
      "assumed-role/" + std::string(role_name(request.role_arn)) + '/' + request.session_name;

  Session session;
  session.credentials = new_credentials("ASIA");
  session.credentials.session_token = text::base64(text::random_bytes(token_bytes));
  session.principal = {session.credentials.access_key_id,
                       "arn:" + instance_.partition + ":sts::" + instance_.account_id + ':' + resource,
                       role_id + ':' + request.session_name,
                       request.for_function};
  session.expires = {now.ms + request.lifetime.count() * 1000};

  std::lock_guard lock(mutex_);
  make_room(now);
  sessions_[session.credentials.access_key_id] = session;
  return session;
}

}  // namespace croft::identity
