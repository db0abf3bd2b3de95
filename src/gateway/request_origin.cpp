#include "gateway/request_origin.h"

#include <algorithm>

#include "gateway/limits.h"

namespace croft::gateway {

namespace {

constexpr std::string_view letters_and_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool consists_of(std::string_view text, std::string_view letters) {
  return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

bool is_name(std::string_view text) {
  static const std::string letters = std::string(letters_and_digits) + "-._";
  return consists_of(text, letters) && text.front() != '.' && text.front() != '-';
}

bool is_v6_address(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         consists_of(text.substr(1, text.size() - 2), "0123456789abcdefABCDEF:.");
}

bool is_port(std::string_view text) {
  constexpr std::size_t digits_max = 5;
  if (!consists_of(text, "0123456789") || text.size() > digits_max) return false;
  const int port = std::stoi(std::string(text));
  return port > 0 && port <= 0xffff;
}

}  // namespace

bool is_host_and_port(std::string_view text) {
  if (text.size() > host_bytes_max) return false;
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const std::size_t colon = text.find(':', bracket);
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) return false;
  const std::string_view host = text.substr(0, colon);
  return is_name(host) || is_v6_address(host);
}

std::string origin_of(const net::HttpRequest& request, const std::string& otherwise) {
  const std::string* host = request.header("host");
  const auto is_host = [](const auto& header) { return header.first == "host"; };
  const bool is_one = std::count_if(request.headers.begin(), request.headers.end(), is_host) == 1;
  if (!is_one || !is_host_and_port(*host)) return otherwise;
  return (request.peer.tls ? "https://" : "http://") + *host;
}

}  // namespace croft::gateway
