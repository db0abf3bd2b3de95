#include "services/lambda/code_url.h"

#include "gateway/request_origin.h"
#include "identity/sigv4.h"

namespace croft::services {

std::string presigned_code_url(const CodeUrlSigner& signer, const net::HttpRequest& request, const std::string& path,
                               Timestamp now) {
  constexpr std::int64_t life_s = 600;
  const std::string origin = gateway::origin_of(request, signer.gateway_url);
  const std::size_t scheme = origin.find("://");
  const std::string host = scheme == std::string::npos ? "" : origin.substr(scheme + 3);
  const net::HttpRequest download{.method = "GET", .path = path, .headers = {{"host", host}}};
  const identity::Signing signing{signer.credentials, signer.region, "lambda", now};
  return origin + path + "?" + identity::presigned_query(download, signing, life_s);
}

}  // namespace croft::services
