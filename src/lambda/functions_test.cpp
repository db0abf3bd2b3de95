#include "lambda/functions.h"

#include <gmock/gmock.h>

#include "lambda/function_input.h"
#include "lambda/function_name.h"
#include "lambda/resource_policy.h"
#include "lambda/test_host.h"

namespace croft::lambda {

using ::testing::HasSubstr;

namespace {

const Instance instance{.account_id = "123456789012"};

Result<Function> configured(json::object input) {
  return with_configuration({}, input);
}

}  // namespace

TEST(FunctionReference, IsANameOrAnArnWithOrWithoutQualifier) {
  for (const char* text :
       {"f", "function:f", "123456789012:function:f", "arn:aws:lambda:us-east-1:123456789012:function:f"}) {
    EXPECT_EQ(parse_reference(text, instance).value().name, "f") << text;
    EXPECT_EQ(parse_reference(std::string(text) + ":$LATEST", instance).value().qualifier, "$LATEST") << text;
    EXPECT_EQ(parse_reference(std::string(text) + ":PROD", instance).value().qualifier, "PROD") << text;
  }
}

TEST(FunctionReference, IsRefusedInAnyOtherForm) {
  for (const std::string& text : {std::string(), std::string("a b"), std::string("a/b"), std::string(":f"),
                                  std::string("f:"), std::string("arn:aws:lambda"), std::string(65, 'x'),
                                  std::string(100'000, 'x'), std::string("f:a:b:c:d:e:f:g:h")}) {
    EXPECT_EQ(parse_reference(text, instance).error().code, "ValidationException") << text.substr(0, 20);
  }
  Error elsewhere = parse_reference("arn:aws:lambda:eu-west-1:123456789012:function:f", instance).error();
  EXPECT_EQ(elsewhere.message, "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')");
  EXPECT_EQ(parse_reference("999999999999:function:f", instance).error().code, "ResourceNotFoundException");
}

TEST(FunctionInput, TakesWhatLambdaTakes) {
  Function f = configured({{"Runtime", "python3.7"},
                           {"Timeout", "10"},
                           {"MemorySize", 512},
                           {"Environment", {{"Variables", {{"N", 5}, {"B", true}, {"S", "s"}}}}},
                           {"EphemeralStorage", {{"Size", 1024}}},
                           {"Architectures", {"arm64"}}})
                   .value();

  EXPECT_EQ(f.timeout_s, 10);
  EXPECT_EQ(f.memory_mb, 512);
  EXPECT_EQ(f.storage_mb, 1024);
  EXPECT_EQ(f.architecture, "arm64");
  EXPECT_EQ(f.environment, (json::object{{"N", "5"}, {"B", "true"}, {"S", "s"}}));
}

TEST(FunctionInput, RefusesWithLambdasWords) {
  auto message = [](json::object input) { return configured(std::move(input)).error().message; };

  EXPECT_EQ(message({{"Timeout", 901}}),
            "1 validation error detected: Value '901' at 'timeout' failed to satisfy "
            "constraint: Member must have value less than or equal to 900");
  EXPECT_EQ(message({{"MemorySize", 64}}),
            "1 validation error detected: Value '64' at 'memorySize' failed to satisfy "
            "constraint: Member must have value greater than or equal to 128");
  EXPECT_THAT(message({{"Runtime", "cobol"}}), HasSubstr("Value cobol at 'runtime' failed to satisfy constraint"));
  EXPECT_THAT(message({{"Environment", {{"Variables", {{"AWS_REGION", "x"}}}}}}),
              HasSubstr("Reserved keys used in this request: AWS_REGION"));
  EXPECT_THAT(message({{"Environment", {{"Variables", {{"A", std::string(4096, 'x')}}}}}}), HasSubstr("4KB limit"));
  EXPECT_THAT(message({{"Environment", {{"Variables", {{"A=B", "x"}}}}}}), HasSubstr("environment.variables"));
  EXPECT_THAT(message({{"Environment", {{"Variables", {{"A", std::string("x\0y", 3)}}}}}}), HasSubstr("string"));
  EXPECT_THAT(message({{"Layers", {"arn:aws:lambda:us-east-1:1:layer:l:1"}}}), HasSubstr("Layers is not supported"));
  EXPECT_THAT(message({{"PackageType", "Image"}}), HasSubstr("not supported"));
}

TEST(Function, ComesBackFromItsRow) {
  Function f = configured({{"Runtime", "python3.12"},
                           {"Handler", "a.b"},
                           {"Role", "r"},
                           {"VpcConfig", {{"SubnetIds", json::array()}}}})
                   .value();
  f.name = "f";
  f.code_sha256 = "hash";
  f.generation = 7;
  f.tags["k"] = "v";
  f.statements.push_back(json::object{{"Sid", "s"}});

  EXPECT_EQ(from_row(to_row(f)).value(), f);
  EXPECT_FALSE(from_row("{}"));
  EXPECT_FALSE(from_row("garbage"));
}

TEST(Functions, AreCreatedOnceListedChangedAndErased) {
  TestHost host;
  host.python("b", "x = 1");
  host.python("a", "x = 1");
  auto create_again = [&] {
    return host.functions().create("a", {{"Runtime", "python3.12"}, {"Handler", "a.b"}, {"Role", "r"}},
                                   zip_files({{"a.py", "x"}}).value());
  };

  Result<Function> again = run_on<Result<Function>>(host.shard(), create_again);
  EXPECT_EQ(again.error().code, "ResourceConflictException");
  EXPECT_EQ(again.error().message, "Function already exist: a");
  EXPECT_EQ(host.functions().list("", 10).size(), 2U);
  EXPECT_EQ(host.functions().list("a", 10).front().name, "b");

  Function before = host.functions().find("a").value();
  auto change = [&] { return host.functions().update_configuration("a", {{"Timeout", 9}}); };
  Function after = run_on<Result<Function>>(host.shard(), change).value();
  EXPECT_EQ(after.timeout_s, 9);
  EXPECT_EQ(after.handler, before.handler);
  EXPECT_GT(after.generation, before.generation);

  auto change_stale = [&] {
    return host.functions().update_configuration("a", {{"Timeout", 8}, {"RevisionId", before.revision_id}});
  };
  EXPECT_EQ(run_on<Result<Function>>(host.shard(), change_stale).error().code, "PreconditionFailedException");

  EXPECT_TRUE(run_on<Result<void>>(host.shard(), [&] { return host.functions().erase("a"); }));
  EXPECT_FALSE(host.functions().find("a"));
  auto code = [&] { return host.functions().archives().bytes(host.functions().find("b")->code_sha256); };
  EXPECT_TRUE(run_on<Result<std::string>>(host.shard(), code)) << "b shares its code with a";
}

TEST(Functions, KeepTheCodeByteForByte) {
  TestHost host;
  std::string zip = zip_files({{"handler.py", "def handler(e, c): return 1\n"}}).value();
  host.create("f", {{"handler.py", "def handler(e, c): return 1\n"}}, {{"Runtime", "python3.12"}});
  Function f = host.functions().find("f").value();

  std::filesystem::remove_all(host.path() + "/functions");
  std::filesystem::create_directories(host.path() + "/functions");

  auto bytes = [&] { return host.functions().archives().bytes(f.code_sha256); };
  EXPECT_EQ(run_on<Result<std::string>>(host.shard(), bytes).value(), zip);
  EXPECT_EQ(host.invoke("f").payload, "1") << "unpacked again from the store";
}

TEST(ResourcePolicy, LetsInTheServiceAndSourceThatItNames) {
  TestHost host;
  host.python("f", "x = 1");
  auto add = [&] {
    return host.functions().add_permission("f", {{"StatementId", "s"},
                                                 {"Action", "lambda:InvokeFunction"},
                                                 {"Principal", "iot.amazonaws.com"},
                                                 {"SourceArn", "arn:aws:iot:us-east-1:000000000000:rule/r*"},
                                                 {"SourceAccount", "000000000000"}});
  };
  json::object statement = run_on<Result<json::object>>(host.shard(), add).value();
  EXPECT_EQ(
      json::dump(statement),
      R"({"Sid":"s","Effect":"Allow","Principal":{"Service":"iot.amazonaws.com"},"Action":"lambda:InvokeFunction",)"
      R"("Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Condition":{"StringEquals":)"
      R"({"AWS:SourceAccount":"000000000000"},"ArnLike":{"AWS:SourceArn":"arn:aws:iot:us-east-1:000000000000:rule/r*"}}})");
  EXPECT_EQ(run_on<Result<json::object>>(host.shard(), add).error().code, "ResourceConflictException");

  Function f = host.functions().find("f").value();
  const std::string rule = "arn:aws:iot:us-east-1:000000000000:rule/r1";
  EXPECT_TRUE(permits(f, {"iot.amazonaws.com", rule, "000000000000"}));
  EXPECT_FALSE(permits(f, {"iot.amazonaws.com", rule, "1"}));
  EXPECT_FALSE(permits(f, {"iot.amazonaws.com", "arn:aws:iot:us-east-1:000000000000:rule/x", "000000000000"}));
  EXPECT_FALSE(permits(f, {"s3.amazonaws.com", rule, "000000000000"}));

  auto remove = [&] { return host.functions().remove_permission("f", "s", ""); };
  EXPECT_TRUE(run_on<Result<void>>(host.shard(), remove));
  EXPECT_EQ(run_on<Result<void>>(host.shard(), remove).error().message,
            "Statement s is not found in resource policy.");
  EXPECT_EQ(policy_document(host.functions().find("f").value()), "");
}

TEST(ArnLike, TakesStarsAndQuestionMarks) {
  EXPECT_TRUE(arn_like("arn:*:rule/?x*", "arn:aws:rule/1xyz"));
  EXPECT_TRUE(arn_like("*", ""));
  EXPECT_FALSE(arn_like("", "a"));
  EXPECT_FALSE(arn_like("a*b", "acbc"));
  EXPECT_FALSE(arn_like(std::string(200, '*') + "b", std::string(10'000, 'a')));
}

TEST(FunctionLogs, KeepTheNewestLinesAndNumberThemWithoutGaps) {
  FunctionLogs logs("");
  for (int i = 1; i <= 10'001; ++i) logs.append("f", "s", {std::to_string(i)});

  EXPECT_EQ(logs.read("f", 0, 1).front().text, "2");
  EXPECT_EQ(logs.read("f", 10'000, 10).front().sequence, 10'001U);
  EXPECT_TRUE(logs.read("f", 10'001, 10).empty());
  EXPECT_TRUE(logs.read("g", 0, 10).empty());
  for (int i = 0; i < 20; ++i) logs.append("big", "s", {std::string(256 * 1024, 'x')});
  EXPECT_LE(logs.read("big", 0, 100).size(), 16U);
  logs.append("f", "s", {std::string("\xff\x1b[2J")});
  EXPECT_EQ(logs.read("f", 10'001, 1).front().text, "\\xff\\x1b[2J");
}

TEST(FunctionLogs, WakeWhoWaits) {
  TestHost host;
  auto wait = [&] { return done_after(host.logs().wait_for_new(host.shard(), "f", 0, std::chrono::seconds(100))); };
  std::promise<Done> woken;
  host.shard().spawn(keep_result<Done>(woken, wait));

  host.logs().append("f", "s", {"line"});

  woken.get_future().wait();
  EXPECT_EQ(host.logs().newest("f"), 1U);
}

}  // namespace croft::lambda
