// The handler that croft exists for runs byte for byte, against a stand-in for its table.
#include <gmock/gmock.h>

#include <fstream>
#include <mutex>

#include "lambda/test_host.h"
#include "net/http_server.h"
#include "net/listener.h"

namespace croft::lambda {
namespace {

std::string article_handler() {
  std::filesystem::path here(__FILE__);
  std::ifstream in(here.parent_path() / "../../tests/article/handler.py", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Answers every DynamoDB request with {} and keeps what was asked.
class Table {
 public:
  Table() {
    handler_ = [this](net::HttpRequest request) { return answer(std::move(request)); };
    listener_ = net::Listener::open(shard_, "127.0.0.1", 0, nullptr, false).value();
    listener_->start(
        [this](net::Transport transport) { shard_.spawn(net::serve_http(std::move(transport), handler_)); });
    shard_.start();
  }
  ~Table() { shard_.stop(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(listener_->port()); }
  std::vector<std::string> asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  Task<net::HttpResponse> answer(net::HttpRequest request) {
    const std::string* target = request.header("x-amz-target");
    std::lock_guard lock(mutex_);
    asked_.push_back((target ? *target : "") + " " + request.body);
    co_return net::HttpResponse{200, {{"content-type", "application/x-amz-json-1.0"}}, "{}"};
  }

  Shard shard_{1, "table"};
  net::HttpHandler handler_;
  std::unique_ptr<net::Listener> listener_;
  std::mutex mutex_;
  std::vector<std::string> asked_;
};

}  // namespace

TEST(Article, ItsHandlerWritesTheStateOfTheDevice) {
  Table table;
  TestHost host(Settings{.endpoint_url = table.url()});
  host.python(
      "f", article_handler(),
      {{"Runtime", "python3.7"}, {"Timeout", 30}, {"Environment", {{"Variables", {{"CONNECTED_TBL", "table"}}}}}});

  Outcome outcome = host.invoke("f", R"({"clientId":"core","eventType":"connected"})");

  if (outcome.payload.find("No module named 'boto3'") != std::string::npos) GTEST_SKIP() << "no boto3 here";
  EXPECT_EQ(outcome.payload, "null") << host.log("f");
  EXPECT_THAT(
      table.asked(),
      ::testing::ElementsAre(
          R"(DynamoDB_20120810.GetItem {"TableName": "table", "Key": {"id": {"S": "core"}}})",
          R"(DynamoDB_20120810.PutItem {"TableName": "table", "Item": {"id": {"S": "core"}, "is_connected": {"BOOL": true}}})"));
}

TEST(Article, ItsHandlerRaisesForAnEventThatIsNone) {
  TestHost host;
  host.python("f", article_handler(), {{"Timeout", 30}});

  Outcome outcome = host.invoke("f", "{}");

  if (outcome.payload.find("No module named 'boto3'") != std::string::npos) GTEST_SKIP() << "no boto3 here";
  EXPECT_EQ(outcome.function_error, "Unhandled");
  EXPECT_THAT(outcome.payload, ::testing::HasSubstr(R"("errorType": "KeyError")"));
  EXPECT_THAT(host.log("f"), ::testing::ContainsRegex("\\[ERROR\\]\t.*\t'clientId'\n"));
}

TEST(Interpreters, RunOldAndNewRuntimesOnTheMachinesPython) {
  TestFolder folder;
  Shard shard{0, "api"};
  Pool pool{1};
  Interpreters interpreters(pool, folder.path() + "/runtimes", "", "");
  shard.start();
  auto find = [&](const char* runtime) {
    return run_on<Result<Launch>>(shard, [&] { return interpreters.find(runtime, folder.path(), 128); });
  };

  Launch old = find("python3.7").value();

  EXPECT_EQ(old.arguments, find("python3.13")->arguments);
  EXPECT_THAT(old.description, ::testing::StartsWith("python:3."));
  EXPECT_EQ(old.arguments.back(), folder.path() + "/runtimes/bootstrap.py");
  EXPECT_EQ(find("provided.al2").error().code, "InvalidRuntimeException");
  shard.stop();
}

TEST(Invoker, AddsLittleToAWarmHandler) {
  TestHost host;
  host.python("f", "def handler(event, context):\n    return event\n");
  host.invoke("f");
  auto many = [&host]() -> Task<Done> {
    for (int i = 0; i < 500; ++i) {
      Result<Outcome> outcome = co_await host.invoker().invoke({.function = "f", .payload = R"({"clientId":"x"})"});
      EXPECT_TRUE(outcome);
    }
    co_return Done{};
  };

  auto start = std::chrono::steady_clock::now();
  run_on<Done>(host.shard(), many);
  double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() / 500;

  RecordProperty("ms_per_invocation", std::to_string(ms));
  std::printf("%.3f ms an invocation\n", ms);
  EXPECT_LT(ms, 50) << "far from what it should be, even on a busy machine";
}

}  // namespace croft::lambda
