#include "lambda/worker.h"

#include <gmock/gmock.h>

#include <fstream>

#include "lambda/test_host.h"

namespace croft::lambda {

using ::testing::HasSubstr;

namespace {

json::object document(const std::string& text) {
  return json::parse(text).value().as_object();
}

}  // namespace

TEST(PythonWorker, ReturnsWhatTheHandlerReturns) {
  TestHost host;
  host.python("f",
              "def handler(event, context):\n    return {'twice': event['n'] * 2, 'é': context.function_name}\n");

  Outcome outcome = host.invoke("f", R"({"n":21})");

  EXPECT_EQ(outcome.payload, R"({"twice": 42, "é": "f"})");
  EXPECT_EQ(outcome.function_error, "");
  EXPECT_EQ(outcome.status, 200);
}

TEST(PythonWorker, SeesTheEnvironmentOfLambda) {
  TestHost host(Settings{.endpoint_url = "http://127.0.0.1:4566"});
  host.python("f",
              "import os\n"
              "def handler(event, context):\n"
              "    return {**os.environ, 'cwd': os.getcwd(), 'left': context.get_remaining_time_in_millis(),\n"
              "            'arn': context.invoked_function_arn}\n",
              {{"Environment", {{"Variables", {{"TABLE", "t"}}}}}, {"Timeout", 7}});

  json::object seen = document(host.invoke("f").payload);

  EXPECT_EQ(seen["TABLE"], "t");
  EXPECT_EQ(seen["AWS_REGION"], "us-east-1");
  EXPECT_EQ(seen["AWS_DEFAULT_REGION"], "us-east-1");
  EXPECT_EQ(seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
  EXPECT_EQ(seen["AWS_SESSION_TOKEN"], "token");
  EXPECT_EQ(seen["AWS_ENDPOINT_URL"], "http://127.0.0.1:4566");
  EXPECT_EQ(seen["AWS_LAMBDA_LOG_GROUP_NAME"], "/aws/lambda/f");
  EXPECT_EQ(seen["_HANDLER"], "handler.handler");
  EXPECT_EQ(seen["TZ"], ":UTC");
  EXPECT_EQ(seen["cwd"], seen["LAMBDA_TASK_ROOT"]);
  EXPECT_EQ(seen["arn"], "arn:aws:lambda:us-east-1:000000000000:function:f");
  EXPECT_GT(seen["left"].as_int64(), 5000);
  EXPECT_LE(seen["left"].as_int64(), 7000);
  EXPECT_FALSE(seen.contains("PYENV_ROOT"));
  EXPECT_FALSE(seen.contains("LD_PRELOAD"));
}

TEST(PythonWorker, TellsWhatTheHandlerRaised) {
  TestHost host;
  host.python("f", "def handler(event, context):\n    raise KeyError('x')\n");

  Outcome outcome = host.invoke("f");
  json::object error = document(outcome.payload);

  EXPECT_EQ(outcome.function_error, "Unhandled");
  EXPECT_EQ(error["errorType"], "KeyError");
  EXPECT_EQ(error["errorMessage"], "'x'");
  EXPECT_TRUE(error.contains("requestId"));
  ASSERT_EQ(error["stackTrace"].as_array().size(), 1U);
  EXPECT_THAT(std::string(error["stackTrace"].as_array()[0].as_string()), HasSubstr("handler.py\", line 2"));
  EXPECT_THAT(host.log("f"), HasSubstr("[ERROR] KeyError: 'x'\nTraceback (most recent call last):"));
}

TEST(PythonWorker, TellsWhyAModuleOrHandlerCannotBeLoaded) {
  struct Case {
    const char* handler;
    const char* code;
    const char* type;
    const char* message;
  };
  const Case cases[] = {
      {"missing.handler", "", "Runtime.ImportModuleError",
       "Unable to import module 'missing': No module named 'missing'"},
      {"handler.other", "def handler(e, c): pass", "Runtime.HandlerNotFound",
       "Handler 'other' missing on module 'handler'"},
      {"handler.handler", "def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'handler': "},
      {"handler", "", "Runtime.MalformedHandlerName", "Bad handler 'handler': "},
      {"handler.handler", "raise RuntimeError('at import')", "RuntimeError", "at import"},
  };
  TestHost host;
  int number = 0;
  for (const Case& c : cases) {
    std::string name = "f" + std::to_string(number++);
    host.python(name, c.code, {{"Handler", c.handler}});

    Outcome outcome = host.invoke(name);
    json::object error = document(outcome.payload);

    EXPECT_EQ(outcome.function_error, "Unhandled");
    EXPECT_EQ(error["errorType"], c.type);
    EXPECT_THAT(std::string(error["errorMessage"].as_string()), HasSubstr(c.message));
    EXPECT_TRUE(error.contains("requestId"));
  }
}

TEST(PythonWorker, RefusesToReturnWhatIsNoJson) {
  TestHost host;
  host.python("f", "import datetime\ndef handler(e, c):\n    return datetime.datetime.now()\n");

  json::object error = document(host.invoke("f").payload);

  EXPECT_EQ(error["errorType"], "Runtime.MarshalError");
  EXPECT_EQ(error["errorMessage"], "Unable to marshal response: Object of type datetime is not JSON serializable");
}

TEST(PythonWorker, LogsAsLambdaDoes) {
  TestHost host;
  host.python("f",
              "import logging\nlogging.getLogger().setLevel('INFO')\n"
              "def handler(event, context):\n    logging.info('hello %s', 'you')\n    print('plain', end='')\n");

  Outcome outcome = host.invoke("f");

  EXPECT_THAT(
      outcome.log_tail,
      ::testing::ContainsRegex("^START RequestId: [0-9a-f-]{36} Version: \\$LATEST\n"
                               "\\[INFO\\]\t20..-..-..T..:..:......Z\t[0-9a-f-]{36}\thello you\n"
                               "plain\n"
                               "END RequestId: [0-9a-f-]{36}\n"
                               "REPORT RequestId: [0-9a-f-]{36}\tDuration: [0-9.]+ ms\tBilled Duration: [0-9]+ ms"
                               "\tMemory Size: 256 MB\tMax Memory Used: [0-9]+ MB\tInit Duration: "));
}

TEST(PythonWorker, LeavesItsLinesInAFile) {
  TestHost host;
  host.python("f", "def handler(event, context):\n    print('on disk')\n");

  host.invoke("f");

  std::ifstream file(host.path() + "/logs/f.log");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, ::testing::ContainsRegex("20..-..-..T..:..:......Z on disk\n20"));
}

TEST(PythonWorker, KeepsItsStateBetweenInvocations) {
  TestHost host;
  host.python("f", "n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    return n\n");

  EXPECT_EQ(host.invoke("f").payload, "1");
  EXPECT_EQ(host.invoke("f").payload, "2");
  EXPECT_EQ(host.counts().workers, 1U);
}

TEST(PythonWorker, IsReplacedWhenTheCodeChanges) {
  TestHost host;
  host.python("f", "def handler(event, context):\n    return 'old'\n");
  EXPECT_EQ(host.invoke("f").payload, "\"old\"");

  std::string zip = zip_files({{"handler.py", "def handler(event, context):\n    return 'new'\n"}}).value();
  run_on<Result<Function>>(host.shard(), [&] { return host.functions().update_code("f", zip, "", false); }).value();

  EXPECT_EQ(host.invoke("f").payload, "\"new\"");
}

TEST(PythonWorker, FindsCroftThroughAnSdkThatPredatesTheEndpointVariable) {
  TestHost host(Settings{.endpoint_url = "http://127.0.0.1:4566", .python = "/usr/bin/python3"});
  host.python("f",
              "def handler(event, context):\n"
              "    try:\n        import boto3, botocore\n"
              "    except ImportError:\n        return 'absent'\n"
              "    return [boto3.client('iot-data').meta.endpoint_url, "
              "boto3.resource('dynamodb').meta.client.meta.endpoint_url]\n",
              {{"Timeout", 60}, {"MemorySize", 512}});

  Outcome outcome = host.invoke("f");

  if (outcome.payload == "\"absent\"") GTEST_SKIP() << "Debian's python3-boto3 is not installed";
  EXPECT_EQ(outcome.payload, R"(["http://127.0.0.1:4566", "http://127.0.0.1:4566"])");
}

}  // namespace croft::lambda
