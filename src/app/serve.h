#pragma once

#include <string>
#include <vector>

namespace croft::app {

// `croft serve`: runs until SIGTERM or SIGINT. Returns the exit code: 0, or 2 with one line on standard error when the
// configuration, a port or the data folder cannot be used.
int serve(const std::vector<std::string>& arguments);

}  // namespace croft::app
