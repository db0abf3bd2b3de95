#include "app/gateway_files.h"

#include "device/config.h"
#include "text/encoding.h"

namespace croft::app {

namespace {

constexpr std::size_t pem_bytes_max = 256 * 1024, token_bytes_min = 16, token_bytes_max = 1024;

Result<std::string> read(const std::string& path, const char* setting, std::size_t bytes_max) {
  auto text = device::read_file(path, bytes_max);
  if (!text) return Error{"InvalidConfiguration", std::string(setting) + ": " + path + " cannot be read"};
  return text;
}

}  // namespace

Result<std::shared_ptr<net::TlsContext>> gateway_tls(const Config& config, const identity::IssuedCertificate& own) {
  net::TlsContext::Server settings{
      .certificate_pem = own.certificate_pem, .key_pem = own.private_key_pem, .judge = {}, .alpn = {"http/1.1"}};
  if (!config.gateway_certificate.empty()) {
    auto certificate = read(config.gateway_certificate, "gateway-certificate", pem_bytes_max);
    if (!certificate) return certificate.error();
    auto key = read(config.gateway_key, "gateway-key", pem_bytes_max);
    if (!key) return key.error();
    settings.certificate_pem = std::move(*certificate);
    settings.key_pem = std::move(*key);
  }
  auto context = net::TlsContext::server(std::move(settings));
  if (!context && !config.gateway_certificate.empty())
    return Error{context.error().code, config.gateway_certificate + ", " + config.gateway_key + ": " + context.error().message};
  return context;
}

Result<std::string> metrics_token(const Config& config) {
  if (config.metrics_token_file.empty()) return std::string();
  auto text = read(config.metrics_token_file, "metrics-token-file", token_bytes_max);
  if (!text) return text.error();
  std::string token(text::trim(*text));
  if (token.size() < token_bytes_min || token.find_first_of("\r\n\t ") != std::string::npos)
    return Error{"InvalidConfiguration", "metrics-token-file: " + config.metrics_token_file +
                                             " holds no token: one line of 16 bytes or more, without spaces"};
  return token;
}

}  // namespace croft::app
