#include "identity/certificate_authority.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>

#include "identity/certificate.h"
#include "identity/certificate_builder.h"
#include "identity/key_files.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::identity {

namespace {

constexpr std::int64_t day_ms = 24ll * 3600 * 1000;
constexpr std::int64_t server_days = 397;  // the most that public clients accept of a server
constexpr std::int64_t server_renewal_days = 30;
constexpr std::int64_t clock_slack_ms = 3600 * 1000;  // devices wake up with clocks that are behind
constexpr std::size_t request_bytes_max = 4096;       // CertificateSigningRequest in the IoT API model

// Source: AWS IoT developer guide, "X.509 client certificates": those AWS issues end then.
const Timestamp last_moment{2524607999000};  // 2049-12-31T23:59:59Z

Timestamp from(Timestamp now) {
  return {now.ms - clock_slack_ms};
}

Error invalid_request(std::string message) {
  return {"InvalidRequestException", std::move(message), 400};
}

bool is_accepted_key(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return EVP_PKEY_get_bits(key) >= 2048;
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return false;
  char group[64] = "";
  EVP_PKEY_get_group_name(key, group, sizeof group, nullptr);
  const std::string_view name = group;
  return name == "prime256v1" || name == "secp384r1" || name == "secp521r1";
}

// Whether the certificate is for exactly these names and addresses.
bool is_for(const X509& certificate, const std::vector<std::string>& names,
            const std::vector<std::string>& addresses) {
  auto* all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  const int count = all ? sk_GENERAL_NAME_num(all) : 0;
  GENERAL_NAMES_free(all);
  if (static_cast<std::size_t>(count) != names.size() + addresses.size()) return false;
  auto* mutable_certificate = const_cast<X509*>(&certificate);  // the checks take it so, and only read
  return std::all_of(names.begin(), names.end(),
                     [&](const std::string& name) {
                       return X509_check_host(mutable_certificate, name.data(), name.size(), 0, nullptr) == 1;
                     }) &&
         std::all_of(addresses.begin(), addresses.end(), [&](const std::string& address) {
           return X509_check_ip_asc(mutable_certificate, address.c_str(), 0) == 1;
         });
}

}  // namespace

struct CertificateAuthority::Identity {
  KeyPtr key;
  CertificatePtr certificate;

  Issuer issuer() const { return {certificate.get(), key.get()}; }
};

CertificateAuthority::CertificateAuthority(std::string folder, std::unique_ptr<Identity> identity, std::string pem)
    : folder_(std::move(folder)), identity_(std::move(identity)), pem_(std::move(pem)) {}

CertificateAuthority::~CertificateAuthority() = default;

