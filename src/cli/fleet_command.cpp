#include <signal.h>

#include <cmath>
#include <cstdio>

#include "cli/mqtt_target.h"
#include "cli/text_table.h"

namespace croft::cli {

namespace {

volatile bool interrupted = false;

void on_interrupt(int) {
  interrupted = true;
}

double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

json::object as_json(const device::FleetReport& r) {
  return {{"devices", r.devices},
          {"connects", r.connects},
          {"failures", r.failures},
          {"drops", r.drops},
          {"leavesClean", r.leaves_clean},
          {"leavesAbrupt", r.leaves_abrupt},
          {"connectedAtEnd", r.connected_at_end},
          {"seconds", rounded(r.seconds)},
          {"connectP50Ms", rounded(r.connect_p50_ms)},
          {"connectP99Ms", rounded(r.connect_p99_ms)},
          {"connectMaxMs", rounded(r.connect_max_ms)},
          {"lastFailure", r.last_failure}};
}

std::string milliseconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", value);
  return text;
}

void print_report(const device::FleetReport& r) {
  TextTable view({"FLEET", ""});
  const std::pair<const char*, std::string> rows[] = {
      {"devices", std::to_string(r.devices)},
      {"connected at the end", std::to_string(r.connected_at_end)},
      {"connections accepted", std::to_string(r.connects)},
      {"connections refused or failed", std::to_string(r.failures)},
      {"connections ended by the server", std::to_string(r.drops)},
      {"left with DISCONNECT", std::to_string(r.leaves_clean)},
      {"left without a word", std::to_string(r.leaves_abrupt)},
      {"connect, half of them within", milliseconds(r.connect_p50_ms)},
      {"connect, 99 of 100 within", milliseconds(r.connect_p99_ms)},
      {"connect, slowest", milliseconds(r.connect_max_ms)}};
  for (const auto& [name, value] : rows) view.add({{name}, {value, true}});
  print_line(view.text());
  if (!r.last_failure.empty()) print_line("Last failure: " + shown(r.last_failure));
}

}  // namespace

int fleet(FleetOptions options) {
  if (options.tls && options.mqtt.certificate.empty()) {
    return fail({"InvalidOptions", "--tls needs the devices' certificate: --cert and --key"});
  }
  auto target = find_target(options.mqtt);
  if (!target) return fail(target.error());
  options.settings.host = target->host;
  options.settings.port = target->port;
  options.settings.tls = target->tls;
  ::signal(SIGINT, on_interrupt);
  ::signal(SIGTERM, on_interrupt);
  ::signal(SIGPIPE, SIG_IGN);
  const device::FleetReport report = device::run_fleet(options.settings, interrupted);
  if (options.json)
    print_line(json_line(as_json(report)));
  else
    print_report(report);
  return report.failures == 0 ? 0 : 1;
}

}  // namespace croft::cli
