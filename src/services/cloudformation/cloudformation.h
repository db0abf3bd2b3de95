#pragma once

#include "cfn/deployer.h"
#include "gateway/service.h"

namespace croft::services::cloudformation {

// CloudFormation's Query API, version 2010-05-15. `deployer` outlives it; the operations run on its shard.
gateway::Service cloudformation_service(cfn::Deployer& deployer);

}  // namespace croft::services::cloudformation
