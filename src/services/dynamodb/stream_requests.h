// StreamSpecification of tables: read from requests, shown in descriptions.
#pragma once

#include <optional>

#include "dynamo/requests.h"
#include "dynamo/tables.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

// Notes in the reader what has a wrong form; nothing: the request does not speak of streams.
struct StreamSpecification {
  bool is_enabled = false;
  std::optional<dynamo::StreamView> view{};
};
std::optional<StreamSpecification> read_stream(RequestReader& reader);

// What a new table, or an update, makes of it. Source of the texts: AWS's answers, as observed.
std::optional<dynamo::StreamView> stream_of_new_table(const std::optional<StreamSpecification>& specification);
std::optional<dynamo::StreamWanted> stream_of_update(const std::optional<StreamSpecification>& specification,
                                                     const dynamo::UpdateTable& update);

// StreamSpecification, LatestStreamLabel and LatestStreamArn of a TableDescription.
void add_stream(json::object& description, const dynamo::TableDescription& table);

}  // namespace croft::services::dynamodb
