#pragma once

#include <string_view>

namespace croft::cli {

// Whether `command`, the first argument, is one that run() understands. Also true for "-core-dir": a device daemon's
// own command line.
bool knows(std::string_view command);

// Runs every command but `serve`: reads the arguments, prints, and returns the exit code: 0 done, 1 failed, 2 not
// understood. An unknown command is one line on standard error. Call it before the process has threads.
int run(int argc, char** argv);

}  // namespace croft::cli
