#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "broker/hub.h"
#include "broker/message_observer.h"
#include "shard/promise.h"
#include "things/shadows.h"

namespace croft::things {

struct ShadowRequest {
  enum class Verb : std::uint8_t { get, update, erase };
  Verb verb = Verb::get;
  ShadowId id;
  std::string body;
  unsigned republish_hops = 0;  // of the message that asks
};

// The Device Shadow service: answers requests that come by HTTP and by MQTT. The requests for one thing are handled one
// after the other on one shard, that of its name, and answered in that order when they are on disk. As in AWS a request
// by MQTT is answered on .../accepted or .../rejected to whoever subscribed, and so is an update or a deletion by HTTP
// that is accepted; every update tells .../documents, and .../delta while desired and reported differ.
//
// Threads: any shard.
class ShadowService {
 public:
  // All three outlive it. Every shard was added to `hub` before the first request.
  ShadowService(broker::Hub& hub, Shadows& shadows, Store& store) : hub_(hub), shadows_(shadows), store_(store) {}

  Shadows& shadows() { return shadows_; }
  // By HTTP: the document that answers it.
  Task<Result<std::string>> serve(ShadowRequest request);
  // By MQTT: a message on one of its request topics; any other message is left alone.
  void take(const broker::MessagePtr& message);

 private:
  using Answer = Promise<Result<std::string>>;
  struct Entry {
    std::vector<broker::MessagePtr> messages;
    bool needs_disk = false;
    std::optional<Answer> answer;  // of a request by HTTP
    Result<std::string> reply;
  };
  // What waits on one shard for its answer.
  struct Desk {
    std::deque<Entry> waiting;
    std::size_t durable = 0;  // of those that need the disk, from the front
  };

  Desk& desk_of(broker::ShardBroker& broker);
  void submit(ShadowRequest request, std::optional<Answer> answer);
  void refuse(const ShadowRequest& request, const std::optional<Answer>& answer);
  void perform(broker::ShardBroker& broker, const ShadowRequest& request, std::optional<Answer> answer);
  Entry entry_for(const ShadowRequest& request, bool is_http);
  Result<std::string> get(const ShadowRequest& request, std::vector<broker::MessagePtr>& messages);
  Result<std::string> update(const ShadowRequest& request, std::vector<broker::MessagePtr>& messages);
  Result<std::string> erase(const ShadowRequest& request, std::vector<broker::MessagePtr>& messages);
  void tell(broker::ShardBroker& broker);

  broker::Hub& hub_;
  Shadows& shadows_;
  Store& store_;
  std::array<Desk, 64> desks_;  // by the index of their shard, which alone touches them
  std::atomic<std::size_t> bytes_{0};    // of the requests on their way to their shard
  std::atomic<std::uint64_t> refused_{0};
};

// Brings the messages of one shard to the shadow service, and to who observes them anyway.
class ShadowObserver final : public broker::MessageObserver {
 public:
  // Both outlive it.
  ShadowObserver(ShadowService& service, broker::MessageObserver& next) : service_(service), next_(next) {}

  bool wants(std::string_view topic) const override;
  std::uint64_t version() const override { return next_.version(); }
  void on_message(const broker::MessagePtr& message, std::function<void()> finished) override;

 private:
  ShadowService& service_;
  broker::MessageObserver& next_;
};

}  // namespace croft::things
