#include "rules/destination_row.h"

#include <array>

namespace croft::rules {

namespace {

constexpr std::array statuses = {Destination::Status::in_progress, Destination::Status::enabled, Destination::Status::disabled,
                                 Destination::Status::error};

json::array array_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.push_back(json::value(text));
  return array;
}

std::vector<std::string> texts_of(const json::object& members, std::string_view name) {
  std::vector<std::string> texts;
  const json::value* found = json::find(members, name);
  if (!found || !found->is_array()) return texts;
  for (const json::value& text : found->get_array())
    if (text.is_string()) texts.emplace_back(text.get_string());
  return texts;
}

std::string text_of(const json::object& members, std::string_view name) {
  return std::string(json::string_or(members, name, ""));
}

struct MembersOf {
  json::object operator()(const Destination::Http& http) const {
    return {{"kind", "http"}, {"confirmationUrl", http.confirmation_url}};
  }
  json::object operator()(const Destination::Vpc& vpc) const {
    return {{"kind", "vpc"},
            {"subnetIds", array_of(vpc.subnet_ids)},
            {"securityGroups", array_of(vpc.security_groups)},
            {"vpcId", vpc.vpc_id},
            {"roleArn", vpc.role_arn}};
  }
  json::object operator()(const Destination::InfluxDb& influx) const {
    return {{"kind", "influxdb"},           {"endpoint", influx.endpoint},      {"influxDBVersion", influx.version},
            {"secretId", influx.secret_id}, {"secretType", influx.secret_type}, {"secretKey", influx.secret_key}};
  }
};

std::optional<Destination::Target> target_from(const json::object& row) {
  const std::string kind = text_of(row, "kind");
  if (kind == "http") return Destination::Http{text_of(row, "confirmationUrl")};
  if (kind == "vpc")
    return Destination::Vpc{texts_of(row, "subnetIds"), texts_of(row, "securityGroups"), text_of(row, "vpcId"),
                            text_of(row, "roleArn")};
  if (kind == "influxdb")
    return Destination::InfluxDb{text_of(row, "endpoint"), text_of(row, "influxDBVersion"), text_of(row, "secretId"),
                                 text_of(row, "secretType"), text_of(row, "secretKey")};
  return std::nullopt;
}

}  // namespace

json::object row_of(const Destination& destination) {
  json::object row = std::visit(MembersOf{}, destination.target);
  row["arn"] = destination.arn;
  row["status"] = Destination::name_of(destination.status);
  row["statusReason"] = destination.status_reason;
  row["createdAt"] = destination.created_at.ms;
  row["updatedAt"] = destination.updated_at.ms;
  row["tokenHash"] = destination.token_hash;
  row["tokenIssued"] = destination.token_issued.ms;
  row["isAsked"] = destination.is_asked;
  return row;
}

std::optional<Destination> destination_from(const json::object& row) {
  auto target = target_from(row);
  if (!target) return std::nullopt;
  Destination destination{.arn = text_of(row, "arn"),
                          .target = std::move(*target),
                          .status_reason = text_of(row, "statusReason"),
                          .created_at = {json::int_or(row, "createdAt", 0)},
                          .updated_at = {json::int_or(row, "updatedAt", 0)},
                          .token_hash = text_of(row, "tokenHash"),
                          .token_issued = {json::int_or(row, "tokenIssued", 0)},
                          .is_asked = json::bool_or(row, "isAsked", false)};
  for (const Destination::Status status : statuses) {
    if (json::string_or(row, "status", "") != Destination::name_of(status)) continue;
    destination.status = status;
    return destination;
  }
  return std::nullopt;
}

}  // namespace croft::rules
