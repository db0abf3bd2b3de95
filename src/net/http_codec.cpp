#include "net/http_codec.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/limits.h"
#include "text/encoding.h"
#include "types/assert.h"

namespace croft::net {

namespace beast = boost::beast;
namespace http = boost::beast::http;

const std::string* header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (key == name) return &value;
  return nullptr;
}

namespace {

template <class Parser>
void prepare(Parser& parser, std::size_t body_bytes_max, std::size_t header_bytes_max) {
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(header_bytes_max));
  parser.body_limit(body_bytes_max);
}

int status_of(const beast::error_code& failure) {
  if (failure == http::error::header_limit) return 431;
  if (failure == http::error::body_limit || failure == http::error::buffer_overflow) return 413;
  return 400;
}

template <class Fields>
Headers headers_of(const Fields& fields) {
  Headers headers;
  for (const auto& field : fields) {
    const auto name = field.name_string();
    const auto value = field.value();
    headers.emplace_back(text::lower({name.data(), name.size()}), std::string(value.data(), value.size()));
  }
  return headers;
}

template <class Parser>
std::size_t put(Parser& parser, std::span<const char> bytes, beast::error_code& failure) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !parser.is_done()) {
    const std::size_t n = parser.put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), failure);
    taken += n;
    if (failure || n == 0) break;
  }
  return taken;
}

}  // namespace

struct HttpDecoder::Impl {
  std::optional<http::request_parser<http::string_body>> request;
  std::optional<http::response_parser<http::string_body>> response;
  std::string unparsed;  // the start of a line or chunk header whose end was not received yet
  beast::error_code failure;
  bool started = false;
  bool told_to_continue = false;
  std::size_t body_bytes_max = limits::http_body_bytes_max;
  std::size_t header_bytes_max = limits::http_header_bytes_max;

  void reset(Side side) {
    started = told_to_continue = false;
    if (side == Side::server) {
      request.emplace();
      prepare(*request, body_bytes_max, header_bytes_max);
    } else {
      response.emplace();
      prepare(*response, body_bytes_max, header_bytes_max);
    }
  }
  std::size_t put_any(std::span<const char> bytes) {
    return request ? put(*request, bytes, failure) : put(*response, bytes, failure);
  }
};

HttpDecoder::HttpDecoder(Side side, std::size_t body_bytes_max, std::size_t header_bytes_max)
    : impl_(std::make_unique<Impl>()), side_(side) {
  impl_->body_bytes_max = body_bytes_max;
  impl_->header_bytes_max = header_bytes_max;
  impl_->reset(side);
}
HttpDecoder::~HttpDecoder() = default;

std::size_t HttpDecoder::feed(std::span<const char> bytes) {
  if (impl_->failure || is_complete() || bytes.empty()) return 0;
  impl_->started = true;
  const std::size_t before = impl_->unparsed.size();
  std::span<const char> input = bytes;
  if (before > 0) {
    impl_->unparsed.append(bytes.data(), bytes.size());
    input = impl_->unparsed;
  }
  const std::size_t taken = impl_->put_any(input);
  if (impl_->failure == http::error::need_more) impl_->failure = {};
  if (is_complete() || impl_->failure) {
    impl_->unparsed.clear();
    return taken > before ? taken - before : 0;
  }
  std::string rest(input.begin() + static_cast<std::ptrdiff_t>(taken), input.end());
  if (rest.size() > impl_->header_bytes_max) impl_->failure = http::error::header_limit;
  impl_->unparsed = std::move(rest);
  return bytes.size();
}

void HttpDecoder::expect_no_body() { impl_->response->skip(true); }

void HttpDecoder::end_of_stream() {
  if (is_complete()) return;
  if (impl_->response) impl_->response->put_eof(impl_->failure);
}

std::optional<HttpFault> HttpDecoder::fault() const {
  if (!impl_->failure) return std::nullopt;
  return HttpFault{status_of(impl_->failure)};
}

bool HttpDecoder::is_complete() const { return impl_->request ? impl_->request->is_done() : impl_->response->is_done(); }

bool HttpDecoder::wants_continue() {
  if (impl_->told_to_continue || !impl_->request || !impl_->request->is_header_done() || is_complete()) return false;
  const auto expect = impl_->request->get()[http::field::expect];
  impl_->told_to_continue = beast::iequals(expect, "100-continue");
  return impl_->told_to_continue;
}

bool HttpDecoder::closes() const { return impl_->request ? !impl_->request->keep_alive() : !impl_->response->keep_alive(); }
bool HttpDecoder::is_idle() const { return !impl_->started; }

HttpRequest HttpDecoder::take_request() {
  CROFT_ASSERT(impl_->request && impl_->request->is_done());
  auto message = impl_->request->release();
  HttpRequest out;
  const auto method = message.method_string();
  const auto target = message.target();
  out.method.assign(method.data(), method.size());
  const std::string_view whole(target.data(), target.size());
  const std::size_t mark = whole.find('?');
  out.path = whole.substr(0, mark);
  if (mark != std::string_view::npos) out.query = whole.substr(mark + 1);
  out.headers = headers_of(message.base());
  out.body = std::move(message.body());
  impl_->reset(side_);
  return out;
}

HttpResponse HttpDecoder::take_response() {
  CROFT_ASSERT(impl_->response && impl_->response->is_done());
  auto message = impl_->response->release();
  HttpResponse out;
  out.status = static_cast<int>(message.result_int());
  out.headers = headers_of(message.base());
  out.body = std::move(message.body());
  impl_->reset(side_);
  return out;
}

std::string encode_response(const HttpResponse& response, bool keep_alive, bool head) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  out.append(reason.data(), reason.size());
  out += "\r\n";
  bool has_length = false;
  for (const auto& [name, value] : response.headers) {
    has_length = has_length || name == "content-length" || name == "Content-Length";
    out += name + ": " + value + "\r\n";
  }
  const bool bodiless = response.status < 200 || response.status == 204 || response.status == 304;
  if (!has_length && !bodiless) out += "content-length: " + std::to_string(response.body.size()) + "\r\n";
  if (!keep_alive) out += "connection: close\r\n";
  out += "\r\n";
  if (!head && !bodiless) out += response.body;
  return out;
}

std::string encode_request(const HttpRequest& request, std::string_view host) {
  std::string out = request.method + ' ' + request.path;
  if (!request.query.empty()) out += '?' + request.query;
  out += " HTTP/1.1\r\n";
  if (!request.header("host")) out += "host: " + std::string(host) + "\r\n";
  for (const auto& [name, value] : request.headers) out += name + ": " + value + "\r\n";
  out += "content-length: " + std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
  return out;
}

}  // namespace croft::net
