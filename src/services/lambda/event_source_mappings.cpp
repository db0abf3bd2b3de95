#include "services/lambda/event_source_mappings.h"

#include <charconv>

#include "lambda/errors.h"
#include "lambda/function_name.h"

namespace croft::services {

namespace {

using gateway::Call;
using gateway::Reply;
using lambda::EventSources;

constexpr std::size_t page_size_max = 100;  // AWS answers 100 whatever more is asked for

std::string text_of(const json::object& input, std::string_view name) {
  return std::string(json::string_or(input, name, ""));
}

json::object shown(const EventSources::Shown& shown, const Instance& instance, const char* state) {
  json::object out = shown.source.configuration(instance);
  out["LastProcessingResult"] = shown.last_result;
  out["State"] = state ? state : shown.source.is_enabled ? "Enabled" : "Disabled";
  return out;
}

Reply replied(const EventSources::Shown& found, const Instance& instance, const char* state, int status) {
  return {.output = shown(found, instance, state), .status = status};
}

std::size_t page_size(const json::object& input) {
  const std::string text = text_of(input, "MaxItems");
  std::size_t size = page_size_max;
  if (text.empty()) return size;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (failure != std::errc() || end != text.data() + text.size() || size < 1 || size > 10'000)
    throw ApiError(lambda::validation_error("maxItems", text, "Member must have value between 1 and 10000"));
  return std::min(size, page_size_max);
}

Task<Reply> create(EventSources& sources, Call& call) {
  json::object input = std::move(call.input);
  if (!call.http.method.empty()) input.erase("UUID");  // deployments alone, which come without HTTP, name it
  const Result<EventSources::Shown> made = co_await sources.create(std::move(input));
  co_return replied(made.value(), sources.instance(), "Creating", 202);
}

Task<Reply> get(EventSources& sources, Call& call) {
  co_return replied(sources.find(text_of(call.input, "UUID")).value(), sources.instance(), nullptr, 200);
}

Task<Reply> list(EventSources& sources, Call& call) {
  const Instance& instance = sources.instance();
  const std::string arn = text_of(call.input, "EventSourceArn"), named = text_of(call.input, "FunctionName");
  const std::string function = named.empty() ? named : lambda::parse_reference(named, instance).value().name;
  const std::size_t limit = page_size(call.input);
  std::vector<EventSources::Shown> found = sources.list(arn, function, text_of(call.input, "Marker"), limit + 1);
  Reply reply;
  if (found.size() > limit) {
    found.pop_back();
    reply.output["NextMarker"] = found.back().source.uuid;
  }
  json::array mappings;
  for (const EventSources::Shown& one : found) mappings.push_back(shown(one, instance, nullptr));
  reply.output["EventSourceMappings"] = std::move(mappings);
  co_return reply;
}

Task<Reply> update(EventSources& sources, Call& call) {
  std::string uuid = text_of(call.input, "UUID");
  json::object input = std::move(call.input);
  const Result<EventSources::Shown> changed = co_await sources.update(std::move(uuid), std::move(input));
  co_return replied(changed.value(), sources.instance(), "Updating", 202);
}

Task<Reply> erase(EventSources& sources, Call& call) {
  std::string uuid = text_of(call.input, "UUID");
  const Result<EventSources::Shown> erased = co_await sources.erase(std::move(uuid));
  co_return replied(erased.value(), sources.instance(), "Deleting", 202);
}

}  // namespace

void add_event_source_operations(gateway::Service& service, lambda::EventSources& sources) {
  const auto to = [&sources](Task<Reply> (*operation)(EventSources&, Call&)) -> gateway::Handler {
    return [&sources, operation](Call& call) { return operation(sources, call); };
  };
  const std::string all = "/2015-03-31/event-source-mappings";
  service.operations.push_back({"CreateEventSourceMapping", "POST " + all, to(create)});
  service.operations.push_back({"ListEventSourceMappings", "GET " + all, to(list)});
  service.operations.push_back({"GetEventSourceMapping", "GET " + all + "/{UUID}", to(get)});
  service.operations.push_back({"UpdateEventSourceMapping", "PUT " + all + "/{UUID}", to(update)});
  service.operations.push_back({"DeleteEventSourceMapping", "DELETE " + all + "/{UUID}", to(erase)});
}

}  // namespace croft::services
