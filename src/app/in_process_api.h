#pragma once

#include <map>
#include <string>

#include "cfn/api.h"
#include "gateway/service.h"
#include "services/s3/objects.h"

namespace croft::app {

// croft's own AWS operations for deployments: the same rows the gateway serves, without the wire.
//
// Threads: the API shard.
class InProcessApi final : public cfn::Api {
 public:
  explicit InProcessApi(const services::s3::Objects& objects) : objects_(objects) {}

  void add(const gateway::Service& service) { services_.emplace(service.name, service); }

  Task<Result<json::object>> call(std::string service, std::string operation, json::object input) override;
  Task<Result<std::string>> object(std::string bucket, std::string key) override;

 private:
  const gateway::Operation* find(const std::string& service, const std::string& operation) const;

  const services::s3::Objects& objects_;
  std::map<std::string, gateway::Service> services_;
};

}  // namespace croft::app
