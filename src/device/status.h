#pragma once

#include <optional>
#include <string>

#include "device/agent.h"

namespace croft::device {

// The daemon's own account of its link, in a file that `status` reads. Replaced as a whole; failures are not told,
// because nothing depends on it.
void write_link_state(const std::string& path, const LinkState& state);
std::optional<LinkState> read_link_state(const std::string& path);

// "connected since 20:09:01.123", "not connected since 20:09:01.123: REASON"
std::string describe(const LinkState& state);

}  // namespace croft::device
