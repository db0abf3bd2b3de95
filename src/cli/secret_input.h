#pragma once

#include <string>

#include "types/result.h"

namespace croft::cli {

// The first line of standard input.
Result<std::string> secret_from_input();

// Asked for twice at the terminal, which does not show it. Errors: NoTerminal, Mismatch.
Result<std::string> new_secret_from_terminal(const std::string& what);

}  // namespace croft::cli
