#include "net/websocket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http_codec.h"
#include "net/http_server.h"
#include "net/websocket_handshake.h"

namespace croft::net {

namespace {

using State = WebSocketCodec::State;

constexpr std::string_view mask("\x37\xFA\x21\x3D", 4);  // RFC 6455, 5.7
constexpr std::uint8_t final_continuation = 0x80, final_text = 0x81, final_binary = 0x82, binary = 0x02, continuation = 0x00;
constexpr std::uint8_t close = 0x88, ping = 0x89, pong = 0x8A;

std::string big_endian(std::uint64_t number, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i) & 0xFF);
  return out;
}

// A client's header that claims so many bytes, in the shortest form.
std::string header(std::uint8_t first, std::uint64_t length) {
  std::string out(1, static_cast<char>(first));
  if (length < 126) return out + static_cast<char>(0x80 | length) + std::string(mask);
  if (length <= 0xFFFF) return out + '\xFE' + big_endian(length, 2) + std::string(mask);
  return out + '\xFF' + big_endian(length, 8) + std::string(mask);
}

std::string frame(std::uint8_t first, std::string_view payload) {
  std::string out = header(first, payload.size());
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

std::string fed(WebSocketCodec& codec, std::string bytes) {
  bytes.resize(codec.feed(bytes));
  return bytes;
}

// The status with which the codec ends the connection over these bytes; 0 when it stays open.
int ending(std::string bytes, std::uint64_t message_bytes_max = 1000) {
  WebSocketCodec codec(message_bytes_max);
  codec.feed(bytes);
  const std::string out = codec.take_output();
  if (codec.state() != State::failed) return 0;
  if (out.size() < 4 || out.substr(out.size() - 4, 2) != "\x88\x02") return -1;
  return static_cast<std::uint8_t>(out[out.size() - 2]) << 8 | static_cast<std::uint8_t>(out.back());
}

}  // namespace

TEST(WebSocketCodec, TheMaskedExampleOfTheRfcIsUnmasked) {
  WebSocketCodec codec;

  EXPECT_EQ(fed(codec, std::string("\x82\x85\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58", 11)), "Hello");
  EXPECT_EQ(codec.take_output(), "");
}

TEST(WebSocketCodec, AStreamCutAtEveryByteGivesTheSamePayloadAndAnswers) {
  const std::string whole = frame(binary, "one") + frame(ping, "are you there") + frame(continuation, "") +
                            frame(final_continuation, "two") + frame(pong, "") + frame(final_binary, std::string(300, 'x')) +
                            frame(close, std::string("\x03\xE8", 2) + "bye") + frame(final_binary, "behind the end");
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    WebSocketCodec codec;

    const std::string payload = fed(codec, whole.substr(0, cut)) + fed(codec, whole.substr(cut));

    ASSERT_EQ(payload, "onetwo" + std::string(300, 'x')) << cut;
    ASSERT_EQ(codec.take_output(), std::string("\x8A\x0D") + "are you there" + std::string("\x88\x02\x03\xE8", 4)) << cut;
    ASSERT_EQ(codec.state(), State::closed_by_peer) << cut;
  }
}

TEST(WebSocketCodec, PayloadIsHandedOnBeforeItsFrameIsWhole) {
  WebSocketCodec codec;

  EXPECT_EQ(fed(codec, frame(final_binary, "half of it").substr(0, 6 + 4)), "half");
}

