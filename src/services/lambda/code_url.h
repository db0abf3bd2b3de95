#pragma once

#include <string>

#include "identity/credentials.h"
#include "net/http.h"
#include "types/timestamp.h"

namespace croft::services {

// Who signs the URL, and where croft is for whom no request tells it.
struct CodeUrlSigner {
  identity::Credentials credentials;
  std::string region;
  std::string gateway_url;
};

// Where whoever sent `request` downloads what is at `path`, without signing: AWS's Code.Location is good for ten minutes.
// Source: AWS Lambda API reference, FunctionCodeLocation.
std::string presigned_code_url(const CodeUrlSigner& signer, const net::HttpRequest& request, const std::string& path,
                               Timestamp now);

}  // namespace croft::services
