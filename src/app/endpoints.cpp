#include "app/endpoints.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "text/json.h"

namespace croft::app {

static std::string path_in(const std::string& data_folder) { return data_folder + "/endpoints.json"; }

// Whole or not at all: readers poll for it.
Result<void> write_endpoints(const std::string& data_folder, const Endpoints& endpoints) {
  json::object document;
  const std::pair<const char*, const std::string*> members[] = {{"gateway", &endpoints.gateway},
                                                                {"gatewayTls", &endpoints.gateway_tls},
                                                                {"mqtt", &endpoints.mqtt},
                                                                {"mqtts", &endpoints.mqtts},
                                                                {"device", &endpoints.device},
                                                                {"https", &endpoints.https},
                                                                {"ca", &endpoints.ca}};
  for (const auto& [name, value] : members)
    if (!value->empty()) document[name] = *value;
  document["pid"] = endpoints.pid;
  const std::string path = path_in(data_folder), temporary = path + ".new";
  std::ofstream file(temporary, std::ios::trunc);
  file << json::dump(document) << '\n';
  file.close();
  if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) return Error{"StoreFailure", "cannot write " + path};
  return {};
}

void remove_endpoints(const std::string& data_folder) { ::unlink(path_in(data_folder).c_str()); }

}  // namespace croft::app
