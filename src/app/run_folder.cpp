#include "app/run_folder.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace croft::app {

Result<std::unique_ptr<RunFolder>> RunFolder::open(const Config& config) {
  std::error_code failure;
  std::string path = config.data;
  const bool temporary = config.ephemeral && path.empty();
  if (temporary) {
    std::string pattern = std::filesystem::temp_directory_path(failure).string() + "/croft-XXXXXX";
    if (!::mkdtemp(pattern.data())) return Error{"StoreFailure", "cannot make a temporary folder below " + pattern};
    path = pattern;
  } else {
    std::filesystem::create_directories(path, failure);
    if (failure) return Error{"StoreFailure", "cannot make the data folder " + path + ": " + failure.message()};
    ::chmod(path.c_str(), 0700);
  }
  return std::unique_ptr<RunFolder>(new RunFolder(std::filesystem::absolute(path).string(), temporary));
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  if (temporary_) std::filesystem::remove_all(path_, ignored);
}

Result<void> write_credentials(const std::string& folder, const std::string& access_key_id, const std::string& secret,
                               const std::string& region) {
  const std::string path = folder + "/credentials", temporary = path + ".new";
  const std::string text =
      "[default]\naws_access_key_id = " + access_key_id + "\naws_secret_access_key = " + secret + "\nregion = " + region + "\n";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Error{"StoreFailure", "cannot write " + temporary};
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) return Error{"StoreFailure", "cannot write " + path};
  return {};
}

std::vector<std::string> local_addresses() {
  std::vector<std::string> addresses;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return addresses;
  for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr) continue;
    char text[INET6_ADDRSTRLEN] = "";
    if (entry->ifa_addr->sa_family == AF_INET) {
      ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr, text, sizeof text);
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
      ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr)->sin6_addr, text, sizeof text);
    }
    if (*text) addresses.emplace_back(text);
  }
  ::freeifaddrs(list);
  return addresses;
}

std::string local_host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace croft::app
