#include "lambda/accepted_events.h"

#include <charconv>

#include "observe/log.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::lambda {

namespace {

constexpr std::string_view rows_begin = "event/";
constexpr std::string_view rows_end = "event0";  // '0' follows '/'
constexpr int row_version = 1;

std::string row_key(AcceptedEvents::Number number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return std::string(rows_begin) + text::hex(bytes);
}

AcceptedEvents::Number number_of(std::string_view key) {
  key.remove_prefix(rows_begin.size());
  AcceptedEvents::Number number = 0;
  std::from_chars(key.data(), key.data() + key.size(), number, 16);
  return number;
}

std::optional<Invocation> from_row(std::string_view row) {
  auto parsed = json::parse(row);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const json::object& o = parsed->get_object();
  if (json::int_or(o, "v", 0) != row_version) return std::nullopt;
  const auto text = [&o](std::string_view name) { return std::string(json::string_or(o, name, "")); };
  return Invocation{.function = text("function"),
                    .payload = text("payload"),
                    .kind = Invocation::Kind::event,
                    .qualifier = text("qualifier"),
                    .client_context = text("client_context"),
                    .request_id = text("request_id")};
}

}  // namespace

AcceptedEvents::AcceptedEvents(Store& store) : store_(store) {
  store_.visit(Family::queued, rows_begin, rows_end, true, [this](std::string_view key, std::string_view) {
    next_ = number_of(key) + 1;
    return false;
  });
}

AcceptedEvents::Number AcceptedEvents::add(const Invocation& invocation) {
  const Number number = next_++;
  Batch batch;
  batch.put(Family::queued, row_key(number),
            json::dump(json::object{{"v", row_version},
                                    {"function", invocation.function},
                                    {"payload", invocation.payload},
                                    {"qualifier", invocation.qualifier},
                                    {"client_context", invocation.client_context},
                                    {"request_id", invocation.request_id}}));
  store_.write(std::move(batch));
  return number;
}

void AcceptedEvents::erase(Number number) {
  Batch batch;
  batch.erase(Family::queued, row_key(number));
  store_.write(std::move(batch));
}

std::vector<AcceptedEvents::Event> AcceptedEvents::left() const {
  std::vector<Event> events;
  store_.visit(Family::queued, rows_begin, rows_end, false, [&](std::string_view key, std::string_view row) {
    if (auto invocation = from_row(row)) events.push_back({number_of(key), std::move(*invocation)});
    else log::error("lambda", "the row of accepted event " + std::to_string(number_of(key)) + " is damaged and was left out");
    return true;
  });
  return events;
}

}  // namespace croft::lambda
