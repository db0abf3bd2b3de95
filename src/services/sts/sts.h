#pragma once

#include "gateway/service.h"
#include "identity/access_keys.h"
#include "identity/roles.h"
#include "types/instance.h"

namespace croft::services::sts {

// AWS STS: GetCallerIdentity and AssumeRole. All arguments outlive the service.
gateway::Service sts_service(identity::AccessKeys& keys, const identity::Roles& roles, Instance instance);

}  // namespace croft::services::sts
