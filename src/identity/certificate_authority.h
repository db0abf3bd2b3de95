#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "types/result.h"
#include "types/timestamp.h"

namespace croft::identity {

struct IssuedCertificate {
  std::string certificate_pem;
  std::string private_key_pem;  // "" when the key stayed with the applicant; never logged
  std::string public_key_pem;
};

// croft's own certificate authority: devices trust ca.pem, and croft trusts what this key signed or what was
// registered. An ECDSA P-256 key, valid until the date AWS gives its device certificates.
//
// Threads: any, immutable once made. issue_client takes 50-200 ms (an RSA key is searched): call it on the Pool.
class CertificateAuthority {
 public:
  // The authority in `folder` (ca.pem 0644, ca.key 0600); created when neither file exists. Errors:
  // CertificateAuthorityFailure, with a sentence for the terminal, when a file is missing, unreadable or does not
  // fit the other: a half-lost authority is never replaced silently.
  static Result<std::unique_ptr<CertificateAuthority>> open(const std::string& folder);
  // One that ends with the process. `pem_path` ("" for nowhere) receives its certificate for clients.
  static Result<std::unique_ptr<CertificateAuthority>> ephemeral(const std::string& pem_path);
  ~CertificateAuthority();

  const std::string& pem() const { return pem_; }

  // For croft's TLS listeners: ECDSA P-256, valid 397 days, for the host names and IP addresses given. The same
  // certificate is kept in the folder and returned again while names and issuer are the same and 30 days are left.
  Result<IssuedCertificate> server(const std::vector<std::string>& names, const std::vector<std::string>& addresses,
                                   Timestamp now) const;

  // A fresh RSA 2048 key and its certificate, as CreateKeysAndCertificate returns them (PKCS#1 private key).
  IssuedCertificate issue_client(std::string_view common_name, Timestamp now) const;

  // For a certificate signing request in PEM form: RSA of 2048 bits or more, or ECDSA on P-256, P-384 or P-521.
  // Errors: InvalidRequestException.
  Result<IssuedCertificate> issue_from_request(std::string_view request_pem, Timestamp now) const;

 private:
  struct Identity;  // the key and the parsed certificate
  CertificateAuthority(std::string folder, std::unique_ptr<Identity> identity, std::string pem);
  static std::unique_ptr<CertificateAuthority> create(const std::string& folder, Timestamp now);

  std::string folder_;  // "" when ephemeral
  std::unique_ptr<Identity> identity_;
  std::string pem_;
};

}  // namespace croft::identity
