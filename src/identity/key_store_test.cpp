#include "identity/key_store.h"

#include <gtest/gtest.h>

#include "identity/certificate_authority.h"
#include "identity/openssl_pem.h"

namespace croft::identity {

namespace {

std::string number(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string counted(const std::string& text, int length_bytes) {
  return number(text.size(), length_bytes) + text;
}

// A truststore with one certificate, as the JDK's JavaKeyStore wrote it.
std::string jks_of(const std::string& pem) {
  const std::string der = to_der(*certificate_from_pem(pem));
  return "\xFE\xED\xFE\xED" + number(2, 4) + number(1, 4) + number(2, 4) + counted("ca", 2) + number(0, 8) + counted("X.509", 2) +
         counted(der, 4) + std::string(20, '\0');
}

const std::string& authority_pem() {
  static const std::string pem = CertificateAuthority::ephemeral("").value()->pem();
  return pem;
}

}  // namespace

TEST(KeyStore, ReadsTheCertificatesOfAJks) {
  EXPECT_EQ(read_trust_store(jks_of(authority_pem()), "").value(), authority_pem());
}

TEST(KeyStore, RefusesAJksThatIsCutAnywhere) {
  const std::string whole = jks_of(authority_pem());
  for (std::size_t bytes = 0; bytes + 20 < whole.size(); ++bytes)
    EXPECT_FALSE(read_trust_store(whole.substr(0, bytes), "")) << bytes;
}

TEST(KeyStore, RefusesLengthsBeyondTheFile) {
  const std::string head = "\xFE\xED\xFE\xED" + number(2, 4);
  EXPECT_FALSE(read_trust_store(head + number(UINT32_MAX, 4), ""));
  EXPECT_FALSE(read_trust_store(head + number(1, 4) + number(2, 4) + number(65'535, 2), ""));
}

TEST(KeyStore, ReadsAKeyAndItsCertificateAsPem) {
  const auto authority = CertificateAuthority::ephemeral("").value();
  const IssuedCertificate issued = authority->issue_client("c", Timestamp::now());

  const KeyMaterial read = read_key_store(issued.private_key_pem + issued.certificate_pem, "", "").value();

  EXPECT_EQ(read.private_key_pem, issued.private_key_pem);
  EXPECT_EQ(read.certificates_pem, issued.certificate_pem);
  EXPECT_FALSE(read_key_store(issued.private_key_pem, "", ""));
  EXPECT_FALSE(read_key_store(issued.certificate_pem, "", ""));
}

TEST(KeyStore, RefusesWhatIsNoStore) {
  for (const char* bytes : {"", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "0\x82"}) {
    EXPECT_FALSE(read_trust_store(bytes, "")) << bytes;
    EXPECT_FALSE(read_key_store(bytes, "", "")) << bytes;
  }
}

}  // namespace croft::identity
