#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/route.h"
#include "gateway/service.h"
#include "identity/signature_errors.h"

namespace croft::gateway {

// A Service with what finding its operations needs. Immutable.
class HostedService {
 public:
  explicit HostedService(Service service);
  HostedService(const HostedService&) = delete;

  const Service& service() const { return service_; }
  const Operation* operation(std::string_view name) const;

  struct Routed {
    const Operation* operation;
    const Route* route;
  };
  // The operation of the best fitting route; nothing when none fits.
  std::optional<Routed> routed(const RequestLine& line) const;

  bool signs_as(std::string_view signing_name) const;
  identity::ErrorFamily error_family() const;
  std::size_t body_bytes_max() const;

 private:
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  Service service_;
  std::unordered_map<std::string, const Operation*, NameHash, std::equal_to<>> by_name_;
  std::vector<Route> routes_;  // of the operations, in their order
};

}  // namespace croft::gateway
