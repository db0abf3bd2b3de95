#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "remote/remote_services.h"
#include "rules/destination_checks.h"
#include "sql/context.h"

namespace croft::app {

// Secrets of AWS Secrets Manager for the rules that name one, remembered for a while.
//
// Threads: any shard. Never logs what it reads.
class Secrets {
 public:
  // `services` is asked for when the first secret is.
  using Services = std::function<remote::RemoteServices&()>;
  explicit Secrets(Services services) : services_(std::move(services)) {}

  // The text of the secret's current version; with a key, or of an object with one member, that member.
  // SecretNotAvailable, and the service's own errors.
  Task<Result<std::string>> read(Shard& shard, rules::SecretQuestion question);

 private:
  struct Kept {
    sql::External::Secret secret;
    MonoTime until;
  };
  std::optional<sql::External::Secret> kept(const std::string& id);

  const Services services_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

}  // namespace croft::app
