#include <algorithm>
#include <chrono>

#include "cli/aws_api.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::cli {

namespace {

constexpr std::int64_t wait_ms_max = 20'000;
constexpr std::string_view head_members[] = {"seq",   "time",    "from",       "type",
                                             "bytes", "payload", "payloadHex", "payloadCut"};

bool is_in_head(std::string_view name) {
  return std::find(std::begin(head_members), std::end(head_members), name) != std::end(head_members);
}

std::string text_of(const json::value& value);

// A filter with its QoS, a user property, or whatever else.
std::string text_of(const json::object& object) {
  const json::value* qos = json::find(object, "qos");
  if (const json::value* filter = json::find(object, "filter"))
    return text_of(*filter) + (qos ? " (QoS " + text_of(*qos) + ")" : "");
  if (const json::value* name = json::find(object, "name")) return text_of(*name) + "=" + text_of(object.at("value"));
  return shown(json::dump(object));
}

std::string text_of(const json::value& value) {
  if (value.is_string()) return shown(value.get_string());
  if (value.is_object()) return text_of(value.get_object());
  if (!value.is_array()) return shown(json::dump(value));
  std::string out;
  for (const json::value& one : value.get_array()) out += (out.empty() ? "" : ", ") + text_of(one);
  return out;
}

// `name=value` for each member, those of a nested object behind its name and a dot.
void append_members(std::string& line, const json::object& members, const std::string& prefix) {
  for (const auto& [key, value] : members) {
    const std::string name = prefix + std::string(key);
    if (prefix.empty() && is_in_head(key)) continue;
    if (value.is_object())
      append_members(line, value.get_object(), name + ".");
    else if (!value.is_bool())
      line += "  " + painted(Colour::dim, name + "=") + text_of(value);
    else if (value.get_bool())
      line += "  " + name;
    else if (!prefix.empty())
      line += "  " + painted(Colour::dim, name + "=") + "false";  // a property says no; a flag is just not set
  }
}

void print_payload(const json::object& packet) {
  const json::value* payload = json::find(packet, "payload");
  const json::value* hex = json::find(packet, "payloadHex");
  if (!payload && !hex) return;
  const std::string more = json::bool_or(packet, "payloadCut", false) ? " ... cut" : "";
  const std::string_view text = (payload ? payload : hex)->get_string();
  print_line("    " + std::string(payload ? "" : "hex ") + text::printable(text, text.size()) + more);
}

void print_packet(const json::object& packet) {
  const std::string time = painted(Colour::dim, text::local_clock({json::int_or(packet, "time", 0)}));
  if (const json::value* note = json::find(packet, "note")) {
    print_line(time + "  -- " + painted(Colour::yellow, text_of(*note)));
    return;
  }
  const bool from_client = json::string_or(packet, "from", "") == "client";
  std::string type = shown(json::string_or(packet, "type", ""));
  type.resize(std::max<std::size_t>(type.size(), 11), ' ');
  std::string size = std::to_string(json::int_or(packet, "bytes", 0)) + " B";
  size.insert(0, 8 - std::min<std::size_t>(size.size(), 8), ' ');
  std::string line =
      time + (from_client ? "  -> " : "  <- ") + painted(from_client ? Colour::green : Colour::cyan, type) + size;
  append_members(line, packet, "");
  print_line(line);
  print_payload(packet);
}

void print_page(const json::object& page, bool as_json) {
  if (const std::int64_t lost = json::int_or(page, "lost", 0); lost > 0) {
    if (as_json)
      print_line(json_line(json::object{{"lost", lost}}));
    else
      print_line(
          painted(Colour::red, std::to_string(lost) + " packets were lost: they came faster than they were read"));
  }
  const json::value* packets = json::find(page, "packets");
  if (!packets || !packets->is_array()) return;
  for (const json::value& packet : packets->get_array()) {
    if (!packet.is_object()) continue;
    if (as_json)
      print_line(json_line(packet));
    else
      print_packet(packet.get_object());
  }
}

std::int64_t now_ms() {
  return MonoTime::now().ms;
}

}  // namespace

int trace(const TraceOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  const std::string path = "/_croft/trace/" + text::percent_encode(options.client_id);
  const std::string payload = options.payload ? "&payload=1" : "";
  const std::int64_t end_ms =
      options.seconds > 0 ? now_ms() + static_cast<std::int64_t>(options.seconds * 1000) : INT64_MAX;
  std::string query = "wait=0";
  std::fprintf(stderr, "Tracing %s\n", shown(options.client_id).c_str());
  for (;;) {
    auto page = api.page(path, query + payload);
    if (!page) return fail(page.error());
    print_page(*page, options.json);
    const std::int64_t left_ms = end_ms - now_ms();
    if (left_ms <= 0) return 0;
    query = "after=" + std::to_string(json::int_or(*page, "next", 0)) +
            "&wait=" + std::to_string(std::min(wait_ms_max, left_ms));
  }
}

}  // namespace croft::cli
