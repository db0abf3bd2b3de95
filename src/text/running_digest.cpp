// The plain functions of SHA-256, as in digest.cpp.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "text/running_digest.h"

#include <openssl/sha.h>

#include <new>

namespace croft::text {

static_assert(sizeof(SHA256_CTX) <= RunningSha256::state_bytes);

static SHA256_CTX* context(unsigned char* state) { return std::launder(reinterpret_cast<SHA256_CTX*>(state)); }

RunningSha256::RunningSha256() { SHA256_Init(new (state_) SHA256_CTX); }

void RunningSha256::add(std::string_view bytes) { SHA256_Update(context(state_), bytes.data(), bytes.size()); }

std::string RunningSha256::finish() {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256_Final(reinterpret_cast<unsigned char*>(out.data()), context(state_));
  return out;
}

}  // namespace croft::text
