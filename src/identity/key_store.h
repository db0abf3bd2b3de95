#pragma once

#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::identity {

// A client's own key and certificate, its authorities behind it. Never logged.
struct KeyMaterial {
  std::string private_key_pem;
  std::string certificates_pem;  // leaf first
};

// The stores of Java programs as PEM. InvalidKeyStore with a sentence that tells no secret.
//
// A truststore is PKCS #12, JKS or PEM; a keystore PKCS #12 or PEM. A private key inside a JKS is in a form of Java's own and
// is refused. PKCS #12 files are read with today's ciphers alone, those that keytool has written since Java 16. Takes up to
// 100 ms: call it on the Pool.
Result<std::string> read_trust_store(std::string_view bytes, const std::string& password);
// `key_password` is for an encrypted PEM key; PKCS #12 has one password.
Result<KeyMaterial> read_key_store(std::string_view bytes, const std::string& store_password, const std::string& key_password);

}  // namespace croft::identity
