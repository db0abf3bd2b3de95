#include "app/queue_pages.h"

#include <charconv>

#include "identity/sigv4.h"
#include "services/sqs/messages.h"
#include "sqs/limits.h"
#include "text/encoding.h"

namespace croft::app {

namespace {

constexpr std::string_view prefix = "/_croft/queues";
constexpr std::string_view messages_suffix = "/messages";

net::HttpResponse page(const json::object& document, int status = 200) {
  return {status, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, json::dump(document)};
}

net::HttpResponse refusal(const Error& error) {
  return page({{"code", error.code}, {"message", error.message}}, error.http_status);
}

std::string query_value(const net::HttpRequest& request, std::string_view name) {
  for (const identity::QueryParameter& parameter : identity::query_parameters(request.query))
    if (parameter.name == name) return parameter.value;
  return {};
}

// A place as the page names it: "MILLISECONDS.NUMBER".
std::string place_name(const sqs::Place& place) {
  return std::to_string(place.at_ms) + '.' + std::to_string(place.sequence);
}

Result<std::optional<sqs::Place>> place_named(std::string_view name) {
  if (name.empty()) return std::optional<sqs::Place>();
  sqs::Place place;
  const char* const end = name.data() + name.size();
  const auto time = std::from_chars(name.data(), end, place.at_ms);
  const bool goes_on = time.ec == std::errc() && place.at_ms >= 0 && time.ptr != end && *time.ptr == '.';
  const auto number = std::from_chars(goes_on ? time.ptr + 1 : end, end, place.sequence);
  if (number.ec != std::errc() || number.ptr != end)
    return Error{"InvalidParameterValueException", "There is no such place in a queue.", 400};
  return std::optional(place);
}

json::object describe(sqs::Queues& queues, const sqs::QueueDefinition& queue) {
  const sqs::Counts counts = queues.counts(queue.name).value();
  const sqs::QueueSettings settings = queue.settings();
  json::object out{{"name", queue.name},
                   {"fifo", settings.fifo},
                   {"visible", counts.visible},
                   {"inFlight", counts.in_flight},
                   {"delayed", counts.delayed}};
  if (const auto oldest = queues.oldest_sent_ms(queue.name).value()) out["oldestSent"] = *oldest;
  if (settings.redrive) {
    out["deadLetterTarget"] = settings.redrive->target;
    out["maxReceiveCount"] = settings.redrive->receives_max;
  }
  return out;
}

net::HttpResponse all_queues(sqs::Queues& queues, const std::string& after) {
  json::array all;
  const std::vector<std::string> names = queues.names("", after, sqs::limits::list_page_max + 1);
  const std::size_t count = std::min(names.size(), sqs::limits::list_page_max);
  for (std::size_t n = 0; n < count; ++n) all.push_back(describe(queues, *queues.find(names[n])));
  json::object out{{"queues", std::move(all)}};
  if (count < names.size()) out["next"] = names[count - 1];
  return page(out);
}

std::string_view state_of(const sqs::State& state, std::int64_t now_ms) {
  if (!state.is_hidden(now_ms)) return "visible";
  return state.was_received() ? "inFlight" : "delayed";
}

net::HttpResponse messages_of(const sqs::Queues& queues, const std::string& name, const std::string& after) {
  const auto place = place_named(after);
  if (!place) return refusal(place.error());
  const auto peek = queues.peek(name, *place, sqs::limits::peek_messages_max);
  if (!peek) return refusal(peek.error());
  const std::int64_t now_ms = Timestamp::now().ms;
  const services::sqs::MessageView view({{"AttributeNames", json::array{"All"}}, {"MessageAttributeNames", json::array{"All"}}});
  json::array messages;
  for (const sqs::Delivery& seen : peek->messages) {
    json::object message = view(seen, queues.instance());
    message["State"] = state_of(seen.state, now_ms);
    message["VisibleTimestamp"] = seen.state.visible_ms;
    messages.push_back(std::move(message));
  }
  json::object out{{"queue", name}, {"messages", std::move(messages)}};
  if (peek->next) out["next"] = place_name(*peek->next);
  return page(out);
}

Task<net::HttpResponse> answer(sqs::Queues& queues, net::HttpRequest request) {
  if (request.method != "GET") co_return page({{"code", "MethodNotAllowed"}, {"message", "This is read with GET."}}, 405);
  const std::string after = query_value(request, "after");
  const std::string rest = text::percent_decode(request.path.substr(prefix.size()));
  if (rest.empty()) co_return all_queues(queues, after);
  const bool asks_for_messages = rest.size() > messages_suffix.size() + 1 && rest.ends_with(messages_suffix);
  if (!asks_for_messages) co_return page({{"code", "NotFound"}, {"message", "croft has no such page."}}, 404);
  co_return messages_of(queues, rest.substr(1, rest.size() - messages_suffix.size() - 1), after);
}

}  // namespace

void add_queue_pages(gateway::Gateway& gateway, sqs::Queues& queues) {
  gateway.add_page(std::string(prefix), [&queues](net::HttpRequest request) { return answer(queues, std::move(request)); });
}

}  // namespace croft::app
