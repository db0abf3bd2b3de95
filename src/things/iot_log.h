#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/log_file.h"
#include "store/store.h"
#include "text/json.h"

namespace croft::things {

// What AWS IoT writes to the log group AWSIotLogsV2, here to a file: one JSON object a line. Nothing is written until
// SetV2LoggingOptions names a level, as on AWS. The options are rows of Family::registry.
//
// Threads: any; changes come from one at a time.
class IotLog {
 public:
  enum class Level : std::uint8_t { debug, info, warn, error, disabled };
  enum class TargetType : std::uint8_t { client_id, source_ip, principal_id };

  // Whose doing an entry is about.
  struct Subject {
    std::string_view client_id, source_ip, principal_id;
  };
  struct Options {
    std::string role_arn;
    Level level = Level::disabled;
    bool all_disabled = false;
  };
  struct Target {
    TargetType type;
    std::string name;
    auto operator<=>(const Target&) const = default;
  };
  using Levels = std::map<Target, Level>;
  static constexpr std::size_t levels_max = 100;

  // `store` outlives it; "" as `path`: nothing is written.
  IotLog(Store& store, std::string path);

  // "DEBUG" ... "DISABLED"; "CLIENT_ID" ....
  static std::optional<Level> level_from(std::string_view name);
  static std::optional<TargetType> target_type_from(std::string_view name);
  static std::string_view name(Level level);
  static std::string_view name(TargetType type);

  // Nothing before the first set_options().
  std::optional<Options> options() const;
  void set_options(Options options);
  Levels levels() const;
  // A target's own level counts instead of the default one; of several the one that tells most.
  void set_level(Target target, Level level);
  void remove_level(const Target& target);

  // Whether an entry of this level about `subject` is written. Cheap when nothing is.
  bool wants(Level level, const Subject& subject) const;
  // `entry` behind the members that all entries have first: timestamp and logLevel.
  void write(Level level, const json::object& entry);
  // Whole lines from byte `after` of the file on, and where the next ones begin. A file that began anew since is read
  // from its start; -1 begins with about the last `tail_bytes` of it.
  struct Excerpt {
    std::string lines;
    std::int64_t next = 0;
  };
  static constexpr std::int64_t tail_bytes = 64 * 1024;
  Excerpt read(std::int64_t after) const;

 private:
  struct Configuration {
    std::optional<Options> options;
    Levels levels;
  };
  std::shared_ptr<const Configuration> configuration() const;
  void replace(Configuration configuration);

  Store& store_;
  const std::string path_;
  log::LogFile file_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Configuration> configuration_;
  std::atomic<Level> lowest_{Level::disabled};  // of all that are configured
};

}  // namespace croft::things
