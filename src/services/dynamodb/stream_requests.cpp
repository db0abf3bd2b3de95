#include "services/dynamodb/stream_requests.h"

#include "dynamo/errors.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::string_view view_types[] = {"NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"};

}  // namespace

std::optional<StreamSpecification> read_stream(RequestReader& reader) {
  const json::object* given = reader.object("StreamSpecification");
  if (!given) return std::nullopt;
  RequestReader one(*given, "streamSpecification", reader);
  StreamSpecification out;
  if (!one.has("StreamEnabled")) one.note("null", "StreamEnabled", "Member must not be null");
  out.is_enabled = one.flag("StreamEnabled");
  if (const auto view = one.choice("StreamViewType", view_types)) out.view = dynamo::stream_view_named(*view);
  return out;
}

std::optional<dynamo::StreamView> stream_of_new_table(const std::optional<StreamSpecification>& specification) {
  if (!specification) return std::nullopt;
  if (specification->is_enabled && !specification->view) {
    refuse(dynamo::invalid_parameter("Table is being created with a stream enabled, UpdateViewType is required"));
  }
  if (!specification->is_enabled && specification->view) {
    refuse(dynamo::invalid_parameter(
        "Table is being created with a stream disabled, UpdateViewType should not be specified"));
  }
  return specification->view;
}

std::optional<dynamo::StreamWanted> stream_of_update(const std::optional<StreamSpecification>& specification,
                                                     const dynamo::UpdateTable& update) {
  if (!specification) return std::nullopt;
  if (specification->is_enabled && !specification->view)
    refuse(dynamo::invalid_parameter("If stream is being enabled then UpdateViewType is required"));
  if (!specification->is_enabled && specification->view)
    refuse(dynamo::invalid_parameter("If stream is being disabled, then UpdateViewType must not be specified"));
  if (update.create_index || update.erase_index)
    refuse(dynamo::invalid_parameter("You cannot create or delete index while changing stream status"));
  if (update.throughput || !update.index_throughput.empty())
    refuse(dynamo::invalid_parameter("You cannot modify stream status while updating table IOPS"));
  return dynamo::StreamWanted{specification->view};
}

void add_stream(json::object& description, const dynamo::TableDescription& table) {
  const dynamo::TableDefinition& definition = table.definition;
  if (definition.stream) {
    description["StreamSpecification"] =
        json::object{{"StreamEnabled", true}, {"StreamViewType", std::string(dynamo::name_of(*definition.stream))}};
  }
  if (definition.stream_label.empty()) return;
  description["LatestStreamLabel"] = definition.stream_label;
  description["LatestStreamArn"] = table.arn + "/stream/" + definition.stream_label;
}

}  // namespace croft::services::dynamodb
