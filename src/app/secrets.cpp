#include "app/secrets.h"

#include "rules/secrets.h"
#include "text/encoding.h"

namespace croft::app {

namespace {

constexpr std::int64_t kept_ms = 5 * 60 * 1000;  // AWS: up to 15 minutes
constexpr std::size_t kept_max = 1'000;

Error unavailable(const std::string& why) {
  return {"SecretNotAvailable", why, 500};
}

Result<std::string> text_of(const sql::External::Secret& secret, const std::string& type) {
  const auto& text = type == "SecretString" ? secret.string : secret.binary;
  if (!text || text->empty()) return unavailable("the secret has no " + type);
  return *text;
}

Result<std::string> member_of(const std::string& text, const std::string& key) {
  const auto document = json::parse(text);
  const bool is_object = document && document->is_object();
  if (!is_object) {
    if (!key.empty()) return unavailable("the secret is not a JSON object");
    return std::string(text::trim(text));
  }
  const json::object& members = document->get_object();
  if (key.empty() && members.size() != 1) return unavailable("the secret has several keys and none of them is named");
  const json::value* value = key.empty() ? &members.begin()->value() : json::find(members, key);
  if (!value || !value->is_string()) return unavailable("the secret has no such key");
  return std::string(value->get_string());
}

}  // namespace

std::optional<sql::External::Secret> Secrets::kept(const std::string& id) {
  std::lock_guard lock(mutex_);
  const auto found = kept_.find(id);
  if (found == kept_.end() || found->second.until < MonoTime::now()) return std::nullopt;
  return found->second.secret;
}

Task<Result<std::string>> Secrets::read(Shard& shard, rules::SecretQuestion question) {
  auto secret = question.is_fresh ? std::nullopt : kept(question.secret_id);
  if (!secret) {
    auto read = co_await rules::current_secret(services_(), shard, question.secret_id);
    if (!read) co_return read.error();
    secret = std::move(*read);
    std::lock_guard lock(mutex_);
    if (kept_.size() >= kept_max) kept_.clear();
    kept_[question.secret_id] = {*secret, MonoTime{MonoTime::now().ms + kept_ms}};
  }
  auto text = text_of(*secret, question.type);
  if (!text) co_return text.error();
  co_return member_of(*text, question.key);
}

}  // namespace croft::app
