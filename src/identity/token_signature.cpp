#include "identity/token_signature.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "identity/openssl_pem.h"
#include "text/encoding.h"

namespace croft::identity {

namespace {

using ContextPtr = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

// Null when it is no RSA public key.
KeyPtr rsa_public_key(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyPtr key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  if (key && EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) key.reset();
  return key;
}

}  // namespace

bool is_token_signing_key(std::string_view public_key_pem) {
  return rsa_public_key(public_key_pem) != nullptr;
}

bool verifies_token(std::string_view public_key_pem, std::string_view token, std::string_view signature_base64) {
  const auto signature = text::from_base64(signature_base64);
  const KeyPtr key = rsa_public_key(public_key_pem);
  if (!signature || signature->empty() || !key) return false;
  const ContextPtr context(EVP_MD_CTX_new());
  const bool verified =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature->data()), signature->size(),
                       reinterpret_cast<const unsigned char*>(token.data()), token.size()) == 1;
  ERR_clear_error();
  return verified;
}

}  // namespace croft::identity
