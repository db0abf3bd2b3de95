#include "device/status.h"

#include <cstdio>
#include <fstream>

#include "text/encoding.h"
#include "text/json.h"
#include "text/time.h"

namespace croft::device {

void write_link_state(const std::string& path, const LinkState& state) {
  const std::string next = path + ".new";
  {
    std::ofstream file(next, std::ios::trunc);
    file << json::dump(
                json::object{{"connected", state.connected}, {"since", state.since.ms}, {"reason", state.reason}})
         << '\n';
    if (!file) return;
  }
  std::rename(next.c_str(), path.c_str());
}

std::optional<LinkState> read_link_state(const std::string& path) {
  constexpr std::size_t state_bytes_max = 64 * 1024;
  auto text = read_file(path, state_bytes_max);
  if (!text) return std::nullopt;
  auto parsed = json::parse(*text);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const json::object& o = parsed->get_object();
  return LinkState{json::bool_or(o, "connected", false),
                   {json::int_or(o, "since", 0)},
                   std::string(json::string_or(o, "reason", ""))};
}

std::string describe(const LinkState& state) {
  std::string text = state.connected ? "connected since " : "not connected since ";
  text += text::local_clock(state.since);
  if (!state.connected && !state.reason.empty()) text += ": " + text::printable(state.reason);
  return text;
}

}  // namespace croft::device
