#include "net/http_client.h"

#include <future>

#include "net/connector.h"
#include "net/http_codec.h"

namespace croft::net {

namespace {

struct Url {
  std::string host;
  std::uint16_t port = 80;
  std::string path = "/";
  std::string query;
};

Result<Url> parse_url(std::string_view text) {
  constexpr std::string_view scheme = "http://";
  const Error invalid{"InvalidUrl", "'" + std::string(text) + "' is not a URL of the form http://host:port/path"};
  if (!text.starts_with(scheme)) return invalid;
  text.remove_prefix(scheme.size());
  Url url;
  const std::size_t slash = text.find_first_of("/?");
  std::string_view authority = text.substr(0, slash);
  if (slash != std::string_view::npos) {
    std::string_view target = text.substr(slash);
    const std::size_t mark = target.find('?');
    if (mark != 0) url.path = target.substr(0, mark);
    if (mark != std::string_view::npos) url.query = target.substr(mark + 1);
  }
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    const std::string digits(authority.substr(colon + 1));
    const long port = std::strtol(digits.c_str(), nullptr, 10);
    if (digits.empty() || port < 1 || port > 65535) return invalid;
    url.port = static_cast<std::uint16_t>(port);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) return invalid;
  url.host = authority;
  return url;
}

Task<void> abort_later(std::shared_ptr<Transport> transport, std::chrono::milliseconds timeout, std::shared_ptr<bool> done) {
  co_await sleep_for(timeout);
  if (!*done) transport->abort();
}

Task<Result<HttpResponse>> exchange(Transport& transport, const HttpRequest& request, const std::string& url) {
  const std::string bytes_out = encode_request(request, url);
  transport.send(bytes_out);
  HttpDecoder decoder(HttpDecoder::Side::client);
  if (request.method == "HEAD") decoder.expect_no_body();
  std::vector<char> scratch(16 * 1024);
  for (;;) {
    const std::span<const char> bytes = co_await transport.read(scratch);
    if (bytes.empty()) decoder.end_of_stream();
    else decoder.feed(bytes);
    if (decoder.is_complete()) co_return decoder.take_response();
    if (bytes.empty() || decoder.fault()) co_return Error{"InvalidResponse", "no complete HTTP answer from " + url};
  }
}

Task<Result<HttpResponse>> request_on(Shard& shard, HttpRequest request, Url url, std::chrono::milliseconds timeout) {
  auto connected = co_await connect(shard, url.host, url.port, nullptr, timeout);
  if (!connected) co_return connected.error();
  auto transport = std::make_shared<Transport>(std::move(*connected));
  auto done = std::make_shared<bool>(false);
  if (timeout.count() > 0) shard.spawn(abort_later(transport, timeout, done));
  const std::string authority = url.host + ":" + std::to_string(url.port);
  auto response = co_await exchange(*transport, request, authority);
  *done = true;
  transport->abort();
  co_return response;
}

Task<void> run_blocking(Shard& shard, HttpRequest request, Url url, std::chrono::milliseconds timeout,
                        std::promise<Result<HttpResponse>>& result) {
  auto response = co_await request_on(shard, std::move(request), std::move(url), timeout);
  result.set_value(std::move(response));
}

}  // namespace

Task<Result<HttpResponse>> http_request(Shard& shard, std::string method, std::string url, Headers headers, std::string body,
                                        std::chrono::milliseconds timeout) {
  auto parsed = parse_url(url);
  if (!parsed) co_return parsed.error();
  HttpRequest request;
  request.method = std::move(method);
  request.path = parsed->path;
  request.query = parsed->query;
  request.headers = std::move(headers);
  request.body = std::move(body);
  auto response = co_await request_on(shard, std::move(request), std::move(*parsed), timeout);
  co_return response;
}

Result<HttpResponse> http_request_blocking(std::string method, std::string url, Headers headers, std::string body,
                                           std::chrono::milliseconds timeout) {
  auto parsed = parse_url(url);
  if (!parsed) return parsed.error();
  HttpRequest request;
  request.method = std::move(method);
  request.path = parsed->path;
  request.query = parsed->query;
  request.headers = std::move(headers);
  request.body = std::move(body);
  std::promise<Result<HttpResponse>> result;
  Shard shard(0, "http");
  shard.spawn(run_blocking(shard, std::move(request), std::move(*parsed), timeout, result));
  shard.start();
  return result.get_future().get();
}

}  // namespace croft::net
