#include "console/call_ring.h"

#include "console/call_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/json.h"

namespace croft::console {
namespace {

TEST(CallRing, ErrorCodesAreReadFromEveryWireForm) {
  EXPECT_EQ(error_code({200, {}, R"({"__type":"x#Y"})"}), "");
  EXPECT_EQ(error_code({400, {{"x-amzn-errortype", "ResourceNotFoundException:http://x/"}}, "{}"}), "ResourceNotFoundException");
  EXPECT_EQ(error_code({400, {}, R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceInUseException","message":"m"})"}),
            "ResourceInUseException");
  EXPECT_EQ(error_code({404, {}, "<Error><Code>NoSuchBucket</Code></Error>"}), "NoSuchBucket");
  EXPECT_EQ(error_code({500, {}, "?"}), "");
}

TEST(CallRing, ACallIsOneArray) {
  CallRing ring;
  net::HttpRequest request{.headers = {{"user-agent", "aws-cli/2 \"x\" <b>"}}};
  request.peer.address = "127.0.0.1";
  const net::HttpResponse response{400, {}, R"({"__type":"a#ValidationException"})"};

  ring.add({.service = "dynamodb",
            .operation = "PutItem",
            .request_id = "id",
            .request = request,
            .response = response,
            .took_us = 1'234,
            .in_process = false,
            .input = {}},
           {10'001});

  const auto page = ring.log().read(0, 10);
  ASSERT_EQ(page.rows.size(), 1U);
  EXPECT_EQ(*page.rows[0],
            R"([1,10000,"dynamodb","PutItem",400,1.23,"aws-cli/2 \"x\" <b>","127.0.0.1","id","ValidationException",0])");
}

TEST(CallRing, TheConsolesOwnCallsPushOutNoOthers) {
  CallRing ring;
  const net::HttpRequest request{};
  const net::HttpResponse response{};
  const auto call = [&](bool is_own) {
    ring.add({"sts", "GetCallerIdentity", "id", request, response, 5, is_own, {.document = "{}"}}, {1});
  };
  call(false);
  for (int i = 0; i < 2'000; ++i) call(true);
  call(false);

  std::vector<std::int64_t> numbers;
  for (const auto& row : ring.log().all()) numbers.push_back(json::parse(*row)->as_array().at(0).as_int64());
  std::vector<std::int64_t> expected{1};
  for (std::int64_t own = 1'902; own <= 2'001; ++own) expected.push_back(own);
  expected.push_back(2'002);
  EXPECT_EQ(numbers, expected);
  EXPECT_EQ(ring.input_of(1), R"({"number":1,"input":{}})");
  EXPECT_EQ(ring.input_of(1'901), "");
  EXPECT_EQ(ring.input_of(1'902), R"({"number":1902,"input":{}})");

  for (int i = 0; i < 999; ++i) call(false);
  EXPECT_EQ(ring.input_of(1), "");
  EXPECT_NE(ring.input_of(2'002), "");
  EXPECT_EQ(ring.log().all().size(), 1'100U);
}

TEST(CallRing, LongAndBrokenTextsAreCutAndReadable) {
  CallRing ring;
  const net::HttpResponse response{};
  for (const std::string& agent : {std::string(10'000, 'a'), std::string("\xff\xfe")}) {
    const net::HttpRequest request{.headers = {{"user-agent", agent}}};
    ring.add({"s3", "", "id", request, response, 5, true, {}}, {1});
  }

  for (const auto& row : ring.log().read(0, 10).rows) {
    EXPECT_LT(row->size(), 400U);
    EXPECT_TRUE(json::parse(*row)) << *row;
  }
}

}  // namespace
}  // namespace croft::console
