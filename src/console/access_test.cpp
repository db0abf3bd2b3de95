#include "console/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::console {
namespace {

using gateway::PageKind;
using testing::HasSubstr;

net::HttpRequest request(net::Headers headers, std::string address = "127.0.0.1", bool tls = false) {
  net::HttpRequest made{.method = "GET", .path = "/_croft/console/api/clients", .headers = std::move(headers)};
  made.peer.address = std::move(address);
  made.peer.tls = tls;
  return made;
}
net::HttpRequest remote(net::Headers headers) {
  headers.emplace_back("host", "croft.example:4443");
  return request(std::move(headers), "192.0.2.7", true);
}

struct AccessTest : testing::Test {
  Access access(std::string plain, std::string tls = "", bool always = false) {
    return Access({std::move(plain), std::move(tls), always, "0123456789abcdef"}, users, sessions);
  }
  std::string sign_in(Role role) {
    const User user{.name = role == Role::admin ? "anna" : "ben", .role = role};
    static_cast<void>(users.add(user));
    return sessions.begin(user, MonoTime::now());
  }

  std::unique_ptr<Store> store = Store::open("", Store::Durability::memory).value();
  Users users{*store};
  Sessions sessions;
};

TEST_F(AccessTest, ThePageOfThisMachineIsAdmin) {
  const Access here = access("127.0.0.1");

  EXPECT_EQ(here.refusal_of_page(request({{"host", "localhost:4566"}})), std::nullopt);
  EXPECT_EQ(here.who_asks(request({{"host", "localhost:4566"},
                                   {"origin", "http://localhost:4566"},
                                   {"sec-fetch-site", "same-origin"},
                                   {"x-croft-console", "1"}}))
                .role,
            Role::admin);
  EXPECT_EQ(access("::1").who_asks(request({{"host", "[::1]:4566"}, {"x-croft-console", "1"}}, "::1")).name, "loopback");
}

TEST_F(AccessTest, ASiteThatWasReboundToThisMachineIsRefused) {
  const Access here = access("127.0.0.1");
  const net::HttpRequest rebound = request({{"host", "attacker.example"}});

  EXPECT_THAT(here.refusal_of_page(rebound).value(), HasSubstr("not to another name"));
  EXPECT_EQ(here.guard(rebound, PageKind::guarded)->status, 403);
  EXPECT_EQ(here.guard(request({}), PageKind::reads)->status, 403);
  EXPECT_EQ(here.who_asks(request({})).role, Role::none);
}

TEST_F(AccessTest, PagesOfOtherSitesAreRefusedData) {
  const Access here = access("127.0.0.1");
  const net::Headers others[] = {
      {{"host", "localhost:4566"}, {"x-croft-console", "1"}, {"origin", "http://localhost:3000"}},
      {{"host", "localhost:4566"}, {"x-croft-console", "1"}, {"origin", "null"}},
      {{"host", "localhost:4566"}, {"x-croft-console", "1"}, {"sec-fetch-site", "same-site"}},
      {{"host", "localhost:4566"}, {"x-croft-console", "1"}, {"sec-fetch-site", "cross-site"}},
  };

  for (const net::Headers& headers : others) {
    EXPECT_EQ(here.who_asks(request(headers)).status, 403);
    EXPECT_EQ(here.guard(request(headers), PageKind::guarded)->status, 403);
  }
  EXPECT_EQ(here.who_asks(request({{"host", "localhost:4566"}})).status, 403);
  EXPECT_EQ(here.who_asks(request({{"host", "localhost:4566"}, {"x-croft-console", "2"}})).status, 403);
  EXPECT_EQ(here.guard(request({{"host", "localhost:4566"}}), PageKind::guarded), std::nullopt) << "a program on this machine";
}

TEST_F(AccessTest, BeyondLoopbackTlsAndASessionAreAskedFor) {
  const Access open = access("127.0.0.1", "0.0.0.0");

  EXPECT_EQ(open.refusal_of_page(remote({})), std::nullopt);
  EXPECT_EQ(open.who_asks(remote({{"x-croft-console", "1"}})).code, "NoUsers");
  const std::string token = sign_in(Role::read_only);
  EXPECT_EQ(open.who_asks(remote({{"x-croft-console", "1"}})).code, "SignInRequired");
  const Asker asker = open.who_asks(remote({{"x-croft-console", "1"}, {"cookie", "a=b; __Host-croft=" + token}}));
  EXPECT_EQ(asker.role, Role::read_only);
  EXPECT_EQ(asker.name, "ben");
  EXPECT_EQ(open.who_asks(remote({{"x-croft-console", "1"}, {"cookie", "croft_session=" + token}})).status, 401);
  EXPECT_EQ(open.who_asks(remote({{"cookie", "__Host-croft=" + token}})).status, 403);
  EXPECT_EQ(
      open.who_asks(
              remote({{"x-croft-console", "1"}, {"cookie", "__Host-croft=" + token}, {"origin", "http://croft.example:4443"}}))
          .status,
      403);
}

TEST_F(AccessTest, WithoutTlsNobodyBeyondLoopbackIsAnswered) {
  sign_in(Role::admin);
  for (const char* listens_on : {"0.0.0.0", "192.0.2.1", "127.0.0.1"}) {
    const Access plain = access(listens_on);
    const net::HttpRequest from_elsewhere = request({{"host", "localhost:4566"}, {"x-croft-console", "1"}}, "192.0.2.7");
    EXPECT_THAT(plain.refusal_of_page(from_elsewhere).value(), HasSubstr("--gateway-tls-port"));
    EXPECT_EQ(plain.who_asks(from_elsewhere).status, 403);
    EXPECT_EQ(plain.guard(from_elsewhere, PageKind::guarded)->status, 403);
    EXPECT_EQ(plain.refusal_of_sign_in(from_elsewhere)->status, 403);
  }
}

TEST_F(AccessTest, AListenerBeyondLoopbackAsksThisMachineToo) {
  const Access open = access("127.0.0.1", "0.0.0.0");
  const net::HttpRequest own = request({{"host", "localhost:4443"}, {"x-croft-console", "1"}}, "127.0.0.1", true);

  EXPECT_EQ(open.who_asks(own).status, 401);
  EXPECT_EQ(access("127.0.0.1", "127.0.0.1").who_asks(own).name, "loopback");
}

TEST_F(AccessTest, WhatAProxyPassesOnComesFromElsewhere) {
  const Access here = access("127.0.0.1");
  const std::string token = sign_in(Role::admin);
  const net::Headers passed_on{
      {"host", "croft.example"}, {"x-forwarded-for", "192.0.2.7"}, {"x-forwarded-proto", "https"}, {"x-croft-console", "1"}};
  net::Headers with_session = passed_on;
  with_session.emplace_back("cookie", "__Host-croft=" + token);

  EXPECT_EQ(here.who_asks(request(passed_on)).status, 401);
  EXPECT_EQ(here.who_asks(request(with_session)).name, "anna");
  EXPECT_THAT(session_cookie(request(passed_on), "t"), HasSubstr("__Host-croft=t;"));
}

TEST_F(AccessTest, SigningInCanBeAskedForOnLoopbackToo) {
  const Access here = access("127.0.0.1", "", true);
  const std::string token = sign_in(Role::admin);
  const net::Headers headers{{"host", "localhost:4566"}, {"x-croft-console", "1"}};
  net::Headers with_session = headers;
  with_session.emplace_back("cookie", "croft_session=" + token);

  EXPECT_EQ(here.who_asks(request(headers)).status, 401);
  EXPECT_EQ(here.guard(request(headers), PageKind::guarded)->status, 401);
  EXPECT_EQ(here.who_asks(request(with_session)).name, "anna");
  EXPECT_EQ(access("127.0.0.1").refusal_of_sign_in(request(headers))->code, "NoSignIn");
}

TEST_F(AccessTest, ReadersReadPagesAndChangeNothing) {
  const Access open = access("127.0.0.1", "0.0.0.0");
  net::HttpRequest read = remote({{"cookie", "__Host-croft=" + sign_in(Role::read_only)}}), write = read, forged = read;
  write.method = "POST";
  write.headers.emplace_back("x-croft-console", "1");
  forged.method = "POST";
  net::HttpRequest admin = write;
  admin.headers.front().second = "__Host-croft=" + sign_in(Role::admin);

  EXPECT_EQ(open.guard(read, PageKind::guarded), std::nullopt);
  EXPECT_THAT(open.guard(write, PageKind::guarded)->body, HasSubstr("\"ReadOnly\""));
  EXPECT_EQ(open.guard(write, PageKind::reads), std::nullopt);
  EXPECT_EQ(open.guard(forged, PageKind::reads)->status, 403);
  EXPECT_EQ(open.guard(admin, PageKind::guarded), std::nullopt);
  EXPECT_EQ(open.guard(remote({}), PageKind::guarded)->status, 401);
}

TEST_F(AccessTest, MetricsAreForWhoHasTheToken) {
  const Access open = access("127.0.0.1", "0.0.0.0");
  const auto asked = [&](const char* authorization, const char* path) {
    net::HttpRequest scrape = remote({{"authorization", authorization}});
    scrape.path = path;
    return open.guard(scrape, PageKind::guarded);
  };

  EXPECT_EQ(asked("Bearer 0123456789abcdef", "/metrics"), std::nullopt);
  EXPECT_EQ(asked("Bearer 0123456789abcdeF", "/metrics")->status, 401);
  EXPECT_EQ(asked("Bearer ", "/metrics")->status, 401);
  EXPECT_EQ(asked("Bearer 0123456789abcdef", "/_croft/devices")->status, 401);
}

TEST_F(AccessTest, TheCookieIsOutOfReachOfScriptsAndOtherSites) {
  EXPECT_EQ(session_cookie(remote({}), "t"), "__Host-croft=t; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(session_cookie(request({}), "t"), "croft_session=t; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict");
  EXPECT_EQ(session_cookie(remote({}), ""), "__Host-croft=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure");
}

}  // namespace
}  // namespace croft::console
