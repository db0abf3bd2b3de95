#include "rules/actions/salesforce.h"

#include <gtest/gtest.h>

#include <future>

#include "rules/actions/http_request.h"

namespace croft::rules {

namespace {

constexpr const char* stream = "https://ingestion-abc123.inst1.sfdcnow.com/streams/one_1/two/event";

// Answers with what it is given and keeps what it was asked.
class FakeWeb final : public Web {
 public:
  Task<Result<net::HttpResponse>> request(Shard&, net::HttpCall call, std::chrono::milliseconds timeout) override {
    calls.push_back(std::move(call));
    timeouts.push_back(timeout);
    auto answer = answers.empty() ? Result<net::HttpResponse>(net::HttpResponse{}) : std::move(answers.front());
    if (!answers.empty()) answers.erase(answers.begin());
    co_return answer;
  }
  std::vector<net::HttpCall> calls;
  std::vector<std::chrono::milliseconds> timeouts;
  std::vector<Result<net::HttpResponse>> answers;
};

Task<void> keep(Task<Result<void>> task, std::promise<Result<void>>& into) {
  auto done = co_await std::move(task);
  into.set_value(std::move(done));
}

class SalesforceTest : public testing::Test {
 protected:
  SalesforceTest() {
    add_salesforce_action(types, web);
    shard.start();
  }
  ~SalesforceTest() override { shard.stop(); }
  Result<std::unique_ptr<Action>> compile(std::string url, std::string token = std::string(40, 't')) {
    const json::object action{{"salesforce", json::object{{"url", url}, {"token", token}}}};
    return types.compile(action, {sql::SqlVersion::v2016_03_23, nullptr});
  }
  Result<void> run(const Action& action) {
    const sql::Message original(SharedBytes(std::string(R"({"a":1})")));
    Firing firing{.rule_name = "r",
                  .message = broker::make_message({.topic = "t", .payload = R"({"a":1})"}),
                  .original = original,
                  .output = sql::Output(original),
                  .topic = "t"};
    firing.shard = &shard;
    std::promise<Result<void>> done;
    shard.spawn(keep(action.run(firing), done));
    return done.get_future().get();
  }

  Shard shard{0, "test"};
  FakeWeb web;
  ActionTypes types;
};

}  // namespace

TEST_F(SalesforceTest, PostsThePayloadWithItsToken) {
  const auto action = compile(stream).value();

  EXPECT_TRUE(run(*action));

  ASSERT_EQ(web.calls.size(), 1u);
  EXPECT_EQ(web.calls[0].method + " " + web.calls[0].url, std::string("POST ") + stream);
  EXPECT_EQ(*net::header(web.calls[0].headers, "authorization"), "Bearer " + std::string(40, 't'));
  EXPECT_EQ(*net::header(web.calls[0].headers, "content-type"), "application/json");
  EXPECT_EQ(web.calls[0].body, R"({"a":1})");
}

TEST_F(SalesforceTest, IsTriedThreeTimes) {
  const auto action = compile(stream).value();
  for (int n = 0; n < 3; ++n) web.answers.push_back(net::HttpResponse{.status = 503});

  const auto done = run(*action);

  EXPECT_EQ(web.calls.size(), 3u);
  EXPECT_EQ(done.error().message,
            "SalesforceAction failed to make a request to the specified endpoint. StatusCode: 503. Reason: Service Unavailable.");
}

TEST_F(SalesforceTest, ARefusedConnectionIsTriedAgainAndABrokenOneIsNot) {
  const auto action = compile(stream).value();
  web.answers = {Error{"ConnectionFailed", "refused"}, Error{"ConnectionLost", "lost"}};

  const auto done = run(*action);

  EXPECT_EQ(web.calls.size(), 2u);
  EXPECT_EQ(done.error().message, "SalesforceAction failed to make a request to the specified endpoint. Reason: lost");
  EXPECT_LE(web.timeouts[1], web.timeouts[0]);
}

TEST_F(SalesforceTest, RefusesOtherHostsAndShortTokens) {
  for (const char* url :
       {"https://example.com/streams/a/b/event", "http://ingestion-a.b.sfdcnow.com/streams/a/b/event",
        "https://ingestion-a.b.sfdcnow.com.example.com/streams/a/b/event",
        "https://ingestion-a.b.sfdcnow.com/streams/a/b/event?x", "https://ingestion-a.b.sfdcnow.com/streams/a/event"})
    EXPECT_FALSE(compile(url)) << url;
  EXPECT_EQ(compile(stream, std::string(39, 't')).error().message, "The token must have at least 40 characters.");
}

}  // namespace croft::rules
