#pragma once

#include <string>

namespace croft::device {

// What greengrassd does on a terminal; each prints and returns the exit code (daemon.h).

// Checks the configuration in the foreground, starts the daemon in the background and waits until it is ready (not
// until it is connected).
int start(const std::string& root);
// Ends the daemon and waits for its end; `clean`: with DISCONNECT. Says nothing when none runs.
int stop(const std::string& root, bool clean);
int restart(const std::string& root, bool clean);
int status(const std::string& root);
int print_version();

}  // namespace croft::device
