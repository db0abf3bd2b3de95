// OpenSSL's objects as owned values, and PEM in and out of them. Only for the certificate files of this folder.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace croft::identity {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Freed<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, Freed<X509_REQ_free>>;
using NamePtr = std::unique_ptr<X509_NAME, Freed<X509_NAME_free>>;
using BioPtr = std::unique_ptr<BIO, Freed<BIO_free_all>>;

// Null when the text holds no such thing. A key is never asked a pass phrase for.
CertificatePtr certificate_from_pem(std::string_view pem);
RequestPtr request_from_pem(std::string_view pem);
KeyPtr key_from_pem(std::string_view pem);

std::string to_pem(const X509& certificate);
std::string private_pem(const EVP_PKEY& key);  // the traditional form: RSA PRIVATE KEY, EC PRIVATE KEY
std::string public_pem(const EVP_PKEY& key);
std::string to_der(const X509& certificate);

}  // namespace croft::identity
