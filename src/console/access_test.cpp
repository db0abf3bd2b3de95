#include "console/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::console {
namespace {

using testing::HasSubstr;

net::HttpRequest request(net::Headers headers, std::string address = "127.0.0.1") {
  net::HttpRequest made{.method = "GET", .path = "/_croft/console/api/clients", .headers = std::move(headers)};
  made.peer.address = std::move(address);
  return made;
}

TEST(Access, NamesOfThisMachineAreNamesOfThisMachine) {
  for (const char* host : {"localhost", "localhost:4566", "127.0.0.1", "127.0.0.1:1", "127.1.2.3:65535", "[::1]", "[::1]:4566"})
    EXPECT_TRUE(is_loopback_host(host)) << host;
  for (const char* host : {"", "example.com", "127.0.0.1.example.com", "127.0.0", "127.0.0.1.2", "localhost.example.com:4566",
                           "localhost:", "localhost:4566x", "[::1", "[::1]x", "[::2]", "0.0.0.0", "127.0.0.1:4566@example.com"})
    EXPECT_FALSE(is_loopback_host(host)) << host;
}

TEST(Access, ThePageOfThisMachineIsAdmin) {
  const Access access("127.0.0.1");

  EXPECT_EQ(access.who_opens(request({{"host", "localhost:4566"}})).role, Role::admin);
  EXPECT_EQ(access.who_asks(request({{"host", "localhost:4566"},
                                     {"origin", "http://localhost:4566"},
                                     {"sec-fetch-site", "same-origin"},
                                     {"x-croft-console", "1"}})).role, Role::admin);
}

TEST(Access, ASiteThatWasReboundToThisMachineIsRefused) {
  const Access access("127.0.0.1");

  EXPECT_THAT(access.who_opens(request({{"host", "attacker.example"}})).why, HasSubstr("not to another name"));
  EXPECT_EQ(access.who_opens(request({})).role, Role::none);
}

TEST(Access, PagesOfOtherSitesAreRefusedData) {
  const Access access("127.0.0.1");
  const net::Headers others[] = {
      {{"host", "localhost:4566"}, {"x-croft-console", "1"}, {"origin", "http://localhost:3000"}},
      {{"host", "localhost:4566"}, {"x-croft-console", "1"}, {"origin", "null"}},
      {{"host", "localhost:4566"}, {"x-croft-console", "1"}, {"sec-fetch-site", "same-site"}},
      {{"host", "localhost:4566"}, {"x-croft-console", "1"}, {"sec-fetch-site", "cross-site"}},
      {{"host", "localhost:4566"}},
      {{"host", "localhost:4566"}, {"x-croft-console", "2"}},
  };

  for (const net::Headers& headers : others) EXPECT_EQ(access.who_asks(request(headers)).role, Role::none);
}

TEST(Access, BeyondLoopbackNobodyIsLetIn) {
  const net::Headers headers{{"host", "localhost:4566"}, {"x-croft-console", "1"}};

  EXPECT_THAT(Access("0.0.0.0").who_opens(request(headers)).why, HasSubstr("sign in"));
  EXPECT_EQ(Access("192.0.2.7").who_asks(request(headers)).role, Role::none);
  EXPECT_EQ(Access("127.0.0.1").who_asks(request(headers, "192.0.2.7")).role, Role::none);
  EXPECT_EQ(Access("::1").who_asks(request(headers, "::1")).role, Role::admin);
}

}  // namespace
}  // namespace croft::console
