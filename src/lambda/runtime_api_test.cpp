#include "lambda/runtime_api.h"

#include <gmock/gmock.h>

#include "lambda/limits.h"
#include "lambda/test_host.h"

namespace croft::lambda {

using ::testing::HasSubstr;

namespace {

// A RuntimeApi without sockets; what it tells its owner is kept as text.
class Api {
 public:
  Api() { shard_.start(); }
  ~Api() { shard_.stop(); }

  net::HttpResponse send(const std::string& method, const std::string& path, const std::string& body = "") {
    net::HttpRequest request{.method = method, .path = "/2018-06-01/runtime/" + path, .body = body};
    return run_on<net::HttpResponse>(shard_, [&] { return api_.handle(request); });
  }
  // The answer to a `next` that waits until something is given.
  std::future<net::HttpResponse> wait_for_next() {
    net::HttpRequest request{.method = "GET", .path = "/2018-06-01/runtime/invocation/next"};
    auto promise = std::make_shared<std::promise<net::HttpResponse>>();
    promises_.push_back(promise);
    shard_.spawn(keep_result<net::HttpResponse>(*promise, [this, request] { return api_.handle(request); }));
    return promise->get_future();
  }
  void give(const std::string& id, const std::string& payload) {
    act([&] { api_.give({.request_id = id, .payload = payload, .function_arn = "arn:f"}); });
  }
  void stop() {
    act([&] { api_.stop(); });
  }
  RuntimeApi::State state() {
    RuntimeApi::State state{};
    act([&] { state = api_.state(); });
    return state;
  }
  std::vector<std::string> heard;

 private:
  template <class F>
  void act(F f) {
    std::promise<void> done;
    shard_.post([&] {
      f();
      done.set_value();
    });
    done.get_future().wait();
  }

  Shard shard_{0, "api"};
  std::vector<std::shared_ptr<std::promise<net::HttpResponse>>> promises_;
  RuntimeApi api_{{.initialized = [this] { heard.push_back("initialized"); },
                   .idle = [this] { heard.push_back("idle"); },
                   .started = [this](const Job& job) { heard.push_back("started " + job.request_id); },
                   .responded = [this](std::string body) { heard.push_back("responded " + body); },
                   .failed = [this](std::string body) { heard.push_back("failed " + body); },
                   .init_failed = [this](std::string body) { heard.push_back("init failed " + body); }}};
};

}  // namespace

TEST(RuntimeApi, HandsOverAJobThatWasThereBeforeTheFirstNext) {
  Api api;
  api.give("id-1", "{\"a\":1}");

  net::HttpResponse response = api.send("GET", "invocation/next");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{\"a\":1}");
  EXPECT_EQ(*response.header("lambda-runtime-aws-request-id"), "id-1");
  EXPECT_EQ(*response.header("lambda-runtime-invoked-function-arn"), "arn:f");
  EXPECT_TRUE(response.header("lambda-runtime-deadline-ms"));
  EXPECT_THAT(*response.header("lambda-runtime-trace-id"), HasSubstr("Root=1-"));
  EXPECT_THAT(*response.header("lambda-runtime-trace-id"), HasSubstr(";Sampled=0"));
  EXPECT_THAT(api.heard, ::testing::ElementsAre("initialized", "started id-1"));
}

TEST(RuntimeApi, WaitsForAJob) {
  Api api;
  std::future<net::HttpResponse> next = api.wait_for_next();
  while (api.state() != RuntimeApi::State::idle) std::this_thread::yield();

  api.give("id-1", "1");

  EXPECT_EQ(next.get().body, "1");
  EXPECT_EQ(api.send("POST", "invocation/id-1/response", "\"ok\"").status, 202);
  EXPECT_THAT(api.heard, ::testing::ElementsAre("initialized", "idle", "started id-1", "responded \"ok\""));
}

TEST(RuntimeApi, RefusesWhatItsStateDoesNotAllow) {
  Api api;
  EXPECT_EQ(api.send("POST", "invocation/id-1/response").status, 403);  // before any job
  api.give("id-1", "1");
  api.send("GET", "invocation/next");

  net::HttpResponse again = api.send("GET", "invocation/next");
  EXPECT_EQ(again.status, 403);
  EXPECT_THAT(again.body, HasSubstr(R"("errorType":"InvalidStateTransition")"));
  EXPECT_EQ(api.send("POST", "invocation/other/response").status, 400);
  EXPECT_EQ(api.send("POST", "init/error").status, 403);
  EXPECT_EQ(api.send("POST", "invocation/id-1/response", "1").status, 202);
  EXPECT_EQ(api.send("POST", "invocation/id-1/response", "2").status, 403);
  EXPECT_EQ(api.send("POST", "invocation/id-1/error", "{}").status, 403);
  EXPECT_EQ(api.send("GET", "../../etc/passwd").status, 404);
  EXPECT_EQ(api.send("POST", "invocation//response").status, 404);
}

TEST(RuntimeApi, MakesADocumentOfWhateverAnErrorIs) {
  Api api;
  api.give("id-1", "1");
  api.send("GET", "invocation/next");

  api.send("POST", "invocation/id-1/error", "no \x01 json");

  EXPECT_EQ(api.heard.back(), R"(failed {"errorType":"Runtime.Unknown","errorMessage":"no \\x01 json"})");
}

TEST(RuntimeApi, RefusesAResponseThatIsTooLarge) {
  Api api;
  api.give("id-1", "1");
  api.send("GET", "invocation/next");

  EXPECT_EQ(api.send("POST", "invocation/id-1/response", std::string(limits::response_bytes_max + 1, '1')).status,
            413);
  EXPECT_THAT(api.heard.back(), HasSubstr("Function.ResponseSizeTooLarge"));
}

TEST(RuntimeApi, AnswersAWaitingNextWhenItStops) {
  Api api;
  std::future<net::HttpResponse> next = api.wait_for_next();
  while (api.state() != RuntimeApi::State::idle) std::this_thread::yield();

  api.stop();

  EXPECT_EQ(next.get().status, 403);
  EXPECT_EQ(api.send("GET", "invocation/next").status, 403);
}

}  // namespace croft::lambda
