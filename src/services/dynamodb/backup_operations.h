// Backups and point-in-time recovery.
#pragma once

#include "dynamo/backups.h"
#include "dynamo/recovery.h"
#include "gateway/service.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

// All outlive the service.
void add_backup_operations(gateway::Service& service, dynamo::Backups& backups, dynamo::PointInTime& past,
                           dynamo::Tables& tables);

// A timestamp: seconds since 1970, of which the milliseconds count.
std::optional<Timestamp> read_time(RequestReader& reader, std::string_view name);

}  // namespace croft::services::dynamodb
