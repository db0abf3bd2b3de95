#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "broker/group_rows.h"
#include "broker/shard_broker.h"
#include "console/presence_watch.h"
#include "net/http_server.h"
#include "net/listener.h"
#include "net/tls.h"
#include "presence/journal.h"
#include "rules/lanes.h"
#include "things/shadow_service.h"

namespace croft::app {

// What devices ask for by ALPN. Source: AWS IoT developer guide, "Protocols, port mappings, and authentication".
inline constexpr const char* alpn_mqtt_certificate = "x-amzn-mqtt-ca";
inline constexpr const char* alpn_http_certificate = "x-amzn-http-ca";
inline constexpr const char* alpn_mqtt_authorizer = "mqtt";

// The device shards: on each a broker, its journal and its rule lanes, and the listeners that bring connections.
class DeviceSide {
 public:
  // The references outlive it.
  DeviceSide(const Config& config, Store& store, const broker::Authority& authority, rules::Engine& engine, const rules::RuleLog& rule_log,
             things::Shadows& shadows, console::PresenceChanges& changes, presence::Told told);
  ~DeviceSide();

  // What the ports with TLS present and demand; of those that are on.
  struct TlsContexts {
    std::shared_ptr<net::TlsContext> mqtts, device, https;
  };
  // Takes the ports of devices on every shard; nothing is accepted yet. Errors: AddressInUse, ListenFailed, InvalidAddress.
  Result<void> bind(TlsContexts tls);
  // Starts the shards; hands out what an earlier process left and ends the connections that it had open. Returns when
  // all of that is durable.
  void recover();
  // `http` answers the requests of devices, on the shard of their connection; it outlives this object's shards.
  void accept(const net::HttpHandler& http);
  // A connection that another shard accepted, there: it moves to one of the device shards.
  void take(net::Transport transport);
  // Ends every connection and waits, for at most `patience`, until their events are durable and the rules are done;
  // what is left then is delivered at the next start.
  void stop(std::chrono::milliseconds patience);

  std::optional<std::uint16_t> mqtt_port() const { return mqtt_port_; }
  std::optional<std::uint16_t> mqtts_port() const { return mqtts_port_; }
  std::optional<std::uint16_t> device_port() const { return device_port_; }
  std::optional<std::uint16_t> https_port() const { return https_port_; }

  std::size_t shard_count() const { return parts_.size(); }
  broker::Hub& hub() { return hub_; }
  things::ShadowService& shadows() { return shadows_; }

  // What one device shard counted and holds; a copy.
  struct ShardFigures {
    std::string name;
    broker::Core::Counters core;
    broker::Figures broker;
    std::map<std::string_view, std::uint64_t> accepted;  // connections, by listener
    std::size_t clients = 0, subscriptions = 0, stored_sessions = 0, queued_bytes = 0;
    std::size_t mail_messages = 0, mail_bytes = 0;
    std::size_t journal_pending = 0;
    std::size_t rule_jobs = 0;
    metrics::Histogram rule_time, event_time, loop_lag;
  };
  // Of every shard, each copied there. Threads: any shard.
  Task<std::vector<ShardFigures>> figures();
  std::map<std::string_view, net::TlsContext::Handshakes> handshakes() const;  // by listener
  std::size_t websockets_taken() const { return taken_; }

  // Runs `visit` on every shard in turn and waits for it.
  void on_each(const std::function<void(broker::ShardBroker&)>& visit);

 private:
  struct Part;  // what lives on one shard
  enum class Speaks { mqtt, http, as_alpn_says };

  struct Port {
    std::string_view name;
    const std::optional<std::uint16_t>& wanted;
    const std::string address;
    const std::shared_ptr<net::TlsContext> tls;
    const Speaks speaks;
    std::optional<std::uint16_t>& bound;
  };
  Result<std::uint16_t> open(const Port& wanted);
  static Task<ShardFigures> figures_of(Part& part);
  void restore_groups(const std::vector<broker::group_rows::Row>& rows);
  void resume_rules(const std::vector<broker::rule_rows::Row>& rows);
  static void greet(Part& part, Speaks speaks, net::Transport transport, const net::HttpHandler& http);
  std::size_t pending();

  const Config& config_;
  Store& store_;
  broker::Hub hub_;
  things::ShadowService shadows_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::map<std::string_view, std::shared_ptr<net::TlsContext>> tls_;  // by listener
  std::atomic<std::size_t> taken_ = 0;
  std::optional<std::uint16_t> mqtt_port_;
  std::optional<std::uint16_t> mqtts_port_;
  std::optional<std::uint16_t> device_port_;
  std::optional<std::uint16_t> https_port_;
};

}  // namespace croft::app
