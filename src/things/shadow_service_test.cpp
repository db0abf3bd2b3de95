#include "things/shadow_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/shard_broker.h"
#include "store/manual_store.h"
#include "things/limits.h"

namespace croft::things {

namespace {

using testing::ElementsAre;
using testing::StartsWith;

class Anyone final : public broker::Authority {
 public:
  Task<Verdict> admit(const net::Peer&, const mqtt::Connect&) const override { co_return Verdict{}; }
};

// What the rules would see.
class Heard final : public broker::MessageObserver, public broker::Recorder {
 public:
  bool wants(std::string_view topic) const override { return topic.starts_with("$aws/things/"); }
  std::uint64_t version() const override { return 1; }
  void on_message(const broker::MessagePtr& message, std::function<void()> finished) override {
    messages.push_back(std::string(message->topic()) + " " + std::string(message->payload()));
    hops.push_back(message->republish_hops());
    if (finished) finished();
  }
  void record(broker::Record) override {}
  std::vector<std::string> messages;
  std::vector<unsigned> hops;
};

class ShadowServiceTest : public testing::Test {
 protected:
  ShadowServiceTest() {
    hub.add(broker);
    broker.connect_to(heard, observer);
  }
  void run() {
    while (shard.io().poll() > 0) {
    }
  }
  static broker::MessagePtr request(std::string_view topic, std::string_view payload, unsigned hops = 0) {
    return broker::make_message({.topic = topic, .payload = payload, .republish_hops = hops});
  }

  Anyone anyone;
  broker::Settings settings;
  Shard shard{0, "device"};
  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  broker::Hub hub{1};
  broker::ShardBroker broker{shard, settings, anyone, hub, nullptr};
  Shadows shadows{*store};
  ShadowService service{hub, shadows, *store};
  Heard heard;
  ShadowObserver observer{service, heard};
};

}  // namespace

TEST_F(ShadowServiceTest, AMessageThatIsARequestIsSeenByOthersToo) {
  observer.on_message(request("$aws/things/t/shadow/update", R"({"state":{"reported":{"a":1}}})"), {});
  observer.on_message(request("$aws/things/t/other", "x"), {});
  run();

  EXPECT_THAT(heard.messages, ElementsAre(StartsWith("$aws/things/t/shadow/update {"), "$aws/things/t/other x",
                                          StartsWith("$aws/things/t/shadow/update/accepted {"),
                                          StartsWith("$aws/things/t/shadow/update/documents {")));
  EXPECT_EQ(shadows.get({"t", ""}).value().version, 1);
}

TEST_F(ShadowServiceTest, AWillIsSeenByOthersAlone) {
  observer.on_message(
      broker::make_message({.topic = "$aws/things/t/shadow/update", .payload = R"({"state":{"reported":{"a":1}}})", .will = true}), {});
  run();

  EXPECT_THAT(heard.messages, ElementsAre(StartsWith("$aws/things/t/shadow/update {")));
}

TEST_F(ShadowServiceTest, AnswersHaveTheHopsOfTheRequest) {
  service.take(request("$aws/things/t/shadow/get", "", 5));
  run();

  EXPECT_THAT(heard.messages,
              ElementsAre(R"($aws/things/t/shadow/get/rejected {"code":404,"message":"No shadow exists with name: 't'"})"));
  EXPECT_THAT(heard.hops, ElementsAre(5));
}

TEST_F(ShadowServiceTest, RequestsThatWaitForTheirShardAreBounded) {
  const std::string large(limits::shadow_request_bytes_max, ' ');
  const std::size_t most = limits::shadow_request_bytes_waiting_max / large.size();
  for (std::size_t i = 0; i < most + 5; ++i) service.take(request("$aws/things/t/shadow/update", large));
  run();

  EXPECT_EQ(heard.messages.size(), most);
  service.take(request("$aws/things/t/shadow/get", ""));
  run();
  EXPECT_EQ(heard.messages.size(), most + 1);
}

TEST_F(ShadowServiceTest, NothingIsToldBeforeItIsOnDiskAndNothingOvertakes) {
  ManualStore disk;
  Shadows slow_shadows(disk);
  ShadowService slow(hub, slow_shadows, disk);
  slow.take(request("$aws/things/t/shadow/update", R"({"state":{"reported":{"a":1}}})"));
  slow.take(request("$aws/things/t/shadow/get", ""));
  slow.take(request("$aws/things/t/shadow/delete", ""));
  slow.take(request("$aws/things/t/shadow/get", ""));
  run();
  EXPECT_THAT(heard.messages, testing::IsEmpty());

  disk.apply_one();
  disk.tell_one();
  run();
  EXPECT_THAT(heard.messages,
              ElementsAre(StartsWith("$aws/things/t/shadow/update/accepted"), StartsWith("$aws/things/t/shadow/update/documents"),
                          StartsWith("$aws/things/t/shadow/get/accepted")));

  disk.apply_one();
  disk.tell_one();
  run();
  ASSERT_EQ(heard.messages.size(), 5u);
  EXPECT_THAT(heard.messages[3], StartsWith("$aws/things/t/shadow/delete/accepted"));
  EXPECT_THAT(heard.messages[4], StartsWith("$aws/things/t/shadow/get/rejected"));
}

}  // namespace croft::things
