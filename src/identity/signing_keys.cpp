#include "identity/signing_keys.h"

#include <functional>
#include <string_view>

namespace croft::identity {

static std::size_t place_of(const Credentials& credentials, const CredentialScope& scope) {
  const std::hash<std::string_view> hash;
  return hash(credentials.access_key_id) ^ hash(scope.date) * 3 ^ hash(scope.region) * 5 ^ hash(scope.service) * 7;
}

std::shared_ptr<const SigningKey> SigningKeys::of(const Credentials& credentials, const CredentialScope& scope) const {
  const std::size_t number = place_of(credentials, scope) % places;
  const auto fits = [&](const Place& place) {
    return place.key && place.credentials.access_key_id == credentials.access_key_id &&
           place.credentials.secret_access_key == credentials.secret_access_key && place.scope.date == scope.date &&
           place.scope.region == scope.region && place.scope.service == scope.service;
  };
  {
    const std::lock_guard lock(mutex_);
    if (const Place& place = places_[number]; fits(place)) return place.key;
  }
  auto made = std::make_shared<const SigningKey>(signing_key(credentials.secret_access_key, scope));
  const std::lock_guard lock(mutex_);
  places_[number] = {credentials, scope, made};
  return made;
}

}  // namespace croft::identity
