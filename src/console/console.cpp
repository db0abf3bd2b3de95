#include "console/console.h"

#include <charconv>

#include "console/client_row.h"
#include "console/page_principal.h"
#include "console/page_headers.h"
#include "identity/sigv4.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::console {

namespace {

constexpr std::chrono::seconds counting_interval{1};
constexpr std::string_view one_call = "calls/";

net::HttpResponse json_text(std::string text, int status = 200) {
  return {status, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, std::move(text)};
}

net::HttpResponse json_message(int status, std::string_view message) {
  return json_text(json::dump(json::object{{"message", message}}), status);
}

net::HttpResponse refusal(const Asker& asker) {
  json::object document{{"message", asker.why}};
  if (!asker.code.empty()) document["code"] = asker.code;
  return json_text(json::dump(document), asker.status);
}

Asker wrong_password() { return {.status = 401, .code = "WrongPassword", .why = "The name or the password is wrong."}; }

net::HttpResponse come_back_later(std::string code, std::string why, std::chrono::milliseconds wait) {
  const std::string seconds = std::to_string((wait.count() + 999) / 1'000);
  net::HttpResponse response = refusal({.status = 429, .code = std::move(code), .why = why + " Try again in " + seconds + " s."});
  response.headers.emplace_back("retry-after", seconds);
  return response;
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

Console::Console(Shard& shard, Sources& sources, PresenceChanges& presence, const CallRing& calls, People people, Instance instance)
    : sources_(sources),
      presence_(presence),
      calls_(calls),
      people_(people),
      instance_(std::move(instance)),
      assets_(std::string(page_prefix), embedded_table(), embedded_bytes()),
      shard_(shard) {
  const auto watch_presence = [this](bool wanted) { wanted ? presence_.begin_watching() : presence_.end_watching(); };
  feeds_ = std::make_shared<Feeds>(shard, std::vector<Topic>{{"clients", &presence_.log(), watch_presence},
                                                             {"calls", &calls_.log()},
                                                             {"figures", nullptr}},
                                   std::vector<TopicFamily>{{"items:", [&sources](const std::string& table) {
                                                               return sources.watch_items(table);
                                                             }}});
}

void Console::start() { shard_.spawn(count(history_, sources_, people_.sessions, feeds_)); }

Task<void> Console::count(std::weak_ptr<History> history, Sources& sources, Sessions& sessions, std::weak_ptr<Feeds> feeds) {
  for (;;) {
    sessions.sweep(MonoTime::now());
    if (const auto open = feeds.lock()) open->end_those_over();
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
    net::HttpResponse response = co_await answer_api(request);
    co_return with_page_headers(std::move(response), request);
  }
  if (const auto why = people_.access.refusal_of_page(request)) co_return with_page_headers(refusal_page(*why), request);
  if (!request.path.starts_with(page_prefix)) co_return redirect(page_prefix);
  co_return with_page_headers(assets_.answer(request), request);
}

Task<net::HttpResponse> Console::answer_api(net::HttpRequest& request) {
  const std::string what = request.path.substr(data_prefix.size());
  if (what == "session" && request.method == "POST") {
    net::HttpResponse response = co_await begin_session(request);
    co_return response;
  }
  const Asker asker = people_.access.who_asks(request);
  if (asker.role == Role::none) co_return refusal(asker);
  if (what == "session" && request.method == "DELETE") co_return end_session(request);
  if (what == "about") co_return about(asker);
  net::HttpResponse response = co_await answer_data(what, asker, request);
  co_return response;
}

Task<net::HttpResponse> Console::answer_data(std::string_view what, const Asker& asker, net::HttpRequest& request) {
  constexpr std::string_view aws = "aws/";
  if (what.starts_with(aws)) {
    net::HttpResponse response = co_await call_aws(what.substr(aws.size()), asker.role, request);
    co_return response;
  }
  if (request.method != "GET") co_return json_message(405, "This is read with GET.");
  if (what == "clients") {
    net::HttpResponse response = co_await clients(request);
    co_return response;
  }
  if (what == "feed") co_return feed(asker, request);
  if (what == "tables") {
    const std::string place = sources_.tables_elsewhere();
    co_return json_text(json::dump(json::object{{"live", place.empty()}, {"at", place}}));
  }
  if (what == "history") co_return json_text(history_->all());
  if (what == "calls") {
    std::string rows = "[";
    for (const auto& row : calls_.log().all()) rows += (rows.size() > 1 ? "," : "") + *row;
    co_return json_text(rows + ']');
  }
  if (what.starts_with(one_call)) co_return call_input(what.substr(one_call.size()));
  if (what == "mqtt") co_return mqtt_url(asker, request);
  co_return json_message(404, "The console has no such page.");
}

// POST session, {"name","password"}: a cookie, or why not. A session that the request already has is another one and ends.
Task<net::HttpResponse> Console::begin_session(const net::HttpRequest& request) {
  if (const auto refused = people_.access.refusal_of_sign_in(request)) co_return refusal(*refused);
  const bool is_small = request.body.size() <= limits::sign_in_bytes_max;
  const auto body = json::parse(is_small ? std::string_view(request.body) : std::string_view());
  if (!body || !body->is_object()) co_return json_message(400, "Signing in takes a name and a password, as JSON.");
  const json::object& told = body->get_object();
  const std::string name(json::string_or(told, "name", ""));
  std::string password(json::string_or(told, "password", ""));
  if (std::max(name.size(), password.size()) > limits::password_bytes_max) co_return refusal(wrong_password());
  SignIn::Answer answer = co_await people_.sign_in.sign_in(name, std::move(password), request.peer.address);
  if (answer.outcome == SignIn::Outcome::must_wait) co_return come_back_later("TooManyTries", "Too many tries.", answer.wait);
  if (answer.outcome == SignIn::Outcome::busy)
    co_return come_back_later("Busy", "Many sign in at this moment.", std::chrono::seconds(2));
  if (answer.outcome == SignIn::Outcome::wrong) co_return refusal(wrong_password());
  people_.sessions.end(session_token(request));
  net::HttpResponse response = about({.role = answer.role, .name = name, .session = answer.token});
  response.headers.emplace_back("set-cookie", session_cookie(request, answer.token));
  co_return response;
}

net::HttpResponse Console::end_session(const net::HttpRequest& request) {
  people_.sessions.end(session_token(request));
  feeds_->end_those_over();
  net::HttpResponse response = json_text("{}");
  response.headers.emplace_back("set-cookie", session_cookie(request, ""));
  return response;
}

net::HttpResponse Console::about(const Asker& asker) const {
  json::object document{
      {"region", instance_.region}, {"account", instance_.account_id}, {"who", asker.name}, {"role", name_of(asker.role)}};
  if (!asker.session.empty()) document["signedIn"] = true;
  return json_text(json::dump(document));
}

net::HttpResponse Console::feed(const Asker& asker, const net::HttpRequest& request) {
  std::function<bool()> is_over;
  if (!asker.session.empty())
    is_over = [&sessions = people_.sessions, id = asker.session, role = asker.role] { return !sessions.is_live(id, role); };
  return feeds_->open(split(query_value(request, "topics"), ','), std::move(is_over));
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

// calls/NUMBER
net::HttpResponse Console::call_input(std::string_view number) const {
  std::uint64_t wanted = 0;
  std::from_chars(number.data(), number.data() + number.size(), wanted);
  std::string text = calls_.input_of(wanted);
  if (text.empty()) return json_message(404, "The call is not among the latest.");
  return json_text(std::move(text));
}

// aws/SERVICE/PATH: the request as AWS's own, its body, X-Amz-Target or REST path and query.
Task<net::HttpResponse> Console::call_aws(std::string_view rest, Role role, net::HttpRequest& request) {
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string service(rest.substr(0, slash));
  net::HttpRequest own{.method = request.method,
                       .path = slash == rest.size() ? "/" : std::string(rest.substr(slash)),
                       .query = request.query,
                       .body = std::move(request.body),
                       .peer = request.peer};
  for (const auto& [name, value] : request.headers)
    if (goes_along(name)) own.headers.emplace_back(name, value);
  net::HttpResponse response = co_await sources_.call(role, service, std::move(own));
  co_return response;
}

// A URL for the browser's MQTT client, signed as AWS's console signs its own, and a client id as it has there.
net::HttpResponse Console::mqtt_url(const Asker& asker, const net::HttpRequest& request) {
  const std::string& host = *request.header("host");
  const net::HttpRequest signed_one{.method = "GET", .path = "/mqtt", .headers = {{"host", host}}};
  const identity::Signing signing{sources_.mqtt_credentials(asker), instance_.region, "iotdevicegateway", Timestamp::now()};
  const std::string query = identity::presigned_query(signed_one, signing, limits::mqtt_url_life_s);
  return json_text(json::dump(json::object{{"url", (came_by_tls(request) ? "wss://" : "ws://") + host + "/mqtt?" + query},
                                           {"clientId", std::string(page_client_prefix) + text::random_uuid()}}));
}

}  // namespace croft::console
