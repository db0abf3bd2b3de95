#define OPENSSL_SUPPRESS_DEPRECATED  // engines are of OpenSSL 1; version 3 has no other way
#include "net/certificate_keys.h"

#include <openssl/engine.h>
#include <openssl/evp.h>

#include <algorithm>
#include <iterator>

namespace croft::net {

static constexpr int key_types[] = {EVP_PKEY_RSA};

// Without `method`: which types there are; with it: the methods of one. Source: man 3 ENGINE_set_pkey_meths.
static int methods(ENGINE*, EVP_PKEY_METHOD** method, const int** types, int type) {
  if (!method) {
    *types = key_types;
    return static_cast<int>(std::size(key_types));
  }
  const bool known = std::ranges::find(key_types, type) != std::end(key_types);
  *method = known ? const_cast<EVP_PKEY_METHOD*>(EVP_PKEY_meth_find(type)) : nullptr;
  return *method != nullptr;
}

void read_certificate_keys_directly() {
  [[maybe_unused]] static ENGINE* const for_good = [] {
    ENGINE* engine = ENGINE_new();
    if (!engine) return engine;
    ENGINE_set_id(engine, "croft");
    ENGINE_set_name(engine, "keys of certificates");
    ENGINE_set_pkey_meths(engine, methods);
    ENGINE_register_pkey_meths(engine);  // does not hold it
    return engine;
  }();
}

}  // namespace croft::net
