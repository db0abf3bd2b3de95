#include "app/metrics.h"

#include <numeric>

#include "observe/exposition.h"
#include "observe/process_figures.h"

namespace croft::app {

namespace {

using metrics::Exposition;
using metrics::Histogram;
using enum metrics::Exposition::Type;
using Shards = std::vector<DeviceSide::ShardFigures>;
using Figures = DeviceSide::ShardFigures;

constexpr std::chrono::milliseconds lag_interval{200};

template <class Of>
std::uint64_t sum(const Shards& shards, Of of) {
  return std::accumulate(shards.begin(), shards.end(), std::uint64_t{0},
                         [&](std::uint64_t total, const Figures& shard) { return total + std::invoke(of, shard); });
}

template <class Member>
std::uint64_t sum_of_core(const Shards& shards, Member member) {
  return sum(shards, [member](const Figures& shard) { return shard.core.*member; });
}

template <class Of>
Histogram merged(const Shards& shards, Of of) {
  Histogram total;
  for (const Figures& shard : shards) total.merge(std::invoke(of, shard));
  return total;
}

void write_connections(Exposition& out, const Shards& shards) {
  std::map<std::string_view, std::uint64_t> accepted;
  for (const Figures& shard : shards)
    for (const auto& [listener, count] : shard.accepted) accepted[listener] += count;
  out.begin("croft_accepted_connections_total", counter, "Connections that a listener for devices accepted.");
  for (const auto& [listener, count] : accepted) out.add({{"listener", listener}}, count);
  out.begin("croft_mqtt_connections", gauge, "Connections that named their client, now.");
  for (std::size_t way = 0; way < broker::way_names.size(); ++way)
    out.add({{"transport", broker::way_names[way]}},
            sum(shards, [way](const Figures& shard) { return shard.broker.open[way]; }));
  out.one("croft_mqtt_connects_total", counter, "Connections that got a CONNACK of success.",
          sum_of_core(shards, &broker::Core::Counters::connects));

  std::map<std::string_view, std::uint64_t> refused;
  for (const Figures& shard : shards)
    for (const auto& [reason, count] : shard.broker.refused) refused[reason] += count;
  out.begin("croft_mqtt_connects_refused_total", counter, "Refused connects, by the reason of CONNACK.");
  for (const auto& [reason, count] : refused) out.add({{"reason", reason}}, count);
}

// A client id with a wildcard has no lifecycle events: its disconnects are only in the whole.
void write_disconnects(Exposition& out, const Shards& shards) {
  out.begin("croft_mqtt_disconnects_total", counter,
            "Ended connections, by disconnectReason of the lifecycle event.");
  std::uint64_t told = 0;
  for (std::size_t i = 1; i < broker::disconnect_reason_count; ++i) {
    const std::uint64_t count = sum(shards, [i](const Figures& shard) { return shard.broker.disconnects[i]; });
    told += count;
    if (count > 0) out.add({{"reason", name(static_cast<broker::DisconnectReason>(i))}}, count);
  }
  const std::uint64_t all = sum_of_core(shards, &broker::Core::Counters::disconnects) +
                            sum(shards, [](const Figures& shard) { return shard.broker.restored_disconnects; });
  if (all > told) out.add({{"reason", "no_event"}}, all - told);
}

using Counters = broker::Core::Counters;

void write_by_qos(Exposition& out, const Shards& shards, std::string_view name, std::string_view help,
                  Counters::ByQos Counters::* count) {
  constexpr std::string_view levels[] = {"0", "1", "2"};
  out.begin(name, counter, help);
  for (std::size_t qos = 0; qos < std::size(levels); ++qos)
    out.add({{"qos", levels[qos]}}, sum(shards, [=](const Figures& shard) { return (shard.core.*count).of[qos]; }));
}

void write_messages(Exposition& out, const Shards& shards) {
  write_by_qos(out, shards, "croft_mqtt_messages_received_total", "Messages that clients published, by their QoS.",
               &Counters::received);
  out.one("croft_mqtt_received_bytes_total", counter, "Topics and payloads of these.",
          sum_of_core(shards, &Counters::received_bytes));
  write_by_qos(out, shards, "croft_mqtt_messages_delivered_total", "Messages sent to clients, by the QoS of the delivery.",
               &Counters::delivered);
  out.one("croft_mqtt_delivered_bytes_total", counter, "Topics and payloads of these.",
          sum_of_core(shards, &Counters::delivered_bytes));
  out.begin("croft_mqtt_messages_dropped_total", counter, "Messages that a client should have got and did not.");
  out.add({{"cause", "slow_reader"}}, sum_of_core(shards, &Counters::dropped_slow));
  out.add({{"cause", "queue_full"}}, sum_of_core(shards, &Counters::dropped_full) +
          sum(shards, [](const Figures& shard) { return shard.broker.dropped_from_groups; }));
  out.add({{"cause", "expired"}}, sum_of_core(shards, &Counters::dropped_expired));
  out.one("croft_mqtt_publishes_throttled_total", counter, "Packets of clients above publishes-per-second.",
          sum_of_core(shards, &Counters::dropped_throttled));
  out.one("croft_mqtt_publishes_refused_total", counter, "Messages of clients that were not taken.",
          sum_of_core(shards, &Counters::refused_publishes));
  out.one("croft_mqtt_subscriptions_refused_total", counter, "Filters that were not subscribed to.",
          sum_of_core(shards, &Counters::refused_subscriptions));
}

void write_state(Exposition& out, const Shards& shards, std::uint64_t group_bytes) {
  out.one("croft_mqtt_clients", gauge, "Client ids that are remembered, connected or not.",
          sum(shards, &Figures::clients));
  out.one("croft_mqtt_stored_sessions", gauge, "Sessions that outlive their connection.",
          sum(shards, &Figures::stored_sessions));
  out.one("croft_mqtt_subscriptions", gauge, "Subscriptions of all sessions.", sum(shards, &Figures::subscriptions));
  out.one("croft_mqtt_queued_bytes", gauge, "Topics and payloads of messages that wait for clients.",
          sum(shards, &Figures::queued_bytes) + group_bytes);
  out.one("croft_mail_messages", gauge, "Messages that wait for another shard.",
          sum(shards, &Figures::mail_messages));
  out.one("croft_mail_bytes", gauge, "Topics and payloads of these.", sum(shards, &Figures::mail_bytes));
  out.one("croft_journal_pending", gauge,
          "Presence changes that are not durable or not done by the rules; not those that wait on disk.",
          sum(shards, &Figures::journal_pending));
}

using CountersByRule = std::vector<std::pair<std::string, std::shared_ptr<const rules::RuleCounters>>>;

void write_rule_count(Exposition& out, const CountersByRule& rules, std::string_view name, std::string_view help,
                      rules::RuleCounters::Count rules::RuleCounters::* count) {
  out.begin(name, counter, help);
  for (const auto& [rule, counters] : rules) out.add({{"rule", rule}}, ((*counters).*count).load());
}

void write_rule_actions(Exposition& out, const CountersByRule& rules, std::string_view name, std::string_view help,
                        std::vector<rules::RuleCounters::Total> (rules::RuleCounters::*totals)() const) {
  out.begin(name, counter, help);
  for (const auto& [rule, counters] : rules) {
    for (const auto& total : ((*counters).*totals)()) {
      out.add({{"rule", rule}, {"action", total.action}, {"outcome", "success"}}, total.success);
      out.add({{"rule", rule}, {"action", total.action}, {"outcome", "failure"}}, total.failure);
    }
  }
}

// In brackets what AWS IoT calls it. Source: AWS IoT developer guide, "AWS IoT metrics and dimensions".
void write_rules(Exposition& out, const Shards& shards, rules::Engine& engine) {
  using rules::RuleCounters;
  const CountersByRule rules = engine.counters_by_rule();
  out.one("croft_rule_jobs_waiting", gauge, "Messages whose rules are not done.", sum(shards, &Figures::rule_jobs));
  write_rule_count(out, rules, "croft_rule_matches_total", "Messages on a rule's topic [TopicMatch].", &RuleCounters::topic_match);
  write_rule_count(out, rules, "croft_rule_parse_errors_total", "Of these, no JSON where the statement reads it [ParseError].",
                   &RuleCounters::parse_error);
  write_rule_count(out, rules, "croft_rule_executions_total", "Of these, let through by the statement [RulesExecuted].",
                   &RuleCounters::executed);
  write_rule_count(out, rules, "croft_rule_evaluation_failures_total", "Of these, evaluations that were aborted.",
                   &RuleCounters::evaluation_failure);
  write_rule_actions(out, rules, "croft_rule_actions_total", "Actions that are over [Success, Failure].",
                     &RuleCounters::action_totals);
  write_rule_actions(out, rules, "croft_rule_error_actions_total",
                     "Error actions that are over [ErrorActionSuccess, ErrorActionFailure].", &RuleCounters::error_action_totals);
  out.one("croft_rule_not_found_total", counter, "Basic Ingest to a rule that is not there [RuleNotFound].",
          engine.counters().not_found.load());
  out.one("croft_rule_messages_dropped_total", counter, "Messages that the rules had no room for [RuleExecutionThrottled].",
          engine.counters().dropped.load());
}

void write_functions(Exposition& out, const lambda::Invoker& invoker) {
  const lambda::Invoker::Figures& figures = invoker.figures();
  out.begin("croft_function_invocations_total", counter, "Attempts to run a function.");
  out.add({{"outcome", "success"}}, figures.succeeded);
  out.add({{"outcome", "function_error"}}, figures.failed);
  out.add({{"outcome", "throttled"}}, figures.throttled);
  out.add({{"outcome", "refused"}}, figures.refused);
  out.begin("croft_function_seconds", histogram, "From an attempt to its outcome, with the wait for a worker.");
  out.add({}, figures.time);
  const lambda::WorkerPool::Counts workers = invoker.counts();
  out.begin("croft_function_workers", gauge, "Worker processes.");
  out.add({{"state", "idle"}}, std::uint64_t{workers.idle});
  out.add({{"state", "busy"}}, std::uint64_t{workers.workers - std::min(workers.idle, workers.workers)});
  out.one("croft_function_invocations_waiting", gauge, "Invocations that wait for a worker.",
          std::uint64_t{workers.waiting});
}

void write_requests(Exposition& out, std::initializer_list<const gateway::Gateway*> gateways) {
  constexpr std::array<std::string_view, 5> classes{"1xx", "2xx", "3xx", "4xx", "5xx"};
  std::map<std::string, gateway::RequestCounts::Classes> total;
  for (const gateway::Gateway* gateway : gateways)
    for (const auto& [service, counts] : gateway->counts().all())
      for (std::size_t i = 0; i < classes.size(); ++i) total[service][i] += counts[i];
  out.begin("croft_gateway_requests_total", counter, "Answered HTTP requests, by service and class of status.");
  for (const auto& [service, counts] : total)
    for (std::size_t i = 0; i < classes.size(); ++i)
      if (counts[i] > 0) out.add({{"service", service}, {"status", classes[i]}}, counts[i]);
}

// Services of [services.NAME]: as many label values as there are tables.
void write_remote(Exposition& out, const remote::RemoteServices& remote) {
  const std::vector<remote::RemoteServices::Figures> services = remote.figures();
  out.begin("croft_service_calls_total", counter, "Calls of AWS services that are elsewhere, each with its tries.");
  for (const auto& one : services) {
    const std::pair<std::string_view, std::uint64_t> outcomes[] = {
        {"success", one.succeeded}, {"refused", one.refused}, {"throttled", one.throttled},
        {"failed", one.failed}, {"not_asked", one.not_asked}};
    for (const auto& [outcome, count] : outcomes) out.add({{"service", one.service}, {"outcome", outcome}}, count);
  }
  out.begin("croft_service_retries_total", counter, "Tries of these behind the first.");
  for (const auto& one : services) out.add({{"service", one.service}}, one.retries);
  out.begin("croft_service_left_alone", gauge, "1 while a service that failed again and again is not asked.");
  for (const auto& one : services) out.add({{"service", one.service}}, std::uint64_t{one.is_open});
}

void write_handshakes(Exposition& out, const DeviceSide& devices) {
  out.begin("croft_tls_handshakes_total", counter, "TLS handshakes with devices.");
  for (const auto& [listener, counts] : devices.handshakes()) {
    out.add({{"listener", listener}, {"result", "full"}}, counts.full);
    out.add({{"listener", listener}, {"result", "resumed"}}, counts.resumed);
    out.add({{"listener", listener}, {"result", "failed"}}, counts.failed);
  }
}

void write_times(Exposition& out, const Shards& shards) {
  out.begin("croft_publish_seconds", histogram,
            "From the arrival of a client's message until it was handed to the sockets of its shard.");
  out.add({}, merged(shards, [](const Figures& shard) { return shard.broker.publish_time; }));
  out.begin("croft_connect_seconds", histogram, "From a whole CONNECT to its CONNACK.");
  out.add({}, merged(shards, [](const Figures& shard) { return shard.broker.connect_time; }));
  out.begin("croft_event_seconds", histogram, "From a lifecycle event until the rules were done with it.");
  out.add({}, merged(shards, &Figures::event_time));
  out.begin("croft_rule_seconds", histogram,
            "From the arrival of a message that fires rules until all their actions were over.");
  out.add({}, merged(shards, &Figures::rule_time));
}

void write_lag(Exposition& out, const Shards& shards, const Histogram& api) {
  out.begin("croft_loop_lag_seconds", histogram, "How late the event loop of a thread was, five times a second.");
  out.add({{"shard", "api"}}, api);
  for (const Figures& shard : shards) out.add({{"shard", shard.name}}, shard.loop_lag);
}

void write_process(Exposition& out) {
  const metrics::ProcessFigures process = metrics::process_figures();
  out.one("croft_process_cpu_seconds_total", counter, "Processor time of all threads.", process.cpu_seconds);
  out.one("croft_process_resident_bytes", gauge, "Resident memory.", process.resident_bytes);
  out.one("croft_process_descriptors", gauge, "Open descriptors.", process.descriptors);
  out.one("croft_process_start_time_seconds", gauge, "When the process started, in seconds since 1970.", process.started_s);
  out.one("croft_process_descriptors_max", gauge, "Descriptors that the process may have.", process.descriptors_max);
}

}  // namespace

void Metrics::start() {
  sources_.shard.spawn(measure_lag(api_lag_));
}

Task<void> Metrics::measure_lag(std::shared_ptr<Histogram> lag) {
  while (lag.use_count() > 1) {
    const std::int64_t due_us = metrics::now_us() + std::chrono::microseconds(lag_interval).count();
    co_await sleep_for(lag_interval);
    lag->add(metrics::now_us() - due_us);
  }
}

Task<net::HttpResponse> Metrics::page() {
  const Shards shards = co_await sources_.devices.figures();
  Exposition out;
  write_connections(out, shards);
  out.one("croft_websockets_total", counter, "MQTT connections that came in by WebSocket.",
          std::uint64_t{sources_.devices.websockets_taken()});
  write_disconnects(out, shards);
  write_messages(out, shards);
  write_state(out, shards, sources_.devices.hub().shared().waiting_bytes());
  out.one("croft_retained_messages", gauge, "Retained messages.",
          std::uint64_t{sources_.devices.hub().retained().size()});
  write_rules(out, shards, sources_.engine);
  write_functions(out, sources_.invoker);
  write_requests(out, {&sources_.gateway, &sources_.device_gateway});
  write_remote(out, sources_.remote);
  write_handshakes(out, sources_.devices);
  write_times(out, shards);
  write_lag(out, shards, *api_lag_);
  out.one("croft_store_bytes", gauge, "The store's tables on disk, without its log.", sources_.store.size());
  out.one("croft_store_unflushed_bytes", gauge, "What is in the store's log and in no table yet.", sources_.store.unflushed());
  out.begin("croft_store_sync_seconds", histogram, "Of one sync of the store's log, which serves all who wait for it.");
  out.add({}, sources_.store.sync_time());
  write_process(out);
  co_return net::HttpResponse{200, {{"content-type", std::string(Exposition::content_type)}}, out.take()};
}

}  // namespace croft::app
