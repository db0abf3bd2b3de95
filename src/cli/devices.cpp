#include "cli/aws_api.h"
#include "cli/commands.h"
#include "cli/text_table.h"
#include "text/encoding.h"

namespace croft::cli {

namespace {

std::vector<Cell> row_of(const json::object& device) {
  const std::string_view status = json::string_or(device, "status", "");
  const bool connected = status == "connected";
  const json::value* version = json::find(device, "versionNumber");
  return {{shown(json::string_or(device, "clientId", "")), false, Colour::bold},
          {shown(status), false, connected ? Colour::green : Colour::red},
          {local_date_time({json::int_or(device, "since", 0)})},
          {version && version->is_int64() ? std::to_string(version->get_int64()) : "-", true},
          {connected ? "" : shown(json::string_or(device, "disconnectReason", ""))},
          {shown(json::string_or(device, "ipAddress", ""))},
          {shown(json::string_or(device, "thingName", ""))}};
}

void print_refusal(const json::object& refusal) {
  const std::int64_t count = json::int_or(refusal, "count", 1);
  std::string head = local_date_time({json::int_or(refusal, "time", 0)}) + "  " +
                     painted(Colour::bold, shown(json::string_or(refusal, "action", "")));
  if (const std::string resource = shown(json::string_or(refusal, "resource", "")); !resource.empty()) head += "  " + resource;
  if (count > 1) head += "  (" + std::to_string(count) + " times)";
  print_line(head);
  print_line("    " + painted(Colour::red, shown(json::string_or(refusal, "reason", ""))));
  const std::string principal = shown(json::string_or(refusal, "principal", ""));
  const std::string address = shown(json::string_or(refusal, "ipAddress", ""));
  std::string who = principal.empty() ? "nobody could be identified" : "principal " + principal;
  if (!address.empty()) who += ", from " + address;
  print_line("    " + who);
}

}  // namespace

int devices_why(const DevicesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  auto answer = api.page("/_croft/refusals/" + text::percent_encode(options.client_id));
  if (!answer) return fail(answer.error());
  const json::value* list = json::find(*answer, "refusals");
  if (!list || !list->is_array()) return fail({"InvalidResponse", "the answer has no list of refusals"});
  if (options.json) {
    print_line(json_line(*answer));
    return 0;
  }
  if (list->get_array().empty())
    print_line("Nothing was refused to " + shown(options.client_id) + " since croft started.");
  for (const json::value& refusal : list->get_array()) {
    if (refusal.is_object()) print_refusal(refusal.get_object());
  }
  return 0;
}

int devices(const DevicesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  auto answer = api.page("/_croft/devices");
  if (!answer) return fail(answer.error());
  const json::value* list = json::find(*answer, "devices");
  if (!list || !list->is_array()) return fail({"InvalidResponse", "the answer has no list of devices"});
  if (options.json) {
    print_line(json_line(*answer));
    return 0;
  }
  TextTable table({"CLIENT", "STATUS", "SINCE", "VERSION", "REASON", "ADDRESS", "THING"});
  for (const json::value& device : list->get_array()) {
    if (device.is_object()) table.add(row_of(device.get_object()));
  }
  print_line(table.is_empty() ? "No device has connected yet." : table.text());
  return 0;
}

}  // namespace croft::cli