TEST(WebSocketCodec, LongPayloadsHaveLongHeaders) {
  WebSocketCodec codec;
  const std::string large(70'000, 'l');

  EXPECT_EQ(fed(codec, frame(final_binary, large)), large);
  EXPECT_EQ(binary_frame_header(125), std::string("\x82\x7D", 2));
  EXPECT_EQ(binary_frame_header(126), std::string("\x82\x7E\x00\x7E", 4));
  EXPECT_EQ(binary_frame_header(65'535), std::string("\x82\x7E\xFF\xFF", 4));
  EXPECT_EQ(binary_frame_header(65'536), std::string("\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10));
}

TEST(WebSocketCodec, ACloseFrameIsEchoed) {
  WebSocketCodec bare, stated;

  fed(bare, frame(close, ""));
  fed(stated, frame(close, big_endian(4999, 2)));

  EXPECT_EQ(bare.take_output(), std::string("\x88\x00", 2));
  EXPECT_EQ(stated.take_output(), std::string("\x88\x02", 2) + big_endian(4999, 2));
  EXPECT_EQ(stated.state(), State::closed_by_peer);
}

TEST(WebSocketCodec, FaultsEndTheConnection) {
  EXPECT_EQ(ending(std::string("\x82\x03", 2)), 1002) << "not masked";
  EXPECT_EQ(ending(frame(0xC2, "a")), 1002) << "a reserved bit";
  EXPECT_EQ(ending(frame(0x83, "a")), 1002) << "an unknown kind of data";
  EXPECT_EQ(ending(frame(0x8B, "a")), 1002) << "an unknown kind of control";
  EXPECT_EQ(ending(frame(0x09, "a")), 1002) << "a fragmented ping";
  EXPECT_EQ(ending(header(ping, 126)), 1002) << "a long ping";
  EXPECT_EQ(ending(frame(final_continuation, "a")), 1002) << "a continuation of nothing";
  EXPECT_EQ(ending(frame(binary, "a") + frame(final_binary, "b")), 1002) << "a message inside another";
  EXPECT_EQ(ending(std::string("\x82\xFE\x00\x7D", 4) + std::string(mask)), 1002) << "a length that is not the shortest form";
  EXPECT_EQ(ending(std::string("\x82\xFF", 2) + big_endian(65'535, 8) + std::string(mask)), 1002) << "the same in 8 bytes";
  EXPECT_EQ(ending(std::string("\x82\xFF", 2) + big_endian(1ull << 63, 8) + std::string(mask)), 1002) << "a negative length";
  EXPECT_EQ(ending(frame(close, "a")), 1002) << "half a status";
  EXPECT_EQ(ending(frame(close, big_endian(1005, 2))), 1002) << "a status that is never sent";
  EXPECT_EQ(ending(frame(close, big_endian(5000, 2))), 1002) << "a status beyond all ranges";
  EXPECT_EQ(ending(frame(close, big_endian(1000, 2) + "\xFF")), 1007) << "a reason that is not UTF-8";
  EXPECT_EQ(ending(frame(final_text, "a")), 1003) << "text";
  EXPECT_EQ(ending(frame(0x01, "a")), 1003) << "the first fragment of a text";
}

TEST(WebSocketCodec, TheLimitHoldsForAFrameAndForAMessage) {
  EXPECT_EQ(ending(frame(final_binary, std::string(1000, 'a'))), 0);
  EXPECT_EQ(ending(header(final_binary, 1001)), 1009);
  EXPECT_EQ(ending(header(final_binary, (1ull << 63) - 1)), 1009);
  EXPECT_EQ(ending(frame(binary, std::string(600, 'a')) + frame(final_continuation, std::string(400, 'b'))), 0);
  EXPECT_EQ(ending(frame(binary, std::string(600, 'a')) + header(final_continuation, 401)), 1009);
  EXPECT_EQ(ending(frame(final_binary, std::string(600, 'a')) + frame(final_binary, std::string(600, 'b'))), 0);
}

TEST(WebSocketCodec, NothingIsAnsweredOrReadBehindAFault) {
  WebSocketCodec codec;

  const std::string behind = frame(ping, "") + frame(final_binary, "late");
  const std::string payload = fed(codec, frame(final_binary, "good") + frame(final_text, "bad") + behind);

  EXPECT_EQ(payload, "good");
  EXPECT_EQ(codec.take_output(), std::string("\x88\x02\x03\xEB", 4));
  EXPECT_EQ(codec.state(), State::failed);
}

namespace {

const std::vector<std::string> mqtt{"mqtt", "mqttv3.1"};

HttpRequest upgrade() {
  return {"GET",
          "/mqtt",
          "",
          {{"host", "h"},
           {"upgrade", "WebSocket"},
           {"connection", "keep-alive, Upgrade"},
           {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
           {"sec-websocket-version", "13"},
           {"sec-websocket-protocol", "soap, mqttv3.1, mqtt"}},
          "",
          {}};
}

int status_with(std::string_view name, std::string_view value) {
  HttpRequest request = upgrade();
  std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
  if (!value.empty()) request.headers.emplace_back(name, value);
  return answer_websocket(request, mqtt).status;
}

}  // namespace

TEST(WebSocketHandshake, TheExampleOfTheRfcIsAccepted) {
  const HttpResponse response = answer_websocket(upgrade(), mqtt);

  ASSERT_EQ(response.status, 101);
  EXPECT_EQ(*response.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(*response.header("sec-websocket-protocol"), "mqttv3.1") << "the client's order decides";
  EXPECT_EQ(encode_response(response, true, false).find("content-length"), std::string::npos);
}

TEST(WebSocketHandshake, ABrokenRequestIsRefused) {
  HttpRequest post = upgrade();
  post.method = "POST";

  EXPECT_EQ(answer_websocket(post, mqtt).status, 400);
  EXPECT_EQ(status_with("connection", "keep-alive"), 400);
  EXPECT_EQ(status_with("sec-websocket-key", ""), 400);
  EXPECT_EQ(status_with("sec-websocket-key", "c2hvcnQ="), 400);
  EXPECT_EQ(status_with("sec-websocket-protocol", ""), 400);
  EXPECT_EQ(status_with("sec-websocket-protocol", "soap, mqttv5"), 400);
  EXPECT_EQ(status_with("sec-websocket-version", "8"), 426);
  EXPECT_EQ(status_with("sec-websocket-version", ""), 426);
}

TEST(WebSocketHandshake, OnlyARequestThatNamesItAsksForIt) {
  HttpRequest other = upgrade();
  std::erase_if(other.headers, [](const auto& header) { return header.first == "upgrade"; });
  EXPECT_FALSE(asks_for_websocket(other));
  other.headers.emplace_back("upgrade", "h2c, websocket");
  EXPECT_TRUE(asks_for_websocket(other));
}

namespace {

Task<void> echo_messages(Transport transport) {
  std::vector<char> scratch(16);
  for (;;) {
    const std::span<const char> bytes = co_await transport.read(scratch);
    if (bytes.empty()) co_return;
    transport.send(std::string_view(bytes.data(), bytes.size()));
  }
}

std::string received(int client, std::size_t bytes) {
  std::string out(bytes, '\0');
  std::size_t at = 0;
  while (at < bytes) {
    const ssize_t got = ::recv(client, out.data() + at, bytes - at, 0);
    if (got <= 0) break;
    at += static_cast<std::size_t>(got);
  }
  return out.substr(0, at);
}

}  // namespace

TEST(HttpServer, GivesAConnectionAwayWithWhatCameBehindItsRequest) {
  Shard http(0, "http"), other(1, "other");
  auto listener = Listener::open(http, "127.0.0.1", 0, nullptr, false).value();
  const HttpHandler handler = [&other](HttpRequest) -> Task<HttpResponse> {
    HttpResponse response{101, {}, ""};
    response.take_over = [&other](Transport transport, std::string behind) {
      transport.speak_websocket(std::move(behind), "someone");
      transport.detach();
      other.post([&other, moving = std::make_shared<Transport>(std::move(transport))] {
        moving->attach(other);
        EXPECT_EQ(moving->peer().principal, "someone");
        other.spawn(echo_messages(std::move(*moving)));
      });
    };
    co_return response;
  };
  listener->start([&](Transport transport) { http.spawn(serve_http(std::move(transport), handler)); });
  http.start();
  other.start();
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(listener->port()), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  ASSERT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);

  const std::string early = frame(final_binary, "early frames, longer than the scratch") + frame(ping, "p");
  const std::string sent = "GET / HTTP/1.1\r\n\r\n" + early;
  ASSERT_EQ(::send(client, sent.data(), sent.size(), 0), static_cast<ssize_t>(sent.size()));

  const std::string answer = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
  EXPECT_EQ(received(client, answer.size()), answer);
  EXPECT_EQ(received(client, 2 + 10), std::string("\x82\x0A") + "early fram");
  const std::string rest = std::string("\x82\x10") + "es, longer than " + "\x82\x0B" + "the scratch" + "\x8A\x01" + "p";
  EXPECT_EQ(received(client, rest.size()), rest);
  const std::string end = frame(close, big_endian(1000, 2));
  ASSERT_EQ(::send(client, end.data(), end.size(), 0), static_cast<ssize_t>(end.size()));
  EXPECT_EQ(received(client, 100), std::string("\x88\x02\x03\xE8", 4)) << "and the end of the stream";
  ::close(client);
  http.stop();
  other.stop();
}

}  // namespace croft::net
