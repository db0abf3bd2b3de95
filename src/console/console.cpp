#include "console/console.h"

#include <charconv>

#include "console/client_row.h"
#include "console/page_headers.h"
#include "identity/sigv4.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::console {

namespace {

constexpr std::chrono::seconds counting_interval{1};

net::HttpResponse json_text(std::string text, int status = 200) {
  return {status, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, std::move(text)};
}

net::HttpResponse json_message(int status, std::string_view message) {
  return json_text(json::dump(json::object{{"message", message}}), status);
}

std::string query_value(const net::HttpRequest& request, std::string_view name) {
  for (const identity::QueryParameter& parameter : identity::query_parameters(request.query))
    if (parameter.name == name) return parameter.value;
  return "";
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(at, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// Which part of the list of clients is meant: of one shard those whose hash leaves that rest. So a page is the same set of
// clients whatever else comes and goes, none is missed, and a shard is never held up for all of its clients at once.
struct Place {
  std::size_t shard = 0, part = 0, parts = 0;  // parts 0: not known yet

  std::string text() const { return std::to_string(shard) + '.' + std::to_string(part) + '.' + std::to_string(parts); }
  static std::optional<Place> read(std::string_view text) {
    if (text.empty()) return Place{};
    std::size_t numbers[3];
    const std::vector<std::string> words = split(text, '.');
    if (words.size() != std::size(numbers)) return std::nullopt;
    for (std::size_t n = 0; n < std::size(numbers); ++n) {
      const char* end = words[n].data() + words[n].size();
      if (std::from_chars(words[n].data(), end, numbers[n]).ptr != end || words[n].empty()) return std::nullopt;
    }
    const Place place{numbers[0], numbers[1], numbers[2]};
    if (place.parts > limits::client_pages_max || (place.parts > 0 && place.part >= place.parts)) return std::nullopt;
    return place;
  }
};

std::size_t parts_for(std::size_t clients) {
  return std::clamp<std::size_t>((clients + limits::clients_at_once - 1) / limits::clients_at_once, 1, limits::client_pages_max);
}

// Other bits of the hash than those that chose the shard.
std::size_t part_of(std::string_view client_id, std::size_t parts) {
  return (std::hash<std::string_view>()(client_id) >> 24) % parts;
}

bool goes_along(std::string_view header) {
  return header != "x-croft-console" && header != "cookie" && header != "origin" && header != "referer" &&
         header != "authorization" && !header.starts_with("sec-fetch-");
}

}  // namespace

Console::Console(Shard& shard, Sources& sources, PresenceChanges& presence, const CallRing& calls, Access access, Instance instance)
    : sources_(sources),
      presence_(presence),
      calls_(calls),
      access_(std::move(access)),
      instance_(std::move(instance)),
      assets_(std::string(page_prefix), embedded_table(), embedded_bytes()),
      shard_(shard) {
  const auto watch_presence = [this](bool wanted) { wanted ? presence_.begin_watching() : presence_.end_watching(); };
  feeds_ = std::make_shared<Feeds>(shard, std::vector<Topic>{{"clients", &presence_.log(), watch_presence},
                                                             {"calls", &calls_.log()},
                                                             {"figures", nullptr}});
}

void Console::start() { shard_.spawn(count(history_, sources_, feeds_)); }

Task<void> Console::count(std::weak_ptr<History> history, Sources& sources, std::weak_ptr<Feeds> feeds) {
  for (;;) {
    const Figures figures = co_await sources.figures();
    if (const auto kept = history.lock()) {
      const std::string row = kept->add(Timestamp::now(), figures);
      if (const auto told = feeds.lock()) told->tell("figures", row);
    }
    co_await sleep_for(counting_interval);
  }
}

Task<net::HttpResponse> Console::answer(net::HttpRequest request) {
  if (request.path.starts_with(data_prefix)) {
    const Asker asker = access_.who_asks(request);
    if (asker.role == Role::none) co_return with_page_headers(json_message(403, asker.why), request);
    const std::string what = request.path.substr(data_prefix.size());
    if (what == "about") co_return with_page_headers(about(asker), request);
    net::HttpResponse response = co_await answer_data(what, request);
    co_return with_page_headers(std::move(response), request);
  }
  const Asker asker = access_.who_opens(request);
  if (asker.role == Role::none) co_return with_page_headers(refusal_page(asker.why), request);
  if (!request.path.starts_with(page_prefix)) co_return redirect(page_prefix);
  co_return with_page_headers(assets_.answer(request), request);
}

Task<net::HttpResponse> Console::answer_data(std::string_view what, net::HttpRequest& request) {
  constexpr std::string_view aws = "aws/";
  if (what.starts_with(aws)) {
    net::HttpResponse response = co_await call_aws(what.substr(aws.size()), request);
    co_return response;
  }
  if (request.method != "GET") co_return json_message(405, "This is read with GET.");
  if (what == "clients") {
    net::HttpResponse response = co_await clients(request);
    co_return response;
  }
  if (what == "feed") co_return feed(request);
  if (what == "history") co_return json_text(history_->all());
  if (what == "calls") {
    std::string rows = "[";
    for (const auto& row : calls_.log().read(calls_.log().oldest() - 1, limits::calls_max).rows)
      rows += (rows.size() > 1 ? "," : "") + *row;
    co_return json_text(rows + ']');
  }
  if (what == "mqtt") co_return mqtt_url(request);
  co_return json_message(404, "The console has no such page.");
}

net::HttpResponse Console::about(const Asker& asker) const {
  const json::object document{{"region", instance_.region},
                              {"account", instance_.account_id},
                              {"who", asker.name},
                              {"role", asker.role == Role::admin ? "admin" : "read-only"}};
  return json_text(json::dump(document));
}

net::HttpResponse Console::feed(const net::HttpRequest& request) {
  return feeds_->open(split(query_value(request, "topics"), ','));
}

// GET clients?at=PLACE: {"clients":[row,…],"next":"PLACE"}; the last page has no next.
Task<net::HttpResponse> Console::clients(const net::HttpRequest& request) {
  const std::optional<Place> asked = Place::read(query_value(request, "at"));
  if (!asked || asked->shard >= sources_.client_shards()) co_return json_message(400, "There is no such page of clients.");
  Place place = *asked;
  if (place.parts == 0) {
    const std::size_t count = co_await sources_.client_count(place.shard);
    place.parts = parts_for(count);
  }
  auto text = std::make_shared<std::string>(R"({"clients":[)");
  const std::size_t begin = text->size();
  Sources::Visit visit = [text, place, begin](const broker::ClientState& client) {
    if (part_of(client.client_id, place.parts) != place.part) return;
    if (text->size() > begin) *text += ',';
    *text += client_row(client);
  };
  co_await sources_.each_client(place.shard, std::move(visit));
  *text += ']';
  const bool ends_shard = place.part + 1 == place.parts;
  if (!ends_shard || place.shard + 1 < sources_.client_shards()) {
    const Place next = ends_shard ? Place{place.shard + 1, 0, 0} : Place{place.shard, place.part + 1, place.parts};
    *text += R"(,"next":")" + next.text() + '"';
  }
  co_return json_text(*text + '}');
}

// aws/SERVICE/PATH: the request as AWS's own, its body, X-Amz-Target or REST path and query.
Task<net::HttpResponse> Console::call_aws(std::string_view rest, net::HttpRequest& request) {
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string service(rest.substr(0, slash));
  net::HttpRequest own{.method = request.method,
                       .path = slash == rest.size() ? "/" : std::string(rest.substr(slash)),
                       .query = request.query,
                       .body = std::move(request.body),
                       .peer = request.peer};
  for (const auto& [name, value] : request.headers)
    if (goes_along(name)) own.headers.emplace_back(name, value);
  net::HttpResponse response = co_await sources_.call(service, std::move(own));
  co_return response;
}

// A URL for the browser's MQTT client, signed as AWS's console signs its own, and a client id as it has there.
net::HttpResponse Console::mqtt_url(const net::HttpRequest& request) {
  const std::string& host = *request.header("host");
  const net::HttpRequest signed_one{.method = "GET", .path = "/mqtt", .headers = {{"host", host}}};
  const identity::Signing signing{sources_.root(), instance_.region, "iotdevicegateway", Timestamp::now()};
  const std::string query = identity::presigned_query(signed_one, signing, limits::mqtt_url_life_s);
  return json_text(json::dump(json::object{{"url", "ws://" + host + "/mqtt?" + query},
                                           {"clientId", "iotconsole-" + text::random_uuid()}}));
}

}  // namespace croft::console
