#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::device {

// The Greengrass V1 release whose files and output the daemon imitates.
inline constexpr std::string_view core_version = "1.11.6";

// What a new device needs; see write_install().
struct Install {
  std::string root;
  std::string thing_arn;
  std::string certificate_id;  // 64 hex digits; the first ten name the files
  std::string certificate_pem;
  std::string private_key_pem;
  std::string public_key_pem;
  std::string ca_pem;
  std::string host;  // of the MQTT listener
  std::uint16_t port = 8883;
  std::string program;  // absolute path of the croft binary that greengrassd runs
};

// Refuses with InstallExists, naming the path, if `root` holds a configuration or certificates.
Result<void> check_root_is_free(const std::string& root);

// Writes certs/, config/config.json, ggc/core/greengrassd (also as `greengrass`) and ggc/packages/VERSION/bin/daemon.
// The private key is readable by its owner alone, from its first byte on. Errors: FileUnwritable; then what was
// written stays.
Result<void> write_install(const Install& install);

// The programs alone, for a root that has its certificates and configuration from elsewhere.
Result<void> write_programs(const std::string& root, const std::string& program);

std::string package_folder(const std::string& root);  // ROOT/ggc/packages/VERSION
std::string config_text(const Install& install);

}  // namespace croft::device
