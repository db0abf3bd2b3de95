#include "net/http_codec.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>
#include <charconv>

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

using beast::error_code;
using beast::string_view;

constexpr std::size_t body_bytes_reserved_max = 64 * 1024;  // before any of it came

// Beast's parser, filling croft's values as it goes.
template <bool is_request>
class MessageParser final : public http::basic_parser<is_request> {
 public:
  using Message = std::conditional_t<is_request, HttpRequest, HttpResponse>;

  MessageParser(std::size_t body_bytes_max, std::size_t header_bytes_max) {
    this->eager(true);
    this->header_limit(static_cast<std::uint32_t>(header_bytes_max));
    this->body_limit(body_bytes_max);
  }

  Message message;

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int, error_code&) override {
    if constexpr (is_request) {
      message.method.assign(method.data(), method.size());
      const std::string_view whole(target.data(), target.size());
      const std::size_t mark = whole.find('?');
      message.path = whole.substr(0, mark);
      if (mark != std::string_view::npos) message.query = whole.substr(mark + 1);
    }
  }
  void on_response_impl(int code, string_view, int, error_code&) override {
    if constexpr (!is_request) message.status = code;
  }
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    if (message.headers.empty()) message.headers.reserve(12);
    message.headers.emplace_back(text::lower({name.data(), name.size()}), std::string(value.data(), value.size()));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) message.body.reserve(std::min<std::uint64_t>(*length, body_bytes_reserved_max));
  }
  std::size_t on_body_impl(string_view bytes, error_code&) override {
    message.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) override {
    message.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
};

int status_of(const beast::error_code& failure) {
  if (failure == http::error::header_limit) return 431;
  if (failure == http::error::body_limit || failure == http::error::buffer_overflow) return 413;
  return 400;
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
  std::optional<MessageParser<true>> request;
  std::optional<MessageParser<false>> response;
  std::string unparsed;  // the start of a line or chunk header whose end was not received yet
  beast::error_code failure;
  bool started = false;
  bool told_to_continue = false;
  std::size_t body_bytes_max = limits::http_body_bytes_max;
  std::size_t header_bytes_max = limits::http_header_bytes_max;

  void reset(Side side) {
    started = told_to_continue = false;
    if (side == Side::server) request.emplace(body_bytes_max, header_bytes_max);
    else response.emplace(body_bytes_max, header_bytes_max);
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

std::size_t HttpDecoder::body_bytes() const {
  return impl_->request ? impl_->request->message.body.size() : impl_->response->message.body.size();
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
  const std::string* expect = impl_->request->message.header("expect");
  impl_->told_to_continue = expect && beast::iequals(*expect, "100-continue");
  return impl_->told_to_continue;
}

bool HttpDecoder::closes() const { return impl_->request ? !impl_->request->keep_alive() : !impl_->response->keep_alive(); }
bool HttpDecoder::is_idle() const { return !impl_->started; }

HttpRequest HttpDecoder::take_request() {
  CROFT_ASSERT(impl_->request && impl_->request->is_done());
  HttpRequest out = std::move(impl_->request->message);
  impl_->reset(side_);
  return out;
}

HttpResponse HttpDecoder::take_response() {
  CROFT_ASSERT(impl_->response && impl_->response->is_done());
  HttpResponse out = std::move(impl_->response->message);
  impl_->reset(side_);
  return out;
}

static void append_number(std::string& out, std::size_t number) {
  char digits[24];
  const auto [end, failure] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

static void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string encode_response(const HttpResponse& response, bool keep_alive, bool head) {
  std::string out;
  out.reserve(512 + response.body.size());
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out += ' ';
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  out.append(reason.data(), reason.size());
  out += "\r\n";
  bool has_length = false;
  for (const auto& [name, value] : response.headers) {
    has_length = has_length || name == "content-length" || name == "Content-Length";
    append_header(out, name, value);
  }
  const bool bodiless = response.status < 200 || response.status == 204 || response.status == 304;
  const bool goes_on = response.take_over && !bodiless;
  if (!has_length && !bodiless && !goes_on) {
    out += "content-length: ";
    append_number(out, response.body.size());
    out += "\r\n";
  }
  if (!keep_alive || goes_on) append_header(out, "connection", "close");
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
