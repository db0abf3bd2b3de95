#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "identity/openssl_pem.h"
#include "types/timestamp.h"

namespace croft::identity {

struct Issuer {
  X509* certificate;  // null: the certificate signs itself
  EVP_PKEY* key;
};

// Puts one version 3 certificate together, with a random serial number, and signs it with SHA-256.
class CertificateBuilder {
 public:
  CertificateBuilder(EVP_PKEY& subject_key, Timestamp not_before, Timestamp not_after);

  void subject(const X509_NAME& name);
  void common_name(std::string_view name);
  // In OpenSSL's configuration syntax: extension(NID_basic_constraints, "critical,CA:TRUE", issuer). The values are
  // croft's own words, except for alternative_names. The subject must stand before.
  void extension(int nid, const char* value, const Issuer& issuer);
  void alternative_names(const std::vector<std::string>& names, const std::vector<std::string>& addresses);

  CertificatePtr sign(const Issuer& issuer);

 private:
  CertificatePtr certificate_;
};

KeyPtr new_ec_key();   // P-256
KeyPtr new_rsa_key();  // 2048 bits; slow

}  // namespace croft::identity
