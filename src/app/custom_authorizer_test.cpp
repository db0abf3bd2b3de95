#include "app/custom_authorizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "things/registry_fixture.h"

namespace croft::app {

using testing::HasSubstr;
using Verdict = broker::Authority::Verdict;

namespace {

json::object granting(const std::string& resource = "*") {
  return {
      {"isAuthenticated", true},
      {"principalId", "alice1"},
      {"refreshAfterInSeconds", 300},
      {"policyDocuments", json::array{R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:*","Resource":")" +
                                      resource + "\"}}"}}};
}

Task<void> keep(Task<Verdict> task, std::promise<Verdict>& result) {
  Verdict verdict = co_await std::move(task);
  result.set_value(std::move(verdict));
}

}  // namespace

class CustomAuthorizersTest : public things::RegistryTest {
 protected:
  CustomAuthorizersTest() {
    registry_
        ->create_authorizer(
            {.name = "own", .function_arn = "arn:aws:lambda:us-east-1:123456789012:function:f", .signing_disabled = true})
        .value();
    shard_.start();
  }
  // A refresh that is under way ends before the loop does: a coroutine that waits when its loop ends is a leak.
  ~CustomAuthorizersTest() override {
    for (int turn = 0; turn < 50; ++turn) {
      std::promise<void> over;
      shard_.post([&over] { over.set_value(); });
      over.get_future().wait();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    shard_.stop();
  }

  void limit(CustomAuthorizers::Limits limits) {
    authorizers_ = std::make_unique<CustomAuthorizers>(shard_, *registry_, refusals_, call(), limits);
  }

  Verdict admit(const std::string& client_id = "c") {
    std::promise<Verdict> result;
    begin(client_id, result);
    return result.get_future().get();
  }
  void begin(const std::string& client_id, std::promise<Verdict>& result) {
    auto connect = std::make_shared<mqtt::Connect>();
    connect->client_id = client_id;
    connect->user_name = user_name_;
    connects_.push_back(connect);
    shard_.spawn(keep(authorizers_->admit(peer_, *connect), result));
  }
  // The reason of a refusal, as `why` shows it.
  std::string refusal(const std::string& client_id = "c") {
    EXPECT_EQ(admit(client_id).reason, mqtt::ReasonCode::not_authorized);
    const auto refusals = refusals_.of(client_id);
    return refusals.empty() ? "" : refusals.back().sentence();
  }
  void refresh(std::int64_t after_s) {
    std::promise<void> done;
    shard_.post([&] {
      authorizers_->refresh_due({MonoTime::now().ms + after_s * 1'000});
      done.set_value();
    });
    done.get_future().get();
  }
  template <class Check>
  bool eventually(Check check) {
    for (int i = 0; i < 500; ++i) {
      if (check()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  CustomAuthorizers::Call call() {
    return [this](things::Authorizer, std::string event) { return answer(std::move(event)); };
  }
  Task<Result<lambda::Outcome>> answer(std::string event) {
    ++calls_;
    last_event_ = event;
    if (delay_.count() > 0) co_await sleep_for(delay_);
    if (throws_) throw std::runtime_error("boom");
    co_return outcome_;
  }

  net::Peer peer_{.address = "127.0.0.1", .tls = true, .alpn = "mqtt"};
  std::string user_name_ = "alice?x-amz-customauthorizer-name=own";
  std::atomic<int> calls_ = 0;
  std::string last_event_;
  std::chrono::milliseconds delay_{0};
  bool throws_ = false;
  Result<lambda::Outcome> outcome_ = lambda::Outcome{.payload = json::dump(granting())};
  std::vector<std::shared_ptr<mqtt::Connect>> connects_;
  Refusals refusals_{100};
  Shard shard_{1, "test"};
  std::unique_ptr<CustomAuthorizers> authorizers_ = std::make_unique<CustomAuthorizers>(shard_, *registry_, refusals_, call());
};

TEST_F(CustomAuthorizersTest, JudgesConnectionsThatBringNothingElse) {
  mqtt::Connect named, unnamed;
  named.user_name = "?X-Amz-CustomAuthorizer-Name=a";
  const net::ClientCertificate certificate{.id = "c", .common_name = ""};
  const auto judges = &CustomAuthorizers::judges;

  EXPECT_TRUE(judges({.tls = true, .alpn = "mqtt"}, unnamed));
  EXPECT_TRUE(judges({.tls = true, .websocket = true}, unnamed));
  EXPECT_TRUE(judges({}, named));

  EXPECT_FALSE(judges({}, unnamed)) << "plain, on loopback";
  EXPECT_FALSE(judges({.tls = true}, named));
  EXPECT_FALSE(judges({.tls = true, .alpn = "x-amzn-mqtt-ca"}, named));
  EXPECT_FALSE(judges({.tls = true, .alpn = "mqtt", .certificate = certificate}, named));
  EXPECT_FALSE(judges({.websocket = true, .principal = "AIDA"}, named));
}

TEST_F(CustomAuthorizersTest, GrantsWhatTheFunctionSays) {
  outcome_ = lambda::Outcome{.payload = json::dump(granting("arn:aws:iot:us-east-1:123456789012:*/${iot:ClientId}"))};

  const Verdict verdict = admit();

  ASSERT_EQ(verdict.reason, mqtt::ReasonCode::success) << verdict.why;
  EXPECT_EQ(verdict.principal, "alice1");
  EXPECT_EQ(verdict.life_s, 86'400u);
  EXPECT_TRUE(verdict.rights->may_publish("c", true));
  EXPECT_FALSE(verdict.rights->may_publish("other", false));
  EXPECT_EQ(refusals_.of("c").back().sentence(), "no statement allows it; policies looked at: policyDocuments[0]");
}

TEST_F(CustomAuthorizersTest, APolicyWithoutConnectRefuses) {
  outcome_ = lambda::Outcome{.payload = json::dump(granting("arn:aws:iot:us-east-1:123456789012:topic/*"))};

  const Verdict verdict = admit();

  EXPECT_EQ(verdict.reason, mqtt::ReasonCode::not_authorized);
  EXPECT_EQ(verdict.principal, "alice1") << "somebody who is known, so there is a connect_failed event";
}

TEST_F(CustomAuthorizersTest, EveryFailureRefuses) {
  outcome_ = lambda::Outcome{.payload = R"({"errorType":"KeyError","errorMessage":"secret"})", .function_error = "Unhandled"};
  EXPECT_EQ(refusal(), "the authorizer's function failed: KeyError");
  outcome_ = Error{"TooManyRequestsException", "Rate Exceeded.", 429};
  EXPECT_EQ(refusal(), "the authorizer's function could not run: Rate Exceeded.");
  outcome_ = lambda::Outcome{.payload = "null"};
  EXPECT_THAT(refusal(), HasSubstr("is not a JSON object"));
  throws_ = true;
  EXPECT_THAT(refusal(), HasSubstr("an internal error occurred"));
}

TEST_F(CustomAuthorizersTest, AFunctionThatIsLateRefuses) {
  limit({.call_max = std::chrono::milliseconds(20)});
  delay_ = std::chrono::milliseconds(500);

  EXPECT_EQ(refusal(), "the authorizer's function could not run: it did not answer in time");
}

TEST_F(CustomAuthorizersTest, TheAuthorizerMustBeThereAndActive) {
  user_name_ = "?x-amz-customauthorizer-name=nobody";
  EXPECT_EQ(refusal(), "Authorizer nobody not found");
  user_name_ = "?x-amz-customauthorizer-name=../own";
  EXPECT_THAT(refusal(), HasSubstr("regular expression"));
  user_name_ = "alice";
  EXPECT_EQ(refusal(), "no authorizer was named, and there is no default one");
  registry_->set_default_authorizer("own").value();
  EXPECT_EQ(admit().reason, mqtt::ReasonCode::success);
  registry_->update_authorizer("own", {.active = false}).value();
  EXPECT_EQ(refusal(), "authorizer own is INACTIVE");
  EXPECT_EQ(calls_, 1);
}

TEST_F(CustomAuthorizersTest, FewRunAtOnceAndTheRestWait) {
  limit({.calls_max = 1, .waiting_max = 1});
  delay_ = std::chrono::milliseconds(50);
  std::promise<Verdict> results[3];

  for (int i = 0; i < 3; ++i) begin("c" + std::to_string(i), results[i]);

  EXPECT_EQ(results[2].get_future().get().reason, mqtt::ReasonCode::not_authorized) << "no place to wait";
  EXPECT_EQ(results[0].get_future().get().reason, mqtt::ReasonCode::success);
  EXPECT_EQ(results[1].get_future().get().reason, mqtt::ReasonCode::success);
  EXPECT_THAT(refusals_.of("c2").back().sentence(), HasSubstr("too many connections wait"));
}

TEST_F(CustomAuthorizersTest, NobodyWaitsForEver) {
  limit({.calls_max = 1, .turn_wait_max = std::chrono::milliseconds(20)});
  delay_ = std::chrono::milliseconds(300);
  std::promise<Verdict> first, second;

  begin("c1", first);
  begin("c2", second);

  EXPECT_EQ(second.get_future().get().reason, mqtt::ReasonCode::not_authorized);
  EXPECT_EQ(first.get_future().get().reason, mqtt::ReasonCode::success);
  EXPECT_EQ(admit("c3").reason, mqtt::ReasonCode::success) << "the turn came back";
}

TEST_F(CustomAuthorizersTest, ARefreshReplacesThePolicies) {
  const Verdict verdict = admit();
  ASSERT_TRUE(verdict.rights->may_publish("a", false));
  const std::string first_event = last_event_;
  outcome_ = lambda::Outcome{.payload = json::dump(granting("arn:aws:iot:us-east-1:123456789012:topic/b"))};

  refresh(299);
  EXPECT_EQ(calls_, 1);
  refresh(301);

  EXPECT_TRUE(eventually([&] { return !verdict.rights->may_publish("a", false); }));
  EXPECT_TRUE(verdict.rights->may_publish("b", false));
  EXPECT_TRUE(verdict.rights->may_stay());
  EXPECT_EQ(last_event_, first_event);
  EXPECT_EQ(authorizers_->revision(), 0u);
}

TEST_F(CustomAuthorizersTest, ARefusedRefreshEndsTheConnection) {
  for (const json::object& given : {json::object{{"isAuthenticated", false}}, json::object()}) {
    outcome_ = lambda::Outcome{.payload = json::dump(granting())};
    const Verdict verdict = admit();
    const std::uint64_t before = authorizers_->revision();
    outcome_ = lambda::Outcome{.payload = json::dump(given)};

    refresh(301);

    EXPECT_TRUE(eventually([&] { return authorizers_->revision() == before + 1; }));
    EXPECT_FALSE(verdict.rights->may_stay());
    EXPECT_THAT(refusals_.of("c").back().sentence(), HasSubstr("refreshing its policies: "));
  }
}

TEST_F(CustomAuthorizersTest, ARefreshThatNamesAnotherPrincipalEndsTheConnection) {
  const Verdict verdict = admit();
  json::object other = granting();
  other["principalId"] = "mallory";
  outcome_ = lambda::Outcome{.payload = json::dump(other)};

  refresh(301);

  EXPECT_TRUE(eventually([&] { return !verdict.rights->may_stay(); }));
}

TEST_F(CustomAuthorizersTest, ARefreshWithoutItsAuthorizerEndsTheConnection) {
  const Verdict verdict = admit();
  registry_->update_authorizer("own", {.active = false}).value();

  refresh(301);

  EXPECT_TRUE(eventually([&] { return !verdict.rights->may_stay(); }));
  EXPECT_EQ(calls_, 1);
}

TEST_F(CustomAuthorizersTest, AConnectionThatEndedIsNotRefreshed) {
  admit();
  const Verdict live = admit();
  ASSERT_EQ(calls_, 2);

  refresh(301);

  EXPECT_TRUE(eventually([&] { return calls_ == 3; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(calls_, 3);
}

TEST_F(CustomAuthorizersTest, ManyRefreshesTakeTurnsAndNoneIsLost) {
  limit({.calls_max = 1, .waiting_max = 0, .refreshes_max = 2});
  std::vector<Verdict> verdicts;
  for (int i = 0; i < 20; ++i) verdicts.push_back(admit("c" + std::to_string(i)));
  delay_ = std::chrono::milliseconds(2);

  refresh(301);

  EXPECT_TRUE(eventually([&] { return calls_ == 40; }));
  for (const Verdict& verdict : verdicts) EXPECT_TRUE(verdict.rights->may_stay());
}

}  // namespace croft::app
