#include "identity/certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "identity/openssl_pem.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::identity {

namespace {

Timestamp timestamp(const ASN1_TIME* time) {
  std::tm broken{};
  if (ASN1_TIME_to_tm(time, &broken) != 1) return {};
  return {static_cast<std::int64_t>(timegm(&broken)) * 1000};
}

}  // namespace

Result<Certificate> read_certificate(std::string_view pem) {
  const CertificatePtr certificate = certificate_from_pem(pem);
  if (!certificate || !X509_get0_pubkey(certificate.get())) {
    return Error{"CertificateValidationException",
                 "The certificate is invalid: it is not an X.509 certificate in PEM form.", 400};
  }
  return Certificate{.id = certificate_id(to_der(*certificate)),
                     .pem = to_pem(*certificate),
                     .not_before = timestamp(X509_get0_notBefore(certificate.get())),
                     .not_after = timestamp(X509_get0_notAfter(certificate.get()))};
}

std::string certificate_id(std::string_view der) {
  return text::hex(text::sha256(der));
}

bool is_issued_by(std::string_view pem, std::string_view issuer_pem) {
  const CertificatePtr certificate = certificate_from_pem(pem);
  const CertificatePtr issuer = certificate_from_pem(issuer_pem);
  if (!certificate || !issuer) return false;
  EVP_PKEY* key = X509_get0_pubkey(issuer.get());
  const bool issued = key && X509_check_issued(issuer.get(), certificate.get()) == X509_V_OK &&
                      X509_verify(certificate.get(), key) == 1;
  ERR_clear_error();
  return issued;
}

}  // namespace croft::identity
