#include "device/agent.h"

#include "device/limits.h"

namespace croft::device {

Agent::Agent(Shard& shard, const DeviceConfig& config, std::shared_ptr<net::TlsContext> tls, RuntimeLog& log,
             std::function<void(const LinkState&)> changed, Backoff::Random random)
    : shard_(shard),
      config_(config),
      tls_(std::move(tls)),
      log_(log),
      changed_(std::move(changed)),
      backoff_(std::chrono::seconds(config.reconnect_wait_max_s), std::move(random)) {}

Task<void> Agent::run() {
  report(false, "starting");
  while (!stopping_) {
    const MonoTime began = MonoTime::now();
    const Error why = co_await live_once();
    if (stopping_) break;
    log_failure(why);
    report(false, why.message);
    if (MonoTime::now().ms - began.ms >= limits::connection_is_stable.count()) backoff_.reset();
    if (!may_heal(why)) backoff_.widen();
    const Backoff::Milliseconds wait = backoff_.next();
    log_.info("Reconnecting in " + std::to_string(wait.count()) + " ms");
    co_await wait_before_retry(wait);
  }
}

// One connection from its beginning to its end; the reason of the end.
Task<Error> Agent::live_once() {
  auto client = std::make_shared<MqttClient>(shard_);
  client_ = client;
  shard_.spawn(watch_deadlines(client));
  Target target{config_.host, config_.port, tls_};
  mqtt::Connect packet;
  packet.client_id = config_.client_id;
  packet.keep_alive_s = config_.keep_alive_s;
  auto connected = co_await client->connect(std::move(target), std::move(packet), limits::connect_max);
  Error why = connected ? Error() : connected.error();
  if (connected && !stopping_) {
    announce_connected();
    if (config_.deployment_agent) start_deployment_agent(*client);
    why = co_await receive_until_lost(*client);
  }
  if (!stopping_) client->abort();  // when stopping, stop() has ended it
  client_.reset();
  co_return why;
}

Task<Error> Agent::receive_until_lost(MqttClient& client) {
  for (;;) {
    auto packet = co_await client.receive();
    if (!packet) co_return packet.error();
    if (const auto* message = std::get_if<mqtt::Publish>(&*packet)) {
      log_.info("Received " + std::to_string(message->payload.size()) + " bytes on " + message->topic);
    }
  }
}

void Agent::announce_connected() {
  last_refusal_.clear();
  log_.info("Deployment agent connected to cloud");
  report(true, {});
}

// What the core does once it is connected: it asks for its deployment document, a shadow beside its own.
void Agent::start_deployment_agent(MqttClient& client) {
  const std::string shadow = "$aws/things/" + config_.thing_name + "-gda/shadow/";
  mqtt::Subscribe subscribe;
  subscribe.packet_id = client.next_packet_id();
  for (const char* answer : {"update/delta", "get/accepted"}) {
    subscribe.subscriptions.push_back({.filter = shadow + answer});
    log_.info("Subscribed to topic " + shadow + answer);
  }
  client.send(subscribe);
  mqtt::Publish get;
  get.topic = shadow + "get";
  client.send(get);
}

Task<void> Agent::watch_deadlines(std::shared_ptr<MqttClient> client) {
  while (client_ == client) {
    co_await sleep_for(limits::tick);
    if (client_ == client) client->tick(MonoTime::now());
  }
}

// In short steps, so that a stop does not wait for the end of a long one.
Task<void> Agent::wait_before_retry(Backoff::Milliseconds wait) {
  const std::int64_t until_ms = MonoTime::now().ms + wait.count();
  while (!stopping_) {
    const std::int64_t left = until_ms - MonoTime::now().ms;
    if (left <= 0) break;
    co_await sleep_for(std::min<Backoff::Milliseconds>(limits::reconnect_wait_min, Backoff::Milliseconds(left)));
  }
}

void Agent::log_failure(const Error& why) {
  if (may_heal(why)) {
    last_refusal_.clear();
    log_.warn("Not connected to cloud: " + why.message);
  } else if (last_refusal_ != why.message) {
    last_refusal_ = why.message;
    log_.error("Not connected to cloud, and trying again may not help: " + why.message);
  }
}

void Agent::report(bool connected, std::string reason) {
  changed_(LinkState{connected, Timestamp::now(), std::move(reason)});
}

void Agent::stop(bool clean) {
  stopping_ = true;
  if (!client_) return;
  if (clean && client_->is_connected())
    client_->disconnect();
  else
    client_->abort();
}

}  // namespace croft::device
