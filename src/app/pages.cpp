#include "app/pages.h"

#include <algorithm>

#include "text/encoding.h"

namespace croft::app {

namespace {

constexpr std::chrono::milliseconds log_wait_max{25'000};
constexpr std::size_t traced_packets_at_once = 500;
constexpr std::size_t refused_at_once = 100;

net::HttpResponse json_page(const json::object& document, int status = 200) {
  return {status, {{"content-type", "application/json"}}, json::dump(document)};
}

Task<net::HttpResponse> health(net::HttpRequest) {
  co_return json_page({{"status", "ok"}});
}

json::object describe(const broker::ClientState& client) {
  json::object out{{"clientId", client.client_id},
                   {"status", client.connected ? "connected" : "disconnected"},
                   {"since", client.since.ms},
                   {"versionNumber", client.version},
                   {"ipAddress", client.address},
                   {"principalIdentifier", client.principal},
                   {"keepAliveSeconds", client.keep_alive_s}};
  if (!client.connected) out["disconnectReason"] = broker::name(client.reason);
  if (!client.thing_name.empty()) out["thingName"] = client.thing_name;
  return out;
}

Task<json::array> clients_of(broker::ShardBroker& broker) {
  json::array clients;
  broker.core().each_client([&](const broker::ClientState& client) { clients.push_back(describe(client)); });
  co_return clients;
}

Task<net::HttpResponse> devices_page(DeviceSide& devices) {
  json::array all;
  for (broker::ShardBroker* broker : devices.hub().brokers()) {
    json::array clients = co_await on<json::array>(broker->shard(), [broker] { return clients_of(*broker); });
    for (json::value& client : clients) all.push_back(std::move(client));
  }
  co_return json_page({{"devices", std::move(all)}});
}

std::uint64_t query_number(const std::string& query, std::string_view name, std::uint64_t otherwise) {
  const std::string key = std::string(name) + "=";
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    if (query.compare(at, key.size(), key) == 0) return std::strtoull(query.c_str() + at + key.size(), nullptr, 10);
    at = end + 1;
  }
  return otherwise;
}

// The handshakes that were refused to `subject`, a certificate, or to the certificates of the thing of that name.
std::vector<Refusal> refused_handshakes(const RefusalBooks& refusals, const things::Registry& registry,
                                        const std::string& subject) {
  std::vector<Refusal> found = refusals.certificates.of(subject);
  const auto principals = registry.principals_of_thing(subject);
  if (!principals) return found;
  for (const things::Attachment& principal : *principals) {
    const std::string id = principal.name.substr(principal.name.rfind('/') + 1);
    for (Refusal& refusal : refusals.certificates.of(id)) found.push_back(std::move(refusal));
  }
  return found;
}

// Who was refused lately, newest first, each with its last refusal.
net::HttpResponse latest_refusals(const RefusalBooks& refusals) {
  struct Subject {
    const char* member;
    std::string name;
    Refusal last;
  };
  std::vector<Subject> found;
  for (auto& [name, last] : refusals.clients.latest(refused_at_once)) found.push_back({"clientId", name, std::move(last)});
  for (auto& [name, last] : refusals.certificates.latest(refused_at_once))
    found.push_back({"certificateId", name, std::move(last)});
  std::stable_sort(found.begin(), found.end(), [](const Subject& a, const Subject& b) { return a.last.time > b.last.time; });
  if (found.size() > refused_at_once) found.resize(refused_at_once);
  json::array all;
  for (const Subject& subject : found)
    all.push_back(json::object{{subject.member, subject.name}, {"last", describe(subject.last)}});
  return json_page({{"refused", std::move(all)}});
}

Task<net::HttpResponse> refusals_page(const RefusalBooks& refusals, const things::Registry& registry, net::HttpRequest request) {
  constexpr std::string_view prefix = "/_croft/refusals/";
  if (request.path + '/' == prefix) co_return latest_refusals(refusals);
  if (request.path.size() <= prefix.size()) co_return json_page({{"message", "not found"}}, 404);
  const std::string subject = text::percent_decode(request.path.substr(prefix.size()));
  std::vector<Refusal> found = refused_handshakes(refusals, registry, subject);
  for (Refusal& refusal : refusals.clients.of(subject)) found.push_back(std::move(refusal));
  std::stable_sort(found.begin(), found.end(), [](const Refusal& a, const Refusal& b) { return a.time < b.time; });
  json::array all;
  for (const Refusal& refusal : found) all.push_back(describe(refusal));
  co_return json_page({{"clientId", subject}, {"refusals", std::move(all)}});
}

// The trace of that client; begun, if nobody watched it before. Null: too many others are watched.
broker::PacketTraces::Watched watch(broker::Hub& hub, const std::string& client_id) {
  const broker::PacketTraces::Watched watched = hub.traces().watch(client_id, MonoTime::now());
  if (!watched.is_new) return watched;
  broker::ShardBroker& owner = hub.owner(client_id);
  owner.shard().post([&owner, client_id, trace = watched.trace] { owner.begin_trace(client_id, trace); });
  return watched;
}

Task<net::HttpResponse> trace_page(DeviceSide& devices, Shard& shard, net::HttpRequest request) {
  constexpr std::string_view prefix = "/_croft/trace/";
  if (request.path.size() <= prefix.size()) co_return json_page({{"message", "not found"}}, 404);
  const std::string client_id = text::percent_decode(request.path.substr(prefix.size()));
  const bool with_payload = query_number(request.query, "payload", 0) != 0;
  const auto wait = std::min(std::chrono::milliseconds(query_number(request.query, "wait", 0)), log_wait_max);
  const auto [trace, is_new] = watch(devices.hub(), client_id);
  if (!trace) co_return json_page({{"message", "as many clients are traced as can be at once"}}, 429);
  const broker::PacketTrace::Reader reader(*trace);
  const std::uint64_t after = is_new ? 0 : query_number(request.query, "after", trace->newest());
  if (wait.count() > 0) co_await trace->wait_for_new(shard, after, wait);
  const broker::PacketTrace::Page page = trace->read(after, traced_packets_at_once);
  json::array packets;
  for (const broker::TracedPacketPtr& packet : page.packets) packets.push_back(describe(*packet, with_payload));
  co_return json_page({{"clientId", client_id}, {"packets", std::move(packets)}, {"next", page.next}, {"lost", page.lost}});
}

}  // namespace

void add_pages(gateway::Gateway& gateway, DeviceSide& devices) {
  gateway.add_page("/health", health, gateway::PageKind::open);
  gateway.add_page("/_croft/devices", [&devices](net::HttpRequest) { return devices_page(devices); });
}

void add_trace_page(gateway::Gateway& gateway, DeviceSide& devices, Shard& shard) {
  gateway.add_page("/_croft/trace", [&](net::HttpRequest request) { return trace_page(devices, shard, std::move(request)); });
}

void add_log_page(gateway::Gateway& gateway, const things::IotLog& log) {
  gateway.add_page("/_croft/log", [&log](net::HttpRequest request) -> Task<net::HttpResponse> {
    const auto after = static_cast<std::int64_t>(query_number(request.query, "after", UINT64_MAX));
    things::IotLog::Excerpt excerpt = log.read(after);
    co_return json_page({{"lines", std::move(excerpt.lines)}, {"next", excerpt.next}});
  });
}

void add_refusals_page(gateway::Gateway& gateway, const RefusalBooks& refusals, const things::Registry& registry) {
  gateway.add_page("/_croft/refusals",
                   [&](net::HttpRequest request) { return refusals_page(refusals, registry, std::move(request)); });
}

}  // namespace croft::app
