#include "identity/openssl_pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "types/assert.h"

namespace croft::identity {

namespace {

// Keeps OpenSSL from prompting on the terminal.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

BioPtr reader(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

CertificatePtr certificate_from_pem(std::string_view pem) {
  const BioPtr bio = reader(pem);
  CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  return certificate;
}

RequestPtr request_from_pem(std::string_view pem) {
  const BioPtr bio = reader(pem);
  RequestPtr request(PEM_read_bio_X509_REQ(bio.get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  return request;
}

KeyPtr key_from_pem(std::string_view pem) {
  const BioPtr bio = reader(pem);
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  return key;
}

std::string to_pem(const X509& certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CROFT_ASSERT(PEM_write_bio_X509(bio.get(), &certificate) == 1);
  return text_of(*bio);
}

std::string private_pem(const EVP_PKEY& key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  CROFT_ASSERT(PEM_write_bio_PrivateKey_traditional(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(*bio);
}

std::string public_pem(const EVP_PKEY& key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CROFT_ASSERT(PEM_write_bio_PUBKEY(bio.get(), &key) == 1);
  return text_of(*bio);
}

std::string to_der(const X509& certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(&certificate, &bytes);
  CROFT_ASSERT(size > 0);
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace croft::identity
