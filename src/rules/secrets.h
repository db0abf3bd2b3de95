#pragma once

#include "remote/remote_services.h"
#include "sql/context.h"

namespace croft::rules {

// The current version of a secret of Secrets Manager, wherever the configuration says that is; ResourceNotFoundException
// and what else it answers. Source: AWS Secrets Manager API Reference, GetSecretValue.
Task<Result<sql::External::Secret>> current_secret(remote::RemoteServices& services, Shard& shard, std::string id);

}  // namespace croft::rules
