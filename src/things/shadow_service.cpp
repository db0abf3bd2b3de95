#include "things/shadow_service.h"

#include "broker/shadow_topic.h"
#include "broker/shard_broker.h"
#include "observe/log.h"
#include "things/limits.h"

namespace croft::things {

namespace {

using Verb = ShadowRequest::Verb;

// "$aws/things/THING/shadow/update/" and its like, where the answers go.
std::string answer_topic(const ShadowRequest& request, std::string_view last) {
  std::string topic = std::string(broker::shadow_topic_prefix) + request.id.thing + "/shadow/";
  if (!request.id.name.empty()) topic += "name/" + request.id.name + "/";
  topic += request.verb == Verb::get ? "get/" : request.verb == Verb::update ? "update/" : "delete/";
  return topic.append(last);
}

broker::MessagePtr message(const ShadowRequest& request, std::string_view last, std::string_view payload) {
  const std::string topic = answer_topic(request, last);
  return broker::make_message({.topic = topic,
                               .payload = payload,
                               .qos = mqtt::QoS::at_least_once,
                               .republish_hops = request.republish_hops,
                               .published_at = Timestamp::now()});
}

Error too_many_requests() { return {"ThrottlingException", "Too Many Requests", 429, R"({"code":429})"}; }

}  // namespace

Result<std::string> ShadowService::get(const ShadowRequest& request, std::vector<broker::MessagePtr>&) {
  auto shadow = shadows_.get(request.id);
  if (!shadow) return shadow.error();
  return json::dump(shadow_document(*shadow, shadow_client_token(request.body), Timestamp::now()));
}

Result<std::string> ShadowService::update(const ShadowRequest& request, std::vector<broker::MessagePtr>& messages) {
  auto update = read_shadow_update(request.body);
  if (!update) return update.error();
  const Timestamp now = Timestamp::now();
  auto change = shadows_.update(request.id, *update, now);
  if (!change) return change.error();
  std::string accepted = json::dump(accepted_document(*update, change->after, now));
  messages.push_back(message(request, "accepted", accepted));
  const ShadowSection delta = shadow_delta(change->after);
  if (!delta.state.empty())
    messages.push_back(message(request, "delta", json::dump(delta_document(delta, change->after, update->client_token, now))));
  messages.push_back(
      message(request, "documents", json::dump(documents_document(change->before, change->after, update->client_token, now))));
  return accepted;
}

Result<std::string> ShadowService::erase(const ShadowRequest& request, std::vector<broker::MessagePtr>& messages) {
  const Timestamp now = Timestamp::now();
  auto erased = shadows_.erase(request.id, now);
  if (!erased) return erased.error();
  std::string deleted = json::dump(deleted_document(*erased, shadow_client_token(request.body), now));
  messages.push_back(message(request, "accepted", deleted));
  return deleted;
}

// The answer to a reader by HTTP, and every refusal, concern nobody else.
ShadowService::Entry ShadowService::entry_for(const ShadowRequest& request, bool is_http) {
  Entry entry;
  switch (request.verb) {
    case Verb::get: entry.reply = get(request, entry.messages); break;
    case Verb::update: entry.reply = update(request, entry.messages); break;
    case Verb::erase: entry.reply = erase(request, entry.messages); break;
  }
  entry.needs_disk = entry.reply && request.verb != Verb::get;
  if (is_http) return entry;
  if (entry.reply && request.verb == Verb::get) entry.messages.push_back(message(request, "accepted", *entry.reply));
  if (!entry.reply) {
    const json::object refusal = rejected_document(entry.reply.error(), shadow_client_token(request.body));
    entry.messages.push_back(message(request, "rejected", json::dump(refusal)));
  }
  return entry;
}

ShadowService::Desk& ShadowService::desk_of(broker::ShardBroker& broker) { return desks_[broker.shard().index()]; }

// Too many wait. By MQTT nothing is said: the answer would be one more message.
void ShadowService::refuse(const ShadowRequest& request, const std::optional<Answer>& answer) {
  const std::uint64_t before = refused_.fetch_add(1, std::memory_order_relaxed);
  if (before % 1'000 == 0)  // a flood of requests is not one of lines
    log::warn("things", "too many requests for shadows wait; one of thing '" + request.id.thing + "' was refused, after " +
                            std::to_string(before) + " others");
  if (answer) answer->fulfil(too_many_requests());
}

// To the shard of the thing.
void ShadowService::submit(ShadowRequest request, std::optional<Answer> answer) {
  const std::size_t bytes = request.body.size();
  if (bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes > limits::shadow_request_bytes_waiting_max) {
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    return refuse(request, answer);
  }
  broker::ShardBroker& broker = hub_.owner(request.id.thing);
  broker.shard().post([this, &broker, answer = std::move(answer), request = std::move(request)] {
    bytes_.fetch_sub(request.body.size(), std::memory_order_relaxed);
    perform(broker, request, answer);
  });
}

void ShadowService::perform(broker::ShardBroker& broker, const ShadowRequest& request, std::optional<Answer> answer) {
  Desk& desk = desk_of(broker);
  if (desk.waiting.size() >= limits::shadow_requests_waiting_max) return refuse(request, answer);
  Entry entry = entry_for(request, answer.has_value());
  entry.answer = std::move(answer);
  const bool needs_disk = entry.needs_disk;
  desk.waiting.push_back(std::move(entry));
  if (!needs_disk) return tell(broker);
  store_.commit(Batch(), [this, &broker] {
    broker.shard().post([this, &broker] {
      ++desk_of(broker).durable;
      tell(broker);
    });
  });
}

// Everything from the front that waits for nothing any more.
void ShadowService::tell(broker::ShardBroker& broker) {
  Desk& desk = desk_of(broker);
  while (!desk.waiting.empty()) {
    if (desk.waiting.front().needs_disk && desk.durable == 0) return;
    Entry entry = std::move(desk.waiting.front());
    desk.waiting.pop_front();
    if (entry.needs_disk) --desk.durable;
    for (const broker::MessagePtr& each : entry.messages) broker.publish(each, {});
    if (entry.answer) entry.answer->fulfil(std::move(entry.reply));
  }
}

Task<Result<std::string>> ShadowService::serve(ShadowRequest request) {
  const Answer answer;
  submit(std::move(request), answer);
  Result<std::string> reply = co_await answer.wait();
  co_return reply;
}

void ShadowService::take(const broker::MessagePtr& message) {
  const auto topic = broker::shadow_topic(message->topic());
  if (!topic) return;
  const Verb verb = topic->verb == "get" ? Verb::get : topic->verb == "update" ? Verb::update : Verb::erase;
  const std::string_view body = message->payload().substr(0, limits::shadow_request_bytes_max + 1);  // more is refused anyway
  submit({.verb = verb,
          .id = {std::string(topic->thing), std::string(topic->name)},
          .body = std::string(body),
          .republish_hops = message->republish_hops()},
         std::nullopt);
}

bool ShadowObserver::wants(std::string_view topic) const { return broker::is_shadow_request(topic) || next_.wants(topic); }

void ShadowObserver::on_message(const broker::MessagePtr& message, std::function<void()> finished) {
  if (!message->is_will()) service_.take(message);  // AWS IoT developer guide, "Interacting with shadows", "MQTT last will"
  next_.on_message(message, std::move(finished));
}

}  // namespace croft::things
