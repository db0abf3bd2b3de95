#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "identity/certificate_authority.h"
#include "net/tls.h"

namespace croft::app {

// What the gateway presents over TLS: the files that the configuration names, else `own`. Errors: TlsConfiguration,
// InvalidConfiguration; they name the file.
Result<std::shared_ptr<net::TlsContext>> gateway_tls(const Config& config, const identity::IssuedCertificate& own);

// The token that lets /metrics be read; "" when the configuration names no file. InvalidConfiguration for a file that cannot be
// read, or holds fewer than 16 bytes or anything but one line.
Result<std::string> metrics_token(const Config& config);

}  // namespace croft::app
