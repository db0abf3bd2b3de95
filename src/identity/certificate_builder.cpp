#include "identity/certificate_builder.h"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "text/digest.h"
#include "types/assert.h"

namespace croft::identity {

namespace {

GENERAL_NAME* host_name(const std::string& name) {
  GENERAL_NAME* general = GENERAL_NAME_new();
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  CROFT_ASSERT(ASN1_STRING_set(text, name.data(), static_cast<int>(name.size())) == 1);
  GENERAL_NAME_set0_value(general, GEN_DNS, text);
  return general;
}

// Null when the text is not an address.
GENERAL_NAME* ip_address(const std::string& text) {
  ASN1_OCTET_STRING* bytes = a2i_IPADDRESS(text.c_str());
  if (!bytes) return nullptr;
  GENERAL_NAME* general = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(general, GEN_IPADD, bytes);
  return general;
}

}  // namespace

CertificateBuilder::CertificateBuilder(EVP_PKEY& subject_key, Timestamp not_before, Timestamp not_after)
    : certificate_(X509_new()) {
  CROFT_ASSERT(certificate_);
  X509* certificate = certificate_.get();
  CROFT_ASSERT(X509_set_version(certificate, X509_VERSION_3) == 1);
  std::string serial = text::random_bytes(16);
  serial[0] = static_cast<char>((serial[0] & 0x7f) | 0x40);  // positive, and of full length
  BIGNUM* number =
      BN_bin2bn(reinterpret_cast<const unsigned char*>(serial.data()), static_cast<int>(serial.size()), nullptr);
  CROFT_ASSERT(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)));
  BN_free(number);
  CROFT_ASSERT(ASN1_TIME_set(X509_getm_notBefore(certificate), static_cast<time_t>(not_before.ms / 1000)));
  CROFT_ASSERT(ASN1_TIME_set(X509_getm_notAfter(certificate), static_cast<time_t>(not_after.ms / 1000)));
  CROFT_ASSERT(X509_set_pubkey(certificate, &subject_key) == 1);
}

void CertificateBuilder::subject(const X509_NAME& name) {
  CROFT_ASSERT(X509_set_subject_name(certificate_.get(), &name) == 1);
}

void CertificateBuilder::common_name(std::string_view name) {
  X509_NAME* subject = X509_get_subject_name(certificate_.get());
  CROFT_ASSERT(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                          reinterpret_cast<const unsigned char*>(name.data()),
                                          static_cast<int>(name.size()), -1, 0) == 1);
}

void CertificateBuilder::extension(int nid, const char* value, const Issuer& issuer) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509* self = certificate_.get();
  X509V3_set_ctx(&context, issuer.certificate ? issuer.certificate : self, self, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  CROFT_ASSERT(extension && X509_add_ext(self, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void CertificateBuilder::alternative_names(const std::vector<std::string>& names,
                                           const std::vector<std::string>& addresses) {
  GENERAL_NAMES* all = GENERAL_NAMES_new();
  for (const std::string& name : names) sk_GENERAL_NAME_push(all, host_name(name));
  for (const std::string& address : addresses) {
    if (GENERAL_NAME* general = ip_address(address)) sk_GENERAL_NAME_push(all, general);
  }
  CROFT_ASSERT(X509_add1_ext_i2d(certificate_.get(), NID_subject_alt_name, all, 0, X509V3_ADD_DEFAULT) == 1);
  GENERAL_NAMES_free(all);
}

CertificatePtr CertificateBuilder::sign(const Issuer& issuer) {
  X509* self = certificate_.get();
  const X509_NAME* name = X509_get_subject_name(issuer.certificate ? issuer.certificate : self);
  CROFT_ASSERT(X509_set_issuer_name(self, name) == 1);
  CROFT_ASSERT(X509_sign(self, issuer.key, EVP_sha256()) > 0);
  return std::move(certificate_);
}

KeyPtr new_ec_key() {
  KeyPtr key(EVP_EC_gen("P-256"));
  CROFT_ASSERT(key);
  return key;
}

KeyPtr new_rsa_key() {
  KeyPtr key(EVP_RSA_gen(2048));
  CROFT_ASSERT(key);
  return key;
}

}  // namespace croft::identity
