#include "gateway/call_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/limits.h"

namespace croft::gateway {
namespace {

HostedService hosted(Protocol protocol) {
  return HostedService(Service{
      .name = "s", .signing_names = {"s"}, .protocol = protocol, .target_prefix = {}, .xml_namespace = {}, .operations = {}});
}

Operation operation(bool raw_body = false) { return {.name = "Do", .route = "", .handler = {}, .raw_body = raw_body}; }

Call call(std::string body, json::object input = {}) {
  Call call;
  call.http.body = std::move(body);
  call.input = std::move(input);
  return call;
}

TEST(CallInput, AJsonDocumentIsCopiedAsItCame) {
  EXPECT_EQ(input_of(hosted(Protocol::json_1_0), operation(), call(R"({"a": 1.0})")).document, R"({"a": 1.0})");
  EXPECT_EQ(input_of(hosted(Protocol::json_1_1), operation(), call("")).document, "{}");
}

TEST(CallInput, AnInputThatIsTooLongIsLeftOut) {
  const std::string longest(watched_input_bytes_max, 'x');
  for (const Protocol protocol : {Protocol::json_1_0, Protocol::rest_json, Protocol::query}) {
    const CallInput input = input_of(hosted(protocol), operation(), call(longest + 'x', {{"a", "b"}}));
    EXPECT_TRUE(input.is_too_long && input.document.empty());
  }
  EXPECT_FALSE(input_of(hosted(Protocol::json_1_0), operation(), call(longest)).is_too_long);
  EXPECT_TRUE(input_of(hosted(Protocol::query), operation(), call("", {{"a", longest}})).is_too_long);
}

TEST(CallInput, WhatSignsAnUrlIsLeftOut) {
  const json::object input{
      {"Bucket", "b"}, {"X-Amz-Signature", "s"}, {"x-amz-security-token", "t"}, {"AWSAccessKeyId", "k"}, {"Signature", "s"}};
  EXPECT_EQ(input_of(hosted(Protocol::rest_xml), operation(), call("", input)).document, R"({"Bucket":"b"})");
  EXPECT_EQ(input_of(hosted(Protocol::query), operation(), call("", input)).document, R"({"Bucket":"b"})");
}

TEST(CallInput, APayloadIsKeptBesideTheDocumentAndAnObjectIsNot) {
  const CallInput message = input_of(hosted(Protocol::rest_json), operation(true), call("hello", {{"topic", "t"}}));
  EXPECT_EQ(message.document + message.payload, R"({"topic":"t"}hello)");
  EXPECT_EQ(input_of(hosted(Protocol::rest_json), operation(true), call("\xff", {})).payload, "");
  const CallInput large = input_of(hosted(Protocol::rest_json), operation(true),
                                   call(std::string(watched_input_bytes_max + 1, 'x'), {{"topic", "t"}}));
  EXPECT_TRUE(large.is_too_long && large.payload.empty());
  const CallInput object = input_of(hosted(Protocol::rest_xml), operation(), call(std::string(100'000, 'x'), {{"Key", "k"}}));
  EXPECT_EQ(object.document + object.payload, R"({"Key":"k"})");
}

}  // namespace
}  // namespace croft::gateway
