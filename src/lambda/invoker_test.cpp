#include "lambda/invoker.h"

#include <gmock/gmock.h>

#include "lambda/test_host.h"

namespace croft::lambda {

using ::testing::HasSubstr;

TEST(WorkerPool, MakesNoMoreWorkersThanAllowedAndServesInOrder) {
  Settings settings;
  settings.workers_per_function_max = 1;
  TestHost host(settings);
  host.python("f", "seen = []\ndef handler(event, context):\n    seen.append(event)\n    return seen\n");

  std::vector<std::future<Result<Outcome>>> answers;
  std::vector<std::promise<Result<Outcome>>> promises(10);
  for (int i = 0; i < 10; ++i) {
    answers.push_back(promises[i].get_future());
    auto make = [&host, i] { return host.invoker().invoke({.function = "f", .payload = std::to_string(i)}); };
    host.shard().spawn(keep_result<Result<Outcome>>(promises[i], make));
  }

  for (std::future<Result<Outcome>>& answer : answers) answer.wait();
  EXPECT_EQ(answers[9].get().value().payload, "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]");
  EXPECT_EQ(host.counts().workers, 1U);
}

TEST(WorkerPool, TakesThePlaceOfAnIdleWorkerWhenPlacesAreScarce) {
  Settings settings;
  settings.workers_max = 1;
  TestHost host(settings);
  host.python("a", "def handler(event, context):\n    return 'a'\n");
  host.python("b", "def handler(event, context):\n    return 'b'\n");

  EXPECT_EQ(host.invoke("a").payload, "\"a\"");
  EXPECT_EQ(host.invoke("b").payload, "\"b\"");
  EXPECT_EQ(host.invoke("a").payload, "\"a\"");
  EXPECT_EQ(host.counts().workers, 1U);
}

TEST(WorkerPool, EndsAWorkerThatWasIdleForLong) {
  TestHost host;
  host.python("f", "def handler(event, context):\n    return 1\n");
  host.invoke("f");
  while (host.counts().idle == 0) std::this_thread::yield();

  host.shard().post([&] { host.invoker().end_idle({MonoTime::now().ms + 299'000}); });
  EXPECT_EQ(host.counts().workers, 1U);
  host.shard().post([&] { host.invoker().end_idle({MonoTime::now().ms + 301'000}); });
  EXPECT_EQ(host.counts().workers, 0U);
}

TEST(Invoker, RepeatsAnEventThatFailed) {
  TestHost host;
  host.python("f",
              "n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    print('try', n)\n"
              "    if n < 3: raise ValueError('no')\n    return n\n");

  Outcome outcome =
      run_on<Result<Outcome>>(host.shard(), [&] { return host.invoker().run_to_the_end({.function = "f"}); }).value();

  EXPECT_EQ(outcome.payload, "3");
  EXPECT_EQ(outcome.function_error, "");
}

TEST(Invoker, AThrottledEventWaitsForItsTurnAndIsNotAFailure) {
  Settings settings;
  settings.workers_per_function_max = 1;
  settings.waiting_max = 1;
  settings.throttle_delay = std::chrono::milliseconds(5);
  TestHost host(settings);
  host.python("f", "import time\ndef handler(event, context):\n    time.sleep(0.005)\n    return event\n");

  std::vector<std::promise<Result<Outcome>>> promises(20);
  for (int i = 0; i < 20; ++i) {
    auto make = [&host, i] { return host.invoker().run_to_the_end({.function = "f", .payload = std::to_string(i)}); };
    host.shard().spawn(keep_result<Result<Outcome>>(promises[i], make));
  }

  for (int i = 0; i < 20; ++i) EXPECT_EQ(promises[i].get_future().get().value().payload, std::to_string(i));
}

TEST(Invoker, AcceptsAnEventAndRunsItLater) {
  TestHost host;
  host.python("f", "def handler(event, context):\n    print('got', event)\n");

  Outcome outcome = host.try_invoke({.function = "f", .payload = "7", .kind = Invocation::Kind::event}).value();
  EXPECT_EQ(outcome.status, 202);
  while (host.log("f").find("REPORT") == std::string::npos) std::this_thread::yield();

  EXPECT_THAT(host.log("f"), HasSubstr("got 7"));
}

TEST(Invoker, RefusesAsLambdaDoes) {
  TestHost host;
  host.python("f", "def handler(event, context):\n    return 1\n");
  auto refusal = [&](Invocation invocation) { return host.try_invoke(invocation).error(); };

  Error missing = refusal({.function = "g"});
  EXPECT_EQ(missing.code, "ResourceNotFoundException");
  EXPECT_EQ(missing.message, "Function not found: arn:aws:lambda:us-east-1:000000000000:function:g");
  EXPECT_EQ(missing.http_status, 404);
  EXPECT_EQ(refusal({.function = "f:PROD"}).code, "ResourceNotFoundException");
  EXPECT_EQ(refusal({.function = "f", .payload = "{no"}).code, "InvalidRequestContentException");
  EXPECT_THAT(refusal({.function = "f", .payload = "{no"}).message,
              HasSubstr("Could not parse request body into json: "));
  std::string large(6 * 1024 * 1024 + 1, ' ');
  EXPECT_EQ(refusal({.function = "f", .payload = large}).code, "RequestTooLargeException");
  std::string event(1024 * 1024 + 1, ' ');
  EXPECT_EQ(refusal({.function = "f", .payload = event, .kind = Invocation::Kind::event}).http_status, 413);
  EXPECT_EQ(host.try_invoke({.function = "f", .kind = Invocation::Kind::dry_run}).value().status, 204);
}

TEST(Invoker, SaysThatAnInterpreterIsMissing) {
  TestHost host(Settings{.node = "/nowhere/node"});
  host.node("f", {{"handler.js", "exports.handler = async () => 1"}});

  Error error = host.try_invoke({.function = "f"}).error();

  EXPECT_EQ(error.code, "InvalidRuntimeException");
  EXPECT_THAT(error.message, HasSubstr("nodejs20.x"));
}

}  // namespace croft::lambda
