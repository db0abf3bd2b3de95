#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http_client.h"
#include "net/http_codec.h"
#include "net/http_server.h"

namespace croft::net {

namespace {

std::span<const char> bytes(std::string_view s) { return s; }

Task<HttpResponse> echo(HttpRequest request) {
  HttpResponse response;
  response.headers.emplace_back("x-path", request.path + "|" + request.query);
  response.body = request.method + ":" + request.body;
  co_return response;
}

}  // namespace

TEST(HttpDecoder, AMessageCutAtEveryByteIsTheSameMessage) {
  const std::string text = "POST /a%2Fb?x=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    HttpDecoder decoder(HttpDecoder::Side::server);
    std::size_t taken = decoder.feed(bytes(std::string_view(text).substr(0, cut)));
    EXPECT_EQ(taken, cut);
    decoder.feed(bytes(std::string_view(text).substr(cut)));
    ASSERT_TRUE(decoder.is_complete()) << cut;
    HttpRequest request = decoder.take_request();
    EXPECT_EQ(request.path, "/a%2Fb");
    EXPECT_EQ(request.query, "x=1");
    EXPECT_EQ(request.body, "abcde");
  }
}

TEST(BodyBudget, LargeBodiesShareItAndSmallOnesDoNotCount) {
  BodyBudget budget(1'000'000);
  BodyBudget::Share small(&budget), large(&budget), unlimited(nullptr);
  {
    BodyBudget::Share gone(&budget);
    EXPECT_TRUE(gone.hold(600'000));
    EXPECT_TRUE(large.hold(400'000));
    EXPECT_FALSE(large.hold(400'001));
    EXPECT_TRUE(small.hold(64 * 1024));
    EXPECT_TRUE(gone.hold(500'000)) << "less is always possible";
    EXPECT_EQ(budget.held(), 900'000u);
  }
  EXPECT_EQ(budget.held(), 400'000u);
  EXPECT_TRUE(large.hold(1'000'000));
  EXPECT_TRUE(large.hold(0));
  EXPECT_EQ(budget.held(), 0u);
  EXPECT_TRUE(unlimited.hold(std::size_t{1} << 40));
}

TEST(HttpServer, ABodyThatDoesNotFitIsRefusedBeforeItIsWhole) {
  BodyBudget budget(200'000);
  Shard shard(0, "test");
  const HttpHandler handler = echo;
  auto listener = Listener::open(shard, "127.0.0.1", 0, nullptr, false).value();
  listener->start([&](Transport transport) {
    shard.spawn(serve_http(std::move(transport), handler, limits::http_idle_max, limits::http_body_bytes_max, &budget));
  });
  shard.start();
  const std::string url = "http://127.0.0.1:" + std::to_string(listener->port()) + "/";

  const auto fits = http_request_blocking("PUT", url, {}, std::string(150'000, 'x'), std::chrono::seconds(10));
  const auto refused = http_request_blocking("PUT", url, {}, std::string(300'000, 'x'), std::chrono::seconds(10));
  const auto again = http_request_blocking("PUT", url, {}, std::string(150'000, 'x'), std::chrono::seconds(10));

  EXPECT_EQ(fits->status, 200);
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(again->status, 200) << "it was given back";
  shard.stop();
  listener->stop();
}

TEST(HttpDecoder, LeavesTheBytesOfTheNextMessage) {
  HttpDecoder decoder(HttpDecoder::Side::server);
  const std::string two = "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n";

  const std::size_t taken = decoder.feed(bytes(two));
  EXPECT_EQ(decoder.take_request().path, "/1");
  decoder.feed(bytes(std::string_view(two).substr(taken)));

  EXPECT_EQ(decoder.take_request().path, "/2");
}

TEST(HttpDecoder, RefusesEndlessHeadersTwoLengthsAndGarbage) {
  HttpDecoder endless(HttpDecoder::Side::server);
  endless.feed(bytes("GET / HTTP/1.1\r\n"));
  for (int i = 0; i < 20 && !endless.fault(); ++i) endless.feed(bytes("x-h" + std::to_string(i) + ": " + std::string(8000, 'a') + "\r\n"));
  ASSERT_TRUE(endless.fault());
  EXPECT_EQ(endless.fault()->status, 431);

  HttpDecoder lengths(HttpDecoder::Side::server);
  lengths.feed(bytes("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"));
  ASSERT_TRUE(lengths.fault());

  HttpDecoder garbage(HttpDecoder::Side::server);
  garbage.feed(bytes(std::string("\x16\x03\x01\x02\x00\x01", 6)));
  EXPECT_TRUE(garbage.fault());
}

TEST(HttpDecoder, TellsABodyOverTheLimit) {
  HttpDecoder decoder(HttpDecoder::Side::server);
  decoder.feed(bytes("POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n"));
  ASSERT_TRUE(decoder.fault());
  EXPECT_EQ(decoder.fault()->status, 413);
}

TEST(HttpServer, AnswersARequestOverALoopbackSocket) {
  Shard shard(0, "server");
  auto listener = Listener::open(shard, "127.0.0.1", 0, nullptr, false).value();
  const HttpHandler handler = echo;
  listener->start([&](Transport transport) { shard.spawn(serve_http(std::move(transport), handler)); });
  shard.start();

  auto response = http_request_blocking("PUT", "http://127.0.0.1:" + std::to_string(listener->port()) + "/p?q=1",
                                        {{"expect", "100-continue"}}, "hello", std::chrono::seconds(5));

  shard.stop();
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(*response->header("x-path"), "/p|q=1");
  EXPECT_EQ(response->body, "PUT:hello");
}

TEST(HttpServer, ClosesAConnectionWhoseRequestTakesTooLongToArrive) {
  Shard shard(0, "server");
  auto listener = Listener::open(shard, "127.0.0.1", 0, nullptr, false).value();
  const HttpHandler handler = echo;
  listener->start([&](Transport transport) {
    shard.spawn(serve_http(std::move(transport), handler, std::chrono::milliseconds(50)));
  });
  shard.start();
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(listener->port()), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  ASSERT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  constexpr std::string_view half = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel";
  ASSERT_EQ(::send(client, half.data(), half.size(), 0), static_cast<ssize_t>(half.size()));

  char byte = 0;
  const ssize_t got = ::recv(client, &byte, 1, 0);

  EXPECT_LE(got, 0) << "ended, or reset";
  ::close(client);
  shard.stop();
}

TEST(HttpDecoder, TheAnswerToAHeadHasNoBody) {
  HttpDecoder decoder(HttpDecoder::Side::client);
  decoder.expect_no_body();

  decoder.feed(bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));

  EXPECT_TRUE(decoder.is_complete());
}

TEST(HttpClient, SaysThatNothingListensThere) {
  auto response = http_request_blocking("GET", "http://127.0.0.1:1/", {}, "", std::chrono::seconds(5));

  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, "ConnectionFailed");
}

}  // namespace croft::net
