#include "identity/key_store.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <algorithm>
#include <cstring>

#include "identity/openssl_pem.h"
#include "text/encoding.h"

namespace croft::identity {

namespace {

Error invalid(std::string why) {
  return {"InvalidKeyStore", std::move(why)};
}

using Pkcs12Ptr = std::unique_ptr<PKCS12, Freed<PKCS12_free>>;

struct StackFree {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), StackFree>;

struct Contents {
  KeyPtr key;
  CertificatePtr certificate;  // that of the key
  StackPtr others;
};

Result<Contents> read_pkcs12(std::string_view bytes, const std::string& password) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const Pkcs12Ptr store(d2i_PKCS12(nullptr, &at, static_cast<long>(bytes.size())));
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  const bool is_read = store && PKCS12_parse(store.get(), password.c_str(), &key, &certificate, &others) == 1;
  const bool was_store = store != nullptr;
  ERR_clear_error();
  if (!is_read)
    return invalid(was_store ? "its password is wrong, or it is encrypted with an outdated cipher"
                             : "it is neither PKCS #12, JKS nor PEM");
  return Contents{KeyPtr(key), CertificatePtr(certificate), StackPtr(others)};
}

std::string all_of(const Contents& contents) {
  std::string pem = contents.certificate ? to_pem(*contents.certificate) : std::string();
  for (int i = 0; i < sk_X509_num(contents.others.get()); ++i) pem += to_pem(*sk_X509_value(contents.others.get(), i));
  return pem;
}

bool is_pem(std::string_view bytes) {
  return bytes.find("-----BEGIN ") != std::string_view::npos;
}

// --- JKS: big-endian; magic, version, count, then entries. Source: the JDK's JavaKeyStore. ---

constexpr std::string_view jks_magic = "\xFE\xED\xFE\xED";
constexpr std::uint32_t trusted_certificate = 2;
constexpr std::uint32_t jks_entries_max = 10'000;

class JksReader {
 public:
  explicit JksReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number(std::size_t bytes) {
    const std::string_view taken = take(bytes);
    std::uint64_t value = 0;
    for (const char c : taken) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  // Of a length that stands before it in so many bytes.
  std::string_view counted(std::size_t length_bytes) { return take(number(length_bytes)); }
  bool is_good() const { return is_good_; }

 private:
  std::string_view take(std::uint64_t bytes) {
    if (bytes > rest_.size()) {
      is_good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

Result<std::string> read_jks(std::string_view bytes) {
  JksReader in(bytes.substr(jks_magic.size()));
  const std::uint64_t version = in.number(4), count = in.number(4);
  if (!in.is_good() || version != 2 || count > jks_entries_max) return invalid("it is a JKS file of an unknown version");
  std::string pem;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (in.number(4) != trusted_certificate)
      return invalid("a JKS file with keys is not supported; make it PKCS #12 with keytool");
    in.counted(2);  // alias
    in.number(8);   // date
    in.counted(2);  // X.509
    const std::string_view der = in.counted(4);
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const CertificatePtr certificate(in.is_good() ? d2i_X509(nullptr, &at, static_cast<long>(der.size())) : nullptr);
    ERR_clear_error();
    if (!certificate) return invalid("it is a damaged JKS file");
    pem += to_pem(*certificate);
  }
  return pem;
}

// --- PEM ---

int give_password(char* into, int size, int, void* given) {
  const auto& password = *static_cast<const std::string*>(given);
  if (password.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(into, password.data(), password.size());
  return static_cast<int>(password.size());
}

Result<KeyMaterial> read_pem(std::string_view bytes, std::string password) {
  const BioPtr bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_password, &password));
  const std::size_t certificates = bytes.find("-----BEGIN CERTIFICATE-----");
  ERR_clear_error();
  if (!key) return invalid("there is no private key in it, or its password is wrong");
  if (certificates == std::string_view::npos || !certificate_from_pem(bytes.substr(certificates)))
    return invalid("there is no certificate in it");
  std::string chain;
  for (std::size_t at = certificates; at != std::string_view::npos; at = bytes.find("-----BEGIN CERTIFICATE-----", at + 1))
    if (const CertificatePtr certificate = certificate_from_pem(bytes.substr(at))) chain += to_pem(*certificate);
  return KeyMaterial{private_pem(*key), std::move(chain)};
}

}  // namespace

Result<std::string> read_trust_store(std::string_view bytes, const std::string& password) {
  std::string pem;
  if (is_pem(bytes)) {
    pem = bytes;
    if (!certificate_from_pem(bytes.substr(std::min(bytes.find("-----BEGIN CERTIFICATE-----"), bytes.size())))) pem.clear();
  } else if (bytes.starts_with(jks_magic)) {
    auto read = read_jks(bytes);
    if (!read) return read.error();
    pem = std::move(*read);
  } else {
    auto contents = read_pkcs12(bytes, password);
    if (!contents) return contents.error();
    pem = all_of(*contents);
  }
  if (pem.empty()) return invalid("there is no certificate in it");
  return pem;
}

Result<KeyMaterial> read_key_store(std::string_view bytes, const std::string& store_password, const std::string& key_password) {
  if (is_pem(bytes)) return read_pem(bytes, key_password);
  if (bytes.starts_with(jks_magic)) return invalid("a JKS file with keys is not supported; make it PKCS #12 with keytool");
  auto contents = read_pkcs12(bytes, store_password);
  if (!contents) return contents.error();
  if (!contents->key || !contents->certificate) return invalid("there is no private key with its certificate in it");
  return KeyMaterial{private_pem(*contents->key), all_of(*contents)};
}

}  // namespace croft::identity
