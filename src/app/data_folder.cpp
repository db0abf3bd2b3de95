#include "app/data_folder.h"

#include <cstdlib>

namespace croft::app {

std::string default_data_folder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data) return std::string(data) + "/croft";
  const char* home = std::getenv("HOME");
  return std::string(home && *home ? home : "/var/lib") + "/.local/share/croft";
}

}  // namespace croft::app
