#include "services/lambda/lambda_api.h"

#include <gmock/gmock.h>

#include "lambda/test_host.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::services {

using lambda::run_on;
using ::testing::HasSubstr;

namespace {

class Api {
 public:
  Api()
      : api_(
            host_.functions(), host_.invoker(), host_.logs(),
            [](const std::string& bucket, const std::string& key) -> Result<std::string> {
              if (bucket == "b" && key == "k") return zip();
              return Error{"NoSuchKey", "The specified key does not exist.", 404};
            },
            [](const net::HttpRequest&, const std::string& path) { return "http://croft" + path; }),
        service_(api_.service()) {}

  gateway::Reply call(std::string_view operation, json::object input, std::string body = "",
                      net::Headers headers = {}) {
    gateway::Call call{.request_id = "00000000-0000-4000-8000-000000000001", .input = std::move(input)};
    call.http.body = std::move(body);
    call.http.headers = std::move(headers);
    for (gateway::Operation& row : service_.operations) {
      if (row.name == operation) return run_on<gateway::Reply>(host_.shard(), [&] { return row.handler(call); });
    }
    throw std::runtime_error("no such operation");
  }
  Error refusal(std::string_view operation, json::object input) {
    try {
      call(operation, std::move(input));
    } catch (const ApiError& refused) {
      return refused.error();
    }
    return {};
  }
  gateway::Reply create(json::object more = {}) {
    json::object input{{"FunctionName", "f"},
                       {"Runtime", "python3.12"},
                       {"Role", "r"},
                       {"Handler", "handler.handler"},
                       {"Code", {{"ZipFile", text::base64(zip())}}}};
    for (auto& [name, value] : more) input[name] = value;
    return call("CreateFunction", std::move(input));
  }
  static std::string zip() {
    return lambda::zip_files({{"handler.py", "def handler(e, c):\n    print('hi')\n    return e['x']\n"}}).value();
  }

 private:
  lambda::TestHost host_;
  LambdaApi api_;
  gateway::Service service_;
};

}  // namespace

TEST(LambdaApi, CreatesShowsAndDeletesAFunction) {
  Api api;

  gateway::Reply created = api.create({{"Tags", {{"k", "v"}}}, {"Description", "d"}});
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.output["FunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f");
  EXPECT_EQ(created.output["State"], "Active");
  EXPECT_EQ(created.output["LastUpdateStatus"], "Successful");
  EXPECT_EQ(created.output["CodeSha256"].as_string(), std::string_view(text::base64(text::sha256(Api::zip()))));
  EXPECT_EQ(created.output["Timeout"], 3);

  gateway::Reply shown = api.call("GetFunction", {{"FunctionName", "000000000000:function:f"}});
  EXPECT_EQ(shown.output["Configuration"], created.output);
  EXPECT_EQ(shown.output["Tags"], (json::object{{"k", "v"}}));
  EXPECT_EQ(api.call("GetFunctionCode", {{"FunctionName", "f"}}).body, Api::zip());
  EXPECT_EQ(api.call("ListFunctions", {}).output["Functions"].as_array().size(), 1U);
  EXPECT_EQ(api.call("ListVersionsByFunction", {{"FunctionName", "f"}})
                .output["Versions"]
                .as_array()[0]
                .as_object()["FunctionArn"],
            "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST");

  EXPECT_EQ(api.call("DeleteFunction", {{"FunctionName", "f"}}).status, 204);
  EXPECT_EQ(api.refusal("GetFunction", {{"FunctionName", "f"}}).message,
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f");
}

TEST(LambdaApi, TakesTheCodeFromABucket) {
  Api api;

  EXPECT_EQ(api.create({{"Code", {{"S3Bucket", "b"}, {"S3Key", "k"}}}}).status, 201);

  EXPECT_EQ(api.refusal("UpdateFunctionCode", {{"FunctionName", "f"}, {"S3Bucket", "b"}, {"S3Key", "x"}}).message,
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not "
            "exist.");
}

TEST(LambdaApi, AnswersAnInvocationWithItsHeaders) {
  Api api;
  api.create();

  gateway::Reply good = api.call("Invoke", {{"FunctionName", "f"}}, R"({"x":5})", {{"x-amz-log-type", "Tail"}});
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.body, "5");
  EXPECT_EQ(*net::header(good.headers, "x-amz-executed-version"), "$LATEST");
  EXPECT_FALSE(net::header(good.headers, "x-amz-function-error"));
  EXPECT_THAT(*text::from_base64(*net::header(good.headers, "x-amz-log-result")),
              HasSubstr("START RequestId: 00000000-0000-4000-8000-000000000001 Version: $LATEST\nhi\nEND"));

  gateway::Reply bad = api.call("Invoke", {{"FunctionName", "f"}}, "{}");
  EXPECT_EQ(*net::header(bad.headers, "x-amz-function-error"), "Unhandled");
  EXPECT_THAT(*bad.body, HasSubstr("KeyError"));

  EXPECT_EQ(api.call("Invoke", {{"FunctionName", "f"}}, "{}", {{"x-amz-invocation-type", "Event"}}).status, 202);
  EXPECT_EQ(api.call("Invoke", {{"FunctionName", "f"}}, "{}", {{"x-amz-invocation-type", "DryRun"}}).status, 204);
}

TEST(LambdaApi, UpdatesCodeConfigurationPolicyAndTags) {
  Api api;
  api.create();

  EXPECT_EQ(api.call("UpdateFunctionConfiguration", {{"FunctionName", "f"}, {"Timeout", 9}}).output["Timeout"], 9);
  EXPECT_EQ(api.call("UpdateFunctionCode", {{"FunctionName", "f"}, {"ZipFile", text::base64(Api::zip())}})
                .output["Timeout"],
            9);
  EXPECT_EQ(api.refusal("UpdateFunctionCode", {{"FunctionName", "f"}, {"ZipFile", "bm8gemlw"}}).message,
            "Could not unzip uploaded file. Please check your file, then try to upload again.");
  EXPECT_EQ(api.refusal("GetPolicy", {{"FunctionName", "f"}}).message, "The resource you requested does not exist.");
  api.call("AddPermission", {{"FunctionName", "f"},
                             {"StatementId", "s"},
                             {"Action", "lambda:InvokeFunction"},
                             {"Principal", "iot.amazonaws.com"}});
  gateway::Reply policy = api.call("GetPolicy", {{"FunctionName", "f"}});
  EXPECT_THAT(std::string(policy.output["Policy"].as_string()), HasSubstr(R"("Service":"iot.amazonaws.com")"));
  EXPECT_EQ(api.call("RemovePermission", {{"FunctionName", "f"}, {"StatementId", "s"}}).status, 204);

  const char* arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
  api.call("TagResource", {{"Resource", arn}, {"Tags", {{"a", "1"}, {"b", "2"}}}});
  api.call("UntagResource", {{"Resource", arn}, {"tagKeys", "a"}});
  EXPECT_EQ(api.call("ListTags", {{"Resource", arn}}).output["Tags"], (json::object{{"b", "2"}}));
}

TEST(LambdaApi, RefusesOtherVersionsThanTheLatest) {
  Api api;
  api.create();

  EXPECT_EQ(api.refusal("GetFunction", {{"FunctionName", "f"}, {"Qualifier", "PROD"}}).message,
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:PROD");
  EXPECT_EQ(api.refusal("PublishVersion", {{"FunctionName", "f"}}).code, "InvalidParameterValueException");
}

}  // namespace croft::services
