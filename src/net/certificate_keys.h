#pragma once

namespace croft::net {

// Makes OpenSSL 3 read the RSA keys of certificates directly. By default it builds a decoder for each certificate
// that it reads, out of all that its providers offer, which is a quarter of a TLS handshake and a third of a resumed
// one. It does not where an engine has methods for the key's type (crypto/x509/x_pubkey.c, x509_pubkey_decode), so
// this registers one that gives OpenSSL's own. For the whole process; again does nothing. Threads: any.
void read_certificate_keys_directly();

}  // namespace croft::net
