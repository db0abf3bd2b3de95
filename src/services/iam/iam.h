#pragma once

#include "gateway/service.h"
#include "identity/roles.h"
#include "store/store.h"

namespace croft::services::iam {

// AWS IAM: roles, their policies, managed policies. `roles` and their store outlive the service.
gateway::Service iam_service(identity::Roles& roles, Store& store);

}  // namespace croft::services::iam
