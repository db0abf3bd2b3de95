#include <algorithm>

#include "identity/token_signature.h"
#include "things/errors.h"
#include "things/limits.h"
#include "things/registry_change.h"
#include "things/rows.h"

namespace croft::things {

namespace {

Error authorizer_not_found(std::string_view name) { return not_found("Authorizer", name); }

Result<void> check_signing_keys(const std::map<std::string, std::string>& keys) {
  if (keys.size() > limits::token_signing_keys_max) {
    return invalid_request("An authorizer has at most " + std::to_string(limits::token_signing_keys_max) +
                           " tokenSigningPublicKeys");
  }
  for (const auto& [name, pem] : keys) {
    if (auto name_is = check_signing_key_name(name); !name_is) return name_is.error();
    if (pem.size() > limits::token_signing_key_bytes_max || !identity::is_token_signing_key(pem)) {
      return invalid_request("The token signing public key " + name + " is not an RSA public key in PEM form");
    }
  }
  return {};
}

// What every authorizer must be, when it is made and after each change.
Result<void> check(const Authorizer& authorizer) {
  if (!authorizer.function_arn.starts_with("arn:") || authorizer.function_arn.find(":lambda:") == std::string::npos ||
      authorizer.function_arn.size() > limits::authorizer_function_bytes_max) {
    return invalid_request("Invalid authorizerFunctionArn: it must be the ARN of a Lambda function");
  }
  if (!authorizer.token_key_name.empty()) {
    if (auto name_is = check_token_key_name(authorizer.token_key_name); !name_is) return name_is.error();
  }
  if (auto keys_are = check_signing_keys(authorizer.token_signing_keys); !keys_are) return keys_are.error();
  if (authorizer.signing_disabled) return {};
  if (authorizer.token_key_name.empty()) return invalid_request("tokenKeyName is required unless signing is disabled");
  if (authorizer.token_signing_keys.empty())
    return invalid_request("tokenSigningPublicKeys are required unless signing is disabled");
  return {};
}

template <class Authorizers>
Result<void> check_room_for_active(const Authorizers& authorizers) {
  const auto active =
      std::count_if(authorizers.begin(), authorizers.end(), [](const auto& entry) { return entry.second.active; });
  if (static_cast<std::size_t>(active) < limits::active_authorizers_max) return {};
  return limit_exceeded("The maximum number of active authorizers has been reached (" +
                        std::to_string(limits::active_authorizers_max) + ")");
}

}  // namespace

Result<Authorizer> Registry::create_authorizer(Authorizer authorizer) {
  if (auto name_is = check_authorizer_name(authorizer.name); !name_is) return name_is.error();
  if (auto checked = check(authorizer); !checked) return checked.error();
  Change change(*this);
  const std::string& name = authorizer.name;
  if (authorizers_.contains(name)) {
    return already_exists("Authorizer cannot be created - name already exists (name=" + name + ")", name, authorizer_arn(name));
  }
  if (authorizers_.size() >= limits::authorizers_max) {
    return limit_exceeded("The maximum number of authorizers has been reached (" + std::to_string(limits::authorizers_max) +
                          ")");
  }
  if (authorizer.active) {
    if (auto room = check_room_for_active(authorizers_); !room) return room.error();
  }
  authorizer.created = authorizer.modified = Timestamp::now();
  change.batch.put(Family::registry, keys::of(keys::authorizer, name), row(authorizer));
  authorizers_.emplace(name, authorizer);
  change.commit();
  return authorizer;
}

Result<Authorizer> Registry::authorizer(std::string_view name) const {
  if (auto name_is = check_authorizer_name(name); !name_is) return name_is.error();
  std::shared_lock lock(mutex_);
  const auto at = authorizers_.find(name);
  if (at == authorizers_.end()) return authorizer_not_found(name);
  return at->second;
}

Result<Authorizer> Registry::update_authorizer(std::string_view name, AuthorizerUpdate update) {
  if (auto name_is = check_authorizer_name(name); !name_is) return name_is.error();
  Change change(*this);
  const auto at = authorizers_.find(name);
  if (at == authorizers_.end()) return authorizer_not_found(name);
  Authorizer authorizer = at->second;
  if (update.active.value_or(false) && !authorizer.active) {
    if (auto room = check_room_for_active(authorizers_); !room) return room.error();
  }
  if (update.function_arn) authorizer.function_arn = std::move(*update.function_arn);
  if (update.token_key_name) authorizer.token_key_name = std::move(*update.token_key_name);
  if (update.token_signing_keys) authorizer.token_signing_keys = std::move(*update.token_signing_keys);
  authorizer.active = update.active.value_or(authorizer.active);
  authorizer.caching_for_http = update.caching_for_http.value_or(authorizer.caching_for_http);
  authorizer.modified = Timestamp::now();
  if (auto checked = check(authorizer); !checked) return checked.error();
  change.batch.put(Family::registry, keys::of(keys::authorizer, name), row(authorizer));
  at->second = authorizer;
  change.commit();
  return authorizer;
}

// Source: AWS IoT API Reference, DeleteAuthorizer; AWS's own tools set an authorizer INACTIVE before they delete it.
Result<void> Registry::delete_authorizer(std::string_view name) {
  if (auto name_is = check_authorizer_name(name); !name_is) return name_is.error();
  Change change(*this);
  const auto at = authorizers_.find(name);
  if (at == authorizers_.end()) return authorizer_not_found(name);
  if (at->second.active) {
    return delete_conflict("The authorizer cannot be deleted as it is ACTIVE (name=" + std::string(name) + ")");
  }
  if (default_authorizer_ == name) {
    return delete_conflict("The authorizer cannot be deleted as it is the default authorizer (name=" + std::string(name) + ")");
  }
  change.batch.erase(Family::registry, keys::of(keys::authorizer, name));
  authorizers_.erase(at);
  change.commit();
  return {};
}

Page<Authorizer> Registry::authorizers(std::optional<bool> active, const PageRequest& request) const {
  std::shared_lock lock(mutex_);
  const auto wanted = [&](const Authorizer& authorizer) { return !active || authorizer.active == *active; };
  if (request.ascending) return page_of(authorizers_, request, wanted);
  Page<Authorizer> page;
  auto at = request.after.empty() ? authorizers_.end() : authorizers_.lower_bound(request.after);
  std::string_view last;
  while (at != authorizers_.begin()) {
    --at;
    if (!wanted(at->second)) continue;
    if (page.items.size() == request.limit) {
      page.next = last;
      break;
    }
    page.items.push_back(at->second);
    last = at->first;
  }
  return page;
}

Result<Authorizer> Registry::set_default_authorizer(std::string_view name) {
  if (auto name_is = check_authorizer_name(name); !name_is) return name_is.error();
  Change change(*this);
  const auto at = authorizers_.find(name);
  if (at == authorizers_.end()) return authorizer_not_found(name);
  if (default_authorizer_ == name) return at->second;
  if (!default_authorizer_.empty()) {
    return already_exists("A default authorizer exists already (name=" + default_authorizer_ + ")", default_authorizer_,
                          authorizer_arn(default_authorizer_));
  }
  change.batch.put(Family::registry, keys::default_authorizer, name);
  default_authorizer_ = name;
  change.commit();
  return at->second;
}

Result<void> Registry::clear_default_authorizer() {
  Change change(*this);
  if (default_authorizer_.empty()) return Error{"ResourceNotFoundException", "There is no default authorizer", 404};
  change.batch.erase(Family::registry, keys::default_authorizer);
  default_authorizer_.clear();
  change.commit();
  return {};
}

Result<Authorizer> Registry::default_authorizer() const {
  std::shared_lock lock(mutex_);
  const auto at = authorizers_.find(default_authorizer_);
  if (at == authorizers_.end()) return Error{"ResourceNotFoundException", "There is no default authorizer", 404};
  return at->second;
}

std::string Registry::authorizer_arn(std::string_view name) const {
  return instance_.arn("iot", keys::of("authorizer/", name));
}

}  // namespace croft::things
