#include "rules/actions/kafka.h"

#include <algorithm>
#include <charconv>

#include "rules/actions/kafka_properties.h"
#include "rules/destination_limits.h"

namespace croft::rules {

namespace {

struct Parameters {
  std::string destination_arn;
  sql::Template topic;
  std::optional<sql::Template> key, partition;
  std::vector<std::pair<sql::Template, sql::Template>> headers;
  KafkaProperties properties;
};

bool is_topic(std::string_view name) {
  if (name.empty() || name.size() > limits::kafka_topic_bytes_max || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  });
}

class KafkaAction final : public Action {
 public:
  KafkaAction(Parameters parameters, KafkaParts parts) : parameters_(std::move(parameters)), parts_(parts) {}

  std::string name() const override { return "KafkaAction"; }
  std::string resource() const override { return parameters_.topic.text(); }

  Task<Result<void>> run(const Firing& firing) const override {
    if (auto usable = check_destination(); !usable) co_return usable.error();
    auto record = record_of(firing);
    if (!record) co_return record.error();
    auto settings = parameters_.properties.settings(firing);
    if (!settings) co_return settings.error();
    auto producer = co_await parts_.producers.get(std::move(*settings));
    if (!producer) co_return producer.error();
    auto done = co_await (*producer)->send(std::move(*record));
    co_return done;
  }

 private:
  Result<void> check_destination() const {
    const auto destination = parts_.destinations.get(parameters_.destination_arn);
    if (!destination) return invalid_request("The topic rule destination " + parameters_.destination_arn + " does not exist.");
    if (destination->status != Destination::Status::enabled)
      return invalid_request("The topic rule destination " + destination->arn + " is not ENABLED, its status is " +
                             std::string(Destination::name_of(destination->status)) + ".");
    return {};
  }

  Result<KafkaRecord> record_of(const Firing& firing) const {
    auto topic = render(parameters_.topic, firing);
    if (!topic) return topic.error();
    if (!is_topic(*topic)) return invalid_request("'" + *topic + "' is not the name of a Kafka topic.");
    KafkaRecord record{.topic = std::move(*topic), .value = firing.output.payload().str()};
    if (parameters_.key) {
      auto key = render(*parameters_.key, firing);
      if (!key) return key.error();
      record.key = std::move(*key);
    }
    if (auto read = read_partition(firing, record); !read) return read.error();
    for (const auto& [key, value] : parameters_.headers) {
      auto name = render(key, firing);
      if (!name) return name.error();
      auto text = render(value, firing);
      if (!text) return text.error();
      if (name->size() > limits::kafka_header_bytes_max || text->size() > limits::kafka_header_bytes_max)
        return invalid_request("The key and the value of a header can have at most 16384 characters.");
      record.headers.emplace_back(std::move(*name), std::move(*text));
    }
    return record;
  }

  Result<void> read_partition(const Firing& firing, KafkaRecord& record) const {
    if (!parameters_.partition) return {};
    auto text = render(*parameters_.partition, firing);
    if (!text) return text.error();
    std::int32_t number = -1;
    const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (fault != std::errc() || end != text->data() + text->size() || number < 0)
      return invalid_request("'" + *text + "' is not the number of a partition.");
    record.partition = number;
    return {};
  }

  Parameters parameters_;
  KafkaParts parts_;
};

Result<std::vector<std::pair<sql::Template, sql::Template>>> read_headers(const json::object& parameters,
                                                                          const ActionContext& context) {
  std::vector<std::pair<sql::Template, sql::Template>> headers;
  const json::value* found = json::find(parameters, "headers");
  if (!found || found->is_null()) return headers;
  if (!found->is_array() || found->get_array().empty() || found->get_array().size() > limits::kafka_headers_max)
    return invalid_request("'headers' must have 1 to 100 entries.");
  for (const json::value& header : found->get_array()) {
    if (!header.is_object()) return invalid_request("An entry of 'headers' must have a key and a value.");
    auto key = required_template(header.get_object(), "key", context);
    if (!key) return key.error();
    auto value = required_template(header.get_object(), "value", context);
    if (!value) return value.error();
    if (key->text().size() > limits::kafka_header_bytes_max || value->text().size() > limits::kafka_header_bytes_max)
      return invalid_request("The key and the value of a header can have at most 16384 characters.");
    headers.emplace_back(std::move(*key), std::move(*value));
  }
  return headers;
}

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context, const KafkaParts& parts) {
  auto arn = required_text(parameters, "destinationArn");
  if (!arn) return arn.error();
  if (!arn->starts_with(parts.destinations.arn_for("vpc", "")))
    return invalid_request("The destinationArn '" + *arn + "' is not the ARN of a VPC destination.");
  auto topic = required_template(parameters, "topic", context);
  if (!topic) return topic.error();
  auto key = optional_template(parameters, "key", context);
  if (!key) return key.error();
  auto partition = optional_template(parameters, "partition", context);
  if (!partition) return partition.error();
  auto headers = read_headers(parameters, context);
  if (!headers) return headers.error();
  const json::value* given = json::find(parameters, "clientProperties");
  if (!given || !given->is_object()) return invalid_request("The parameter 'clientProperties' is required.");
  auto properties = KafkaProperties::compile(given->get_object(), context, parts.policy);
  if (!properties) return properties.error();
  return std::make_unique<KafkaAction>(Parameters{std::move(*arn), std::move(*topic), std::move(*key), std::move(*partition),
                                                  std::move(*headers), std::move(*properties)},
                                       parts);
}

}  // namespace

void add_kafka_action(ActionTypes& types, KafkaParts parts) {
  types.add("kafka", [parts](const json::object& parameters, const ActionContext& context) {
    return compile(parameters, context, parts);
  });
}

}  // namespace croft::rules