std::unique_ptr<CertificateAuthority> CertificateAuthority::create(const std::string& folder, Timestamp now) {
  KeyPtr key = new_ec_key();
  const Issuer self{nullptr, key.get()};
  CertificateBuilder builder(*key, from(now), last_moment);
  // A part of its own in the name lets a trust store hold the authorities of several croft side by side.
  builder.common_name("croft CA " + text::hex(text::random_bytes(4)));
  builder.extension(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", self);
  builder.extension(NID_key_usage, "critical,keyCertSign,cRLSign", self);
  builder.extension(NID_subject_key_identifier, "hash", self);
  CertificatePtr certificate = builder.sign(self);
  std::string pem = to_pem(*certificate);
  auto identity = std::make_unique<Identity>(Identity{std::move(key), std::move(certificate)});
  return std::unique_ptr<CertificateAuthority>(new CertificateAuthority(folder, std::move(identity), std::move(pem)));
}

Result<std::unique_ptr<CertificateAuthority>> CertificateAuthority::open(const std::string& folder) {
  ::mkdir(folder.c_str(), 0755);
  const std::string pem_path = folder + "/ca.pem", key_path = folder + "/ca.key";
  auto pem = read_pem_file(pem_path);
  if (!pem) return pem.error();
  auto key_pem = read_pem_file(key_path);
  if (!key_pem) return key_pem.error();

  if (!*pem && !*key_pem) {
    auto created = create(folder, Timestamp::now());
    auto key_written = write_pem_file(key_path, private_pem(*created->identity_->key), 0600);
    if (!key_written) return key_written.error();
    auto written = write_pem_file(pem_path, created->pem_, 0644);
    if (!written) return written.error();
    return created;
  }
  if (!*pem) return certificate_authority_failure(pem_path + " is missing although " + key_path + " exists");
  if (!*key_pem) return certificate_authority_failure(key_path + " is missing although " + pem_path + " exists");
  auto identity = std::make_unique<Identity>(Identity{key_from_pem(**key_pem), certificate_from_pem(**pem)});
  if (!identity->key) return certificate_authority_failure(key_path + " is not a private key in PEM form");
  if (!identity->certificate) return certificate_authority_failure(pem_path + " is not a certificate in PEM form");
  if (X509_check_private_key(identity->certificate.get(), identity->key.get()) != 1) {
    ERR_clear_error();
    return certificate_authority_failure(key_path + " is not the key of " + pem_path);
  }
  std::string canonical = to_pem(*identity->certificate);
  return std::unique_ptr<CertificateAuthority>(
      new CertificateAuthority(folder, std::move(identity), std::move(canonical)));
}

Result<std::unique_ptr<CertificateAuthority>> CertificateAuthority::ephemeral(const std::string& pem_path) {
  auto created = create("", Timestamp::now());
  if (pem_path.empty()) return created;
  auto written = write_pem_file(pem_path, created->pem_, 0644);
  if (!written) return written.error();
  return created;
}

Result<IssuedCertificate> CertificateAuthority::server(const std::vector<std::string>& names,
                                                       const std::vector<std::string>& addresses,
                                                       Timestamp now) const {
  const std::string pem_path = folder_ + "/server.pem", key_path = folder_ + "/server.key";
  if (!folder_.empty()) {
    auto pem = read_pem_file(pem_path);
    if (!pem) return pem.error();
    auto key_pem = read_pem_file(key_path);
    if (!key_pem) return key_pem.error();
    const CertificatePtr kept = certificate_from_pem(pem->value_or(""));
    const KeyPtr key = key_from_pem(key_pem->value_or(""));
    const bool usable = kept && key && X509_check_private_key(kept.get(), key.get()) == 1 &&
                        is_issued_by(pem->value(), pem_) && is_for(*kept, names, addresses);
    ERR_clear_error();
    if (usable && read_certificate(pem->value()).value().not_after.ms >= now.ms + server_renewal_days * day_ms) {
      return IssuedCertificate{to_pem(*kept), private_pem(*key), public_pem(*key)};
    }
  }
  const Issuer issuer = identity_->issuer();
  const KeyPtr key = new_ec_key();
  CertificateBuilder builder(*key, from(now), {now.ms + server_days * day_ms});
  builder.common_name("croft server");
  builder.extension(NID_basic_constraints, "critical,CA:FALSE", issuer);
  builder.extension(NID_key_usage, "critical,digitalSignature", issuer);
  builder.extension(NID_ext_key_usage, "serverAuth", issuer);
  builder.extension(NID_subject_key_identifier, "hash", issuer);
  builder.extension(NID_authority_key_identifier, "keyid", issuer);
  builder.alternative_names(names, addresses);
  IssuedCertificate issued{to_pem(*builder.sign(issuer)), private_pem(*key), public_pem(*key)};
  if (folder_.empty()) return issued;

  auto key_written = write_pem_file(key_path, issued.private_key_pem, 0600);
  if (!key_written) return key_written.error();
  auto written = write_pem_file(pem_path, issued.certificate_pem, 0644);
  if (!written) return written.error();
  return issued;
}

namespace {

CertificatePtr sign_client(CertificateBuilder& builder, const Issuer& issuer) {
  builder.extension(NID_basic_constraints, "critical,CA:FALSE", issuer);
  builder.extension(NID_key_usage, "critical,digitalSignature", issuer);
  builder.extension(NID_subject_key_identifier, "hash", issuer);
  builder.extension(NID_authority_key_identifier, "keyid", issuer);
  return builder.sign(issuer);
}

}  // namespace

IssuedCertificate CertificateAuthority::issue_client(std::string_view common_name, Timestamp now) const {
  const KeyPtr key = new_rsa_key();
  CertificateBuilder builder(*key, from(now), last_moment);
  builder.common_name(common_name);
  const CertificatePtr certificate = sign_client(builder, identity_->issuer());
  return {to_pem(*certificate), private_pem(*key), public_pem(*key)};
}

Result<IssuedCertificate> CertificateAuthority::issue_from_request(std::string_view request_pem,
                                                                   Timestamp now) const {
  if (request_pem.size() > request_bytes_max) return invalid_request("The certificate signing request is too long.");
  const RequestPtr request = request_from_pem(request_pem);
  EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
  if (!key) return invalid_request("The certificate signing request is not a PKCS#10 request in PEM form.");
  if (!is_accepted_key(key)) {
    return invalid_request("The key must be RSA of at least 2048 bits, or ECC on NIST P-256, P-384 or P-521.");
  }
  const bool is_signed = X509_REQ_verify(request.get(), key) == 1;
  ERR_clear_error();
  if (!is_signed) return invalid_request("The signature of the certificate signing request is invalid.");

  CertificateBuilder builder(*key, from(now), last_moment);
  builder.subject(*X509_REQ_get_subject_name(request.get()));
  const CertificatePtr certificate = sign_client(builder, identity_->issuer());
  return IssuedCertificate{to_pem(*certificate), "", public_pem(*key)};
}

}  // namespace croft::identity
