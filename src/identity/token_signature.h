#pragma once

#include <string_view>

namespace croft::identity {

// Signatures of tokens that a custom authorizer lets pass: RSA with SHA-256 (PKCS #1 v1.5), in base64. Pure.
// Source: AWS IoT developer guide, "Signing the token".

// Whether the text holds an RSA public key (PEM) that can verify one.
bool is_token_signing_key(std::string_view public_key_pem);

// Whether the owner of the key signed exactly these bytes. False for anything that cannot be read, too.
bool verifies_token(std::string_view public_key_pem, std::string_view token, std::string_view signature_base64);

}  // namespace croft::identity
