#pragma once

#include <string>
#include <string_view>

#include "identity/policy_variables.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::identity {

// What the registry keeps of an X.509 certificate.
struct Certificate {
  std::string id;   // SHA-256 of the DER bytes, 64 lower-case hex digits: the last part of AWS's certificate ARN
  std::string pem;  // written anew, so equal certificates have equal text
  Timestamp not_before;
  Timestamp not_after;
};

// The first certificate in `pem`. Errors: CertificateValidationException.
Result<Certificate> read_certificate(std::string_view pem);

// The id of a certificate as TLS hands it over.
std::string certificate_id(std::string_view der);

// Whether `issuer_pem` signed `pem`. False also when one of them cannot be read.
bool is_issued_by(std::string_view pem, std::string_view issuer_pem);

// Sets iot:CertificateId and the iot:Certificate.* variables that the certificate has. Values with `*`, `$`, `+`, `?`
// or
// `#`, values over 1024 bytes and more than five of one name are left out, as AWS does.
// Source: AWS IoT developer guide, "X.509 certificate AWS IoT Core policy variables".
void set_certificate_variables(std::string_view pem, PolicyVariables& variables);

}  // namespace croft::identity
