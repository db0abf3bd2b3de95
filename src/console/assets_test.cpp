#include "console/assets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/encoding.h"

namespace croft::console {
namespace {

using testing::HasSubstr;
using testing::Pointee;
using testing::StrEq;

// printf hello | gzip -n9
const std::string hello = *text::from_hex("1f8b0800000000000203cb48cdc9c9070086a6103605000000");
const std::string table = "index.html\ttext/html\t0\t" + std::to_string(hello.size()) + "\tabc\tpage\n" +
                          "assets/a-1.js\ttext/javascript\t0\t" + std::to_string(hello.size()) + "\tdef\timmutable\n";

net::HttpResponse get(std::string path, net::Headers headers = {}) {
  static const Assets assets("/c/", table, hello);
  return assets.answer({.method = "GET", .path = std::move(path), .headers = std::move(headers)});
}

TEST(Assets, AFileIsServedCompressedToThoseWhoTakeIt) {
  const auto compressed = get("/c/assets/a-1.js", {{"accept-encoding", "gzip, br"}});
  const auto plain = get("/c/assets/a-1.js");

  EXPECT_THAT(compressed.header("content-encoding"), Pointee(StrEq("gzip")));
  EXPECT_EQ(compressed.body, hello);
  EXPECT_EQ(plain.header("content-encoding"), nullptr);
  EXPECT_EQ(plain.body, "hello");
}

TEST(Assets, ANameThatChangesWithItsContentIsKeptForGoodAndThePageIsNot) {
  EXPECT_THAT(get("/c/assets/a-1.js").header("cache-control"), Pointee(HasSubstr("immutable")));
  EXPECT_THAT(get("/c/").header("cache-control"), Pointee(StrEq("no-cache")));
}

TEST(Assets, WhatTheBrowserHasIsNotSentAgain) {
  const auto answer = get("/c/", {{"if-none-match", "\"abc\""}});

  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(get("/c/", {{"if-none-match", "\"other\""}}).status, 200);
}

TEST(Assets, APathOfTheRouterIsThePageAndAFileThatIsNotThereIsNot) {
  EXPECT_EQ(get("/c/presence/x").body, "hello");
  EXPECT_EQ(get("/c/assets/b.js").status, 404);
  EXPECT_EQ(get("/d/").status, 404);
}

TEST(Assets, WhatIsEmbeddedCanBeServed) {
  const Assets assets("/_croft/console/", embedded_table(), embedded_bytes());

  EXPECT_THAT(assets.answer({.method = "GET", .path = "/_croft/console/"}).body, HasSubstr("<!doctype html>"));
}

}  // namespace
}  // namespace croft::console
