#include "app/trace_pages.h"

#include <algorithm>
#include <charconv>

#include "app/trace_document.h"
#include "broker/timeline_entries.h"
#include "shard/promise.h"
#include "text/encoding.h"

namespace croft::app {

namespace {

constexpr std::size_t traces_told = 50, traces_told_max = 1'000;
constexpr std::string_view traces_prefix = "/_croft/traces";
constexpr std::string_view timeline_prefix = "/_croft/timeline";

net::HttpResponse json_page(const json::object& document, int status = 200) {
  return {status, {{"content-type", "application/json"}}, json::dump(document)};
}

net::HttpResponse not_found(const std::string& what) { return json_page({{"message", what + " is not known"}}, 404); }

// "" when it is not in the query.
std::string parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
      return text::percent_decode(one.substr(name.size() + 1), true);
    query.remove_prefix(std::min(one.size() + 1, query.size()));
  }
  return {};
}

std::size_t limit_of(const std::string& query) {
  const std::string wanted = parameter(query, "limit");
  std::size_t limit = traces_told;
  if (!wanted.empty()) std::from_chars(wanted.data(), wanted.data() + wanted.size(), limit);
  return std::clamp<std::size_t>(limit, 1, traces_told_max);
}

net::HttpResponse list_page(const EventTraceSources& sources, const std::string& query) {
  json::array traces;
  for (const trace::Trace& trace : sources.traces.latest(parameter(query, "client"), limit_of(query)))
    traces.push_back(summary(trace));
  return json_page({{"traces", std::move(traces)}});
}

Task<net::HttpResponse> traces_page(EventTraceSources sources, net::HttpRequest request) {
  if (request.path.size() <= traces_prefix.size() + 1) co_return list_page(sources, request.query);
  const std::string text = text::percent_decode(request.path.substr(traces_prefix.size() + 1));
  const auto id = trace::Id::parse(text);
  const auto trace = id ? sources.traces.find(*id) : std::nullopt;
  if (!trace) co_return not_found("the trace '" + text::printable(text) + "'");
  co_return json_page(document(*trace, sources.logs));
}

// What its shard knows of a client: that there is one, and what it published since its timeline was told.
struct Present {
  bool is_known = false;
  std::optional<trace::TimelineEntry> publishing{};
};

Task<Present> present(broker::ShardBroker& broker, std::string client_id) {
  const broker::Client* client = broker.core().find(client_id);
  Present out{.is_known = client != nullptr};
  const broker::Publisher* publisher = client && client->connection ? client->connection->published.get() : nullptr;
  if (publisher && publisher->untold > 0)
    out.publishing = broker::published_entry(publisher->untold, publisher->untold_since, publisher->untold_until);
  co_return out;
}

Task<net::HttpResponse> timeline_page(EventTraceSources sources, net::HttpRequest request) {
  if (request.path.size() <= timeline_prefix.size() + 1) co_return not_found("a client without an id");
  const std::string client_id = text::percent_decode(request.path.substr(timeline_prefix.size() + 1));
  broker::ShardBroker& owner = sources.devices.hub().owner(client_id);
  Present now = co_await on<Present>(owner.shard(), [&owner, client_id] { return present(owner, client_id); });
  std::vector<trace::TimelineEntry> entries = sources.timelines.of(client_id);
  if (now.publishing) entries.push_back(std::move(*now.publishing));
  entries = merged(std::move(entries), sources.refusals.of(client_id));
  if (entries.empty() && !now.is_known) co_return not_found("the client '" + text::printable(client_id) + "'");
  json::array all;
  for (const trace::TimelineEntry& entry : entries)
    all.push_back(describe(entry, entry.trace && sources.traces.has(entry.trace)));
  co_return json_page({{"client", client_id}, {"entries", std::move(all)}});
}

}  // namespace

void add_event_trace_pages(gateway::Gateway& gateway, const EventTraceSources& sources) {
  using gateway::PageKind;
  gateway.add_page(
      std::string(traces_prefix), [sources](net::HttpRequest request) { return traces_page(sources, std::move(request)); },
      PageKind::reads);
  gateway.add_page(
      std::string(timeline_prefix), [sources](net::HttpRequest request) { return timeline_page(sources, std::move(request)); },
      PageKind::reads);
}

}  // namespace croft::app
