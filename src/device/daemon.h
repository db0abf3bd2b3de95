#pragma once

#include <string>

#include "device/config.h"
#include "net/tls.h"

namespace croft::device {

// Exit codes of the device commands; the rest are 0 and 1.
inline constexpr int exit_usage = 2;
inline constexpr int exit_stopped = 3;         // status, as LSB init scripts say it
inline constexpr int exit_configuration = 78;  // sysexits' EX_CONFIG

// A configuration whose files were read and fit together.
struct Prepared {
  DeviceConfig config;
  std::shared_ptr<net::TlsContext> tls;
};

// Everything that can be wrong before the first packet. Errors: ConfigurationError, FileUnwritable.
Result<Prepared> prepare(const std::string& root);

// The daemon itself: takes the pid file, keeps the device connected until SIGTERM, SIGINT or SIGUSR1 (with
// DISCONNECT), reopens its log at SIGHUP. `ready_file` is a descriptor that is told "ready\n" or the reason of a
// failure and closed; -1 for none. Returns the exit code. Call it before the process has threads.
int run_daemon(const std::string& root, int ready_file, bool foreground);

}  // namespace croft::device
