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

bool BodyBudget::Share::hold(std::size_t bytes) {
  if (!budget_) return true;
  const std::size_t counted = bytes > limits::http_small_body_bytes ? bytes : 0, others = budget_->held_ - held_;
  if (counted > held_ && others + counted > budget_->bytes_max_) return false;
  held_ = counted;
  budget_->held_ = others + counted;
  return true;
}

enum class Outcome { goes_on, ends, taken_over };

// Answers every request that `bytes` completes, in order.
static Task<Outcome> answer_all(Transport& transport, HttpDecoder& decoder, std::string bytes, const HttpHandler& handler,
                                std::chrono::milliseconds patience, BodyBudget::Share& memory) {
  std::span<const char> rest(bytes);
  while (!rest.empty()) {
    rest = rest.subspan(feed(decoder, rest, transport));
    if (auto fault = decoder.fault()) {
      transport.send(encode_response(bare(fault->status), false, false));
      co_return Outcome::ends;
    }
    if (!memory.hold(decoder.body_bytes())) {
      transport.send(encode_response(bare(503), false, false));
      co_return Outcome::ends;
    }
    if (!decoder.is_complete()) co_return Outcome::goes_on;
    const bool closes = decoder.closes();
    HttpRequest request = decoder.take_request();
    request.peer = transport.peer();
    request.is_abandoned = [&transport] { return transport.has_peer_left(); };
    const bool head = request.method == "HEAD";
    transport.expire_after({});
    HttpResponse response = co_await handler(std::move(request));
    static_cast<void>(memory.hold(0));
    transport.expire_after(patience);
    transport.send(encode_response(response, !closes || response.take_over, head));
    if (transport.unsent() > 0) {
      const bool sent = co_await transport.drained();
      if (!sent) co_return Outcome::ends;
    }
    if (response.take_over) {
      transport.expire_after({});
      response.take_over(std::move(transport), std::string(rest.begin(), rest.end()));
      co_return Outcome::taken_over;
    }
    if (closes) co_return Outcome::ends;
  }
  co_return Outcome::goes_on;
}

Task<void> serve_http(Transport transport, const HttpHandler& handler, std::chrono::milliseconds patience,
                      std::size_t body_bytes_max, BodyBudget* budget) {
  BodyBudget::Share memory(budget);
  HttpDecoder decoder(HttpDecoder::Side::server, body_bytes_max);
  transport.expire_after(patience);
  std::vector<char> scratch(16 * 1024);
  for (;;) {
    const std::span<const char> bytes = co_await transport.read(scratch);
    if (bytes.empty()) break;
    std::string owned(bytes.data(), bytes.size());
    const Outcome outcome = co_await answer_all(transport, decoder, std::move(owned), handler, patience, memory);
    if (outcome == Outcome::taken_over) co_return;
    if (outcome == Outcome::ends) break;
    co_await give_way();  // the next request of a quick client is here already
  }
  transport.close();
}

}  // namespace croft::net
