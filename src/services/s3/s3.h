#pragma once

#include "gateway/service.h"
#include "services/s3/objects.h"
#include "shard/pool.h"
#include "types/instance.h"

namespace croft::services::s3 {

// S3 with path-style addresses, over `objects`; `store` is theirs. All outlive the service.
gateway::Service s3_service(Objects& objects, Store& store, Pool& pool, Instance instance);

}  // namespace croft::services::s3
