#include "gateway/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::gateway {

namespace {

RequestLine line(const char* method, const char* path, const char* query = "") {
  return RequestLine::read({method, path, query, {}, "", {}});
}

std::string labels(const Route& route, const RequestLine& request) {
  json::object object;
  route.read_labels(request, object);
  return json::dump(json::value(object));
}

}  // namespace

TEST(Route, LabelsAreDecodedAfterThePathIsSplit) {
  const Route route("POST /topics/{topic}");

  const RequestLine request = line("POST", "/topics/a%2Fb%20c");

  ASSERT_TRUE(route.match(request));
  EXPECT_EQ(labels(route, request), R"({"topic":"a/b c"})");
  EXPECT_FALSE(route.match(line("POST", "/topics/a/b")));
  EXPECT_FALSE(route.match(line("GET", "/topics/a")));
}

TEST(Route, AGreedyLabelTakesSlashesAsTheyAre) {
  const Route route("PUT /{Bucket}/{Key+}");

  const RequestLine request = line("PUT", "/b/x//y%2Fz/");

  ASSERT_TRUE(route.match(request));
  EXPECT_EQ(labels(route, request), R"({"Bucket":"b","Key":"x//y/z/"})");
  EXPECT_FALSE(route.match(line("PUT", "/b/")));
  EXPECT_FALSE(route.match(line("PUT", "/b")));
}

TEST(Route, AKeyMayHaveMoreSlashesThanRoutesAreLongest) {
  const Route route("GET /{Bucket}/{Key+}");
  std::string key;
  for (int i = 0; i < 100; ++i) key += "d/";
  key += "f";

  const RequestLine request = line("GET", ("/b/" + key).c_str());

  EXPECT_EQ(labels(route, request), R"({"Bucket":"b","Key":")" + key + R"("})");
}

TEST(Route, ASlashAtTheEndIsForgiven) {
  EXPECT_TRUE(Route("GET /2015-03-31/functions").match(line("GET", "/2015-03-31/functions/")));
  EXPECT_TRUE(Route("GET /2015-03-31/functions/").match(line("GET", "/2015-03-31/functions")));
  EXPECT_TRUE(Route("GET /{Bucket}").match(line("GET", "/b/")));
  EXPECT_TRUE(Route("GET /").match(line("GET", "/")));
  EXPECT_FALSE(Route("GET /{Bucket}").match(line("GET", "/")));
}

TEST(Route, LiteralsBeatLabelsAndParametersBeatNone) {
  const RequestLine shadow = line("GET", "/things/t/shadow", "name=x");

  EXPECT_GT(Route("GET /things/{t}/shadow").match(shadow), Route("GET /{a}/{b+}").match(shadow));
  EXPECT_GT(Route("GET /things/{t}/shadow?name").match(shadow), Route("GET /things/{t}/shadow").match(shadow));
  EXPECT_FALSE(Route("GET /things/{t}/shadow?name=y").match(shadow));
  EXPECT_TRUE(Route("GET /things/{t}/shadow?name=x").match(shadow));
}

}  // namespace croft::gateway
