#pragma once

#include <string>

#include "app/config.h"

namespace croft::app {

// The folder that belongs to one running croft: the data folder, or for an ephemeral croft without one a temporary
// folder that is removed at the end.
class RunFolder {
 public:
  // Makes the folder (0700). Error: StoreFailure.
  static Result<std::unique_ptr<RunFolder>> open(const Config& config);
  ~RunFolder();

  const std::string& path() const { return path_; }

 private:
  RunFolder(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}

  std::string path_;
  bool temporary_;
};

// DATA/credentials in the form of an AWS credentials file, mode 0600.
Result<void> write_credentials(const std::string& folder, const std::string& access_key_id, const std::string& secret,
                               const std::string& region);

// The host's own addresses and name: what the server certificate of a listener on "any address" has to name.
std::vector<std::string> local_addresses();
std::string local_host_name();

}  // namespace croft::app
