#include "console/call_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::console {
namespace {

using gateway::CallInput;

struct Given {
  std::string service = "dynamodb", operation = "PutItem";
  CallInput input{};
  net::HttpRequest request{};
  net::HttpResponse response{};
};

void add(CallInputs& inputs, std::uint64_t number, const Given& given) {
  inputs.add(number % limits::calls_max, number, {.service = given.service,
                                                 .operation = given.operation,
                                                 .request_id = "id",
                                                 .request = given.request,
                                                 .response = given.response,
                                                 .took_us = 1,
                                                 .in_process = false,
                                                 .input = given.input});
}

std::string described(const Given& given) {
  CallInputs inputs;
  add(inputs, 1, given);
  return inputs.describe(1);
}

TEST(CallInputs, ADocumentStaysAsItWasSent) {
  EXPECT_EQ(described({.input = {.document = R"({"n": 12345678901234567890.50, "a":[1]})"}}),
            R"({"number":1,"input":{"n": 12345678901234567890.50, "a":[1]}})");
  EXPECT_EQ(described({.input = {.document = "no JSON"}}), R"({"number":1})");
}

TEST(CallInputs, WhatCanBeSecretIsNotKept) {
  const std::string secret = R"({"Environment":{"Variables":{"P":"hunter2"}}})";
  for (const auto& [service, operation] : {std::pair{"lambda", "CreateFunction"}, {"cloudformation", "CreateStack"}, {"iot", "TestInvokeAuthorizer"},
                                           {"sts", "AssumeRoleWithSAML"}, {"any", "PutSecretValue"}, {"any", "ChangePassword"}})
    EXPECT_EQ(described({.service = service, .operation = operation, .input = {.document = secret}}), R"({"number":1,"leftOut":"secret"})") << operation;
  EXPECT_EQ(described({.service = "lambda", .operation = "Invoke", .input = {.document = R"({"FunctionName":"f"})", .payload = "hunter2"}}),
            R"({"number":1,"input":{"FunctionName":"f"}})");
}

TEST(CallInputs, WhyThereIsNoInputIsSaid) {
  EXPECT_EQ(described({.input = {.is_too_long = true}}), R"({"number":1,"leftOut":"long"})");
  EXPECT_EQ(described({}), R"({"number":1,"leftOut":"none"})");
}

TEST(CallInputs, HeadersAreKeptIfTheyAreInputAndNothingElse) {
  const net::HttpRequest request{.headers = {{"authorization", "AWS4-HMAC-SHA256 Credential=AKIA"},
                                             {"x-amz-security-token", "secret"},
                                             {"x-amz-server-side-encryption-customer-key", "secret"},
                                             {"cookie", "secret"},
                                             {"x-amzn-principal", "arn"},
                                             {"range", "\xff"},
                                             {"if-match", std::string(300, 'a')}}};
  EXPECT_EQ(described({.service = "iot", .input = {.document = "{}"}, .request = request}),
            R"({"number":1,"headers":{"x-amzn-principal":"arn"},"input":{}})");
}

TEST(CallInputs, TheSentenceOfAnErrorIsReadFromEveryWireForm) {
  const auto message = [](std::string body) { return described({.input = {.document = "{}"}, .response = {400, {}, std::move(body)}}); };
  EXPECT_EQ(message(R"({"message":"a \"b\""})"), R"({"number":1,"message":"a \"b\"","input":{}})");
  EXPECT_EQ(message(R"({"Message":"b"})"), R"({"number":1,"message":"b","input":{}})");
  EXPECT_EQ(message("<Error><Code>c</Code><Message>d</Message></Error>"), R"({"number":1,"message":"d","input":{}})");
  EXPECT_EQ(message("?"), R"({"number":1,"input":{}})");
}

TEST(CallInputs, OneIsThereUntilAnotherTakesItsPlace) {
  CallInputs inputs;
  for (std::uint64_t number = 1; number <= limits::calls_max + 1; ++number) add(inputs, number, {.input = {.document = "{}"}});

  EXPECT_EQ(inputs.describe(0), "");
  EXPECT_EQ(inputs.describe(1), "");
  EXPECT_EQ(inputs.describe(2), R"({"number":2,"input":{}})");
  EXPECT_EQ(inputs.describe(limits::calls_max + 1), "{\"number\":" + std::to_string(limits::calls_max + 1) + ",\"input\":{}}");
  EXPECT_EQ(inputs.describe(limits::calls_max + 2), "");
}

}  // namespace
}  // namespace croft::console
