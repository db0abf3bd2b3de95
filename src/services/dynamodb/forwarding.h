#pragma once

#include "gateway/service.h"
#include "remote/remote_services.h"

namespace croft::services::dynamodb {

// Amazon DynamoDB where [tables] says it is. Each operation goes there as it came, its body untouched, signed anew with the
// configured key, and the answer comes back as it is, refusals included; DescribeEndpoints alone is answered here, so that
// a client that follows it stays here. ServiceUnavailable (503), which SDKs try again, when there is no answer.
//
// `services` outlives the service and has that of tables; `shard` is where the operations run.
gateway::Service forwarded_dynamodb_service(remote::RemoteServices& services, Shard& shard, const Instance& instance);
// DynamoDB Streams, at the same place or at streams-endpoint.
gateway::Service forwarded_streams_service(remote::RemoteServices& services, Shard& shard);

}  // namespace croft::services::dynamodb
