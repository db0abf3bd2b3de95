#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>

#include "identity/credentials.h"
#include "identity/sigv4.h"
#include "text/digest.h"

namespace croft::identity {

// A signing key of Signature Version 4, ready to sign.
struct SigningKey {
  explicit SigningKey(std::string derived) : bytes(std::move(derived)), hmac(bytes) {}
  std::string bytes;
  text::HmacSha256Key hmac;
};

// The signing keys in use. One is good for a day, a region and a service, and takes four HMACs to derive: clients use it for
// all their requests of that day. A place that is needed is taken from its last owner.
//
// Threads: any. Memory: 256 keys at most.
class SigningKeys {
 public:
  std::shared_ptr<const SigningKey> of(const Credentials& credentials, const CredentialScope& scope) const;

 private:
  struct Place {
    Credentials credentials;
    CredentialScope scope;
    std::shared_ptr<const SigningKey> key;
  };
  static constexpr std::size_t places = 256;

  mutable std::mutex mutex_;
  mutable std::array<Place, places> places_;
};

}  // namespace croft::identity
