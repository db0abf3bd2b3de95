#include "gateway/request_origin.h"

#include <gtest/gtest.h>

#include "gateway/limits.h"

namespace croft::gateway {
namespace {

const std::string otherwise = "http://127.0.0.1:4566";

std::string origin(const std::string& host, bool tls = false) {
  net::HttpRequest request;
  request.headers = {{"host", host}};
  request.peer.tls = tls;
  return origin_of(request, otherwise);
}

TEST(RequestOrigin, IsTheListenersSchemeAndTheHostAsSent) {
  EXPECT_EQ(origin("127.0.0.1:4567"), "http://127.0.0.1:4567");
  EXPECT_EQ(origin("127.0.0.1:4567", true), "https://127.0.0.1:4567");
  EXPECT_EQ(origin("croft.lan", true), "https://croft.lan");
  EXPECT_EQ(origin("My-Croft_1"), "http://My-Croft_1");
  EXPECT_EQ(origin("[::1]:65535"), "http://[::1]:65535");
  EXPECT_EQ(origin("[fe80::1]"), "http://[fe80::1]");
  EXPECT_EQ(origin(std::string(host_bytes_max, 'a')), "http://" + std::string(host_bytes_max, 'a'));
}

TEST(RequestOrigin, IsTheOtherOneForWhatIsNoHostAndPort) {
  constexpr const char* no_hosts[] = {
      "",    ":80", "a:",  "a:0", "a:65536", "a:123456", "a:b", "a:+1", "a/b", "a@b", "a b", "a?b", "a#b", "a\\b", "a%41", "a\"",
      "<a>", "\xc3\xa9", "[", "[]", "[]:1", "[::1", "[::1]x", "[::g]", "::1", "a:1:2", ".", "-a"};
  for (const char* host : no_hosts)
    EXPECT_EQ(origin(host, true), otherwise) << host;
  EXPECT_EQ(origin(std::string(host_bytes_max + 1, 'a')), otherwise);
  EXPECT_EQ(origin_of({}, otherwise), otherwise);
  net::HttpRequest two;
  two.headers = {{"host", "a"}, {"host", "b"}};
  EXPECT_EQ(origin_of(two, otherwise), otherwise);
}

}  // namespace
}  // namespace croft::gateway
