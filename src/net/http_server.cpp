#include "net/http_server.h"

#include "net/http_codec.h"

namespace croft::net {

static HttpResponse bare(int status) { return {status, {{"content-type", "text/plain"}}, ""}; }

// Feeds `bytes`; answers 100-continue when the request asks for it. Returns how many bytes were taken.
static std::size_t feed(HttpDecoder& decoder, std::span<const char> bytes, Transport& transport) {
  const std::size_t taken = decoder.feed(bytes);
  if (decoder.wants_continue()) transport.send("HTTP/1.1 100 Continue\r\n\r\n");
  return taken;
}

// Answers every request that `bytes` completes, in order. False when the connection must end.
static Task<bool> answer_all(Transport& transport, HttpDecoder& decoder, std::string bytes, const HttpHandler& handler,
                             std::chrono::milliseconds patience) {
  std::span<const char> rest(bytes);
  while (!rest.empty()) {
    rest = rest.subspan(feed(decoder, rest, transport));
    if (auto fault = decoder.fault()) {
      transport.send(encode_response(bare(fault->status), false, false));
      co_return false;
    }
    if (!decoder.is_complete()) co_return true;
    const bool closes = decoder.closes();
    HttpRequest request = decoder.take_request();
    request.peer = transport.peer();
    const bool head = request.method == "HEAD";
    transport.expire_after({});
    HttpResponse response = co_await handler(std::move(request));
    transport.expire_after(patience);
    transport.send(encode_response(response, !closes, head));
    if (transport.unsent() > 0) {
      const bool sent = co_await transport.drained();
      if (!sent) co_return false;
    }
    if (closes) co_return false;
  }
  co_return true;
}

Task<void> serve_http(Transport transport, const HttpHandler& handler, std::chrono::milliseconds patience) {
  HttpDecoder decoder(HttpDecoder::Side::server);
  transport.expire_after(patience);
  std::vector<char> scratch(16 * 1024);
  for (;;) {
    const std::span<const char> bytes = co_await transport.read(scratch);
    if (bytes.empty()) break;
    std::string owned(bytes.data(), bytes.size());
    const bool goes_on = co_await answer_all(transport, decoder, std::move(owned), handler, patience);
    if (!goes_on) break;
  }
  transport.close();
}

}  // namespace croft::net
