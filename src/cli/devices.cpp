#include "cli/aws_api.h"
#include "cli/commands.h"
#include "cli/text_table.h"

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

}  // namespace

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
