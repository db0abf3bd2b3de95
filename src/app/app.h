#pragma once

#include <memory>

#include "app/config.h"
#include "app/endpoints.h"

namespace croft::app {

// One running croft: builds everything in one order and stops it in reverse.
class App {
 public:
  // Returns when every listener accepts and endpoints.json is written. Errors, each with one line for the terminal:
  // StoreLocked, StoreFormat, StoreFailure, AddressInUse, ListenFailed, InvalidAddress, TlsConfiguration.
  static Result<std::unique_ptr<App>> start(Config config);
  // Ends connections, publishes what must be published, flushes. At most about four seconds.
  ~App();

  const Endpoints& endpoints() const { return endpoints_; }

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts, Endpoints endpoints);

  std::unique_ptr<Parts> parts_;
  Endpoints endpoints_;
};

}  // namespace croft::app
