#include "identity/certificate_authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "identity/certificate.h"
#include "identity/certificate_builder.h"
#include "identity/openssl_pem.h"

namespace croft::identity {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "croft-ca-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_mode & 0777;
}

std::string request(EVP_PKEY* key, EVP_PKEY* signer) {
  const RequestPtr request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key);
  X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("lamp"), -1, -1, 0);
  X509_REQ_sign(request.get(), signer, EVP_sha256());
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(bio.get(), request.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

const Timestamp now{1'795'000'000'000};  // November 2026

std::unique_ptr<CertificateAuthority> authority() {
  return CertificateAuthority::ephemeral("").value();
}

}  // namespace

TEST(CertificateAuthority, IsCreatedOnceAndKeptWithItsKeyPrivate) {
  const Folder folder;

  const std::string first = CertificateAuthority::open(folder.path()).value()->pem();
  const std::string second = CertificateAuthority::open(folder.path()).value()->pem();

  EXPECT_EQ(first, second);
  EXPECT_EQ(text_of(folder.file("ca.pem")), first);
  EXPECT_EQ(mode_of(folder.file("ca.pem")), 0644u);
  EXPECT_EQ(mode_of(folder.file("ca.key")), 0600u);
}

TEST(CertificateAuthority, RefusesAFolderThatLostOneOfItsFiles) {
  const Folder folder;
  ASSERT_TRUE(CertificateAuthority::open(folder.path()));
  std::filesystem::remove(folder.file("ca.key"));

  const auto opened = CertificateAuthority::open(folder.path());

  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("ca.key is missing"));
}

TEST(CertificateAuthority, RefusesAnEmptyFileAndAForeignKey) {
  const Folder folder, other;
  ASSERT_TRUE(CertificateAuthority::open(folder.path()));
  ASSERT_TRUE(CertificateAuthority::open(other.path()));
  std::filesystem::copy_file(other.file("ca.key"), folder.file("ca.key"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(CertificateAuthority::open(folder.path()).error().message, HasSubstr("is not the key of"));

  std::ofstream(folder.file("ca.pem")).flush();
  EXPECT_THAT(CertificateAuthority::open(folder.path()).error().message, HasSubstr("is not a certificate"));
}

TEST(CertificateAuthority, AnEphemeralOneWritesItsCertificateForClients) {
  const Folder folder;

  const auto authority = CertificateAuthority::ephemeral(folder.file("ca.pem")).value();

  EXPECT_EQ(text_of(folder.file("ca.pem")), authority->pem());
  EXPECT_EQ(authority->pem().back(), '\n');
}

TEST(CertificateAuthority, IssuesClientCertificatesInTheFormsOfAws) {
  const auto ca = authority();

  const IssuedCertificate issued = ca->issue_client("AWS IoT Certificate", now);

  EXPECT_THAT(issued.private_key_pem, StartsWith("-----BEGIN RSA PRIVATE KEY-----"));
  EXPECT_THAT(issued.public_key_pem, StartsWith("-----BEGIN PUBLIC KEY-----"));
  EXPECT_TRUE(is_issued_by(issued.certificate_pem, ca->pem()));
  EXPECT_FALSE(is_issued_by(issued.certificate_pem, authority()->pem()));
  const Certificate certificate = read_certificate(issued.certificate_pem).value();
  EXPECT_EQ(certificate.not_after.ms, 2524607999000);
  EXPECT_LT(certificate.not_before.ms, now.ms);
  EXPECT_THAT(certificate.id, testing::MatchesRegex("[0-9a-f]{64}"));
}

TEST(CertificateAuthority, SignsARequestWithItsOwnKeyAndSubject) {
  const KeyPtr key = new_ec_key();

  const IssuedCertificate issued = authority()->issue_from_request(request(key.get(), key.get()), now).value();

  EXPECT_EQ(issued.private_key_pem, "");
  EXPECT_EQ(issued.public_key_pem, public_pem(*key));
  PolicyVariables variables;
  set_certificate_variables(issued.certificate_pem, variables);
  EXPECT_THAT(*variables.find(PolicyVariables::normal("iot:Certificate.Subject.CommonName")), ElementsAre("lamp"));
  EXPECT_THAT(*variables.find("iot:certificateid"), ElementsAre(read_certificate(issued.certificate_pem)->id));
}

TEST(CertificateAuthority, RefusesRequestsWithWeakKeysForeignSignaturesOrNoise) {
  const auto ca = authority();
  const KeyPtr key = new_ec_key(), other = new_ec_key();
  const KeyPtr weak(EVP_RSA_gen(1024));

  EXPECT_FALSE(ca->issue_from_request(request(weak.get(), weak.get()), now));
  EXPECT_FALSE(ca->issue_from_request(request(key.get(), other.get()), now));
  EXPECT_FALSE(ca->issue_from_request("", now));
  EXPECT_FALSE(
      ca->issue_from_request("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", now));
  EXPECT_EQ(ca->issue_from_request(std::string(5000, 'x'), now).error().code, "InvalidRequestException");
}

TEST(CertificateAuthority, KeepsTheServerCertificateUntilNamesChangeOrItIsNearlyOver) {
  const Folder folder;
  const auto ca = CertificateAuthority::open(folder.path()).value();
  const std::string first = ca->server({"localhost", "croft.local"}, {"127.0.0.1", "::1"}, now)->certificate_pem;
  const std::int64_t day = 24ll * 3600 * 1000;

  EXPECT_EQ(ca->server({"localhost", "croft.local"}, {"127.0.0.1", "::1"}, now)->certificate_pem, first);
  EXPECT_EQ(ca->server({"localhost", "croft.local"}, {"127.0.0.1", "::1"}, {now.ms + 366 * day})->certificate_pem,
            first);
  EXPECT_NE(ca->server({"localhost", "croft.local"}, {"127.0.0.1", "::1"}, {now.ms + 368 * day})->certificate_pem,
            first);
  EXPECT_NE(ca->server({"localhost"}, {"127.0.0.1"}, now)->certificate_pem, first);
  EXPECT_EQ(mode_of(folder.file("server.key")), 0600u);
}

TEST(CertificateAuthority, ReplacesAServerCertificateOfAnotherAuthority) {
  const Folder folder, other;
  const auto ca = CertificateAuthority::open(folder.path()).value();
  const std::string foreign =
      CertificateAuthority::open(other.path()).value()->server({"a"}, {}, now)->certificate_pem;
  for (const char* name : {"server.pem", "server.key"}) {
    std::filesystem::copy_file(other.file(name), folder.file(name));
  }

  const IssuedCertificate issued = ca->server({"a"}, {}, now).value();

  EXPECT_NE(issued.certificate_pem, foreign);
  EXPECT_TRUE(is_issued_by(issued.certificate_pem, ca->pem()));
}

TEST(Certificate, TextThatIsNoCertificateIsACertificateValidationException) {
  for (const char* pem : {"", "x", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"}) {
    const auto certificate = read_certificate(pem);

    ASSERT_FALSE(certificate);
    EXPECT_EQ(certificate.error().code, "CertificateValidationException");
  }
}

TEST(Certificate, ValuesThatCouldActAsWildcardsAreNoVariables) {
  const auto ca = authority();
  PolicyVariables variables;

  set_certificate_variables(ca->issue_client("plant/+/x", now).certificate_pem, variables);

  EXPECT_FALSE(variables.find(PolicyVariables::normal("iot:Certificate.Subject.CommonName")));
  EXPECT_TRUE(variables.find(PolicyVariables::normal("iot:Certificate.Issuer.CommonName")));
}

}  // namespace croft::identity
