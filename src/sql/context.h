// What a rule sees beside the payload.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sql/value.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::sql {

class ProtobufSchema;  // protobuf.h

// An External that cannot answer yet returns an Error with this code: the evaluation ends with that error, even
// inside get_or_default. The caller then obtains the answer and evaluates again.
inline constexpr std::string_view external_pending = "ExternalPending";

// The functions that read other services. An Error aborts the rule unless get_or_default catches it. Implementations
// do not block: they answer from memory, or with external_pending.
class External {
 public:
  struct ItemKey {
    std::string table, partition_name;
    Value partition_value;
    std::optional<std::string> sort_name;
    Value sort_value;  // Undefined without sort_name
  };
  struct Secret {
    std::optional<std::string> string;  // SecretString
    std::optional<std::string> binary;  // SecretBinary, raw bytes
  };

  virtual ~External() = default;
  // aws_lambda: what the function returned for `input`.
  virtual Result<Value> invoke_lambda(const std::string& function_arn, const Value& input) const = 0;
  // get_dynamodb: the item in DynamoDB JSON, {"id":{"S":"x"}}. A missing table or item is an Error.
  virtual Result<Value> dynamodb_item(const ItemKey& key, const std::string& role_arn) const = 0;
  // get_thing_shadow: the document of the classic shadow (no name) or a named one.
  virtual Result<Value> thing_shadow(const std::string& thing, const std::optional<std::string>& shadow_name,
                                     const std::string& role_arn) const = 0;
  // get_registry_data: the response of `api`, which is DescribeThing or ListThingGroupsForThing.
  virtual Result<Value> registry_data(const std::string& api, const std::string& thing,
                                      const std::string& role_arn) const = 0;
  // get_secret: the current version.
  virtual Result<Secret> secret(const std::string& secret_id, const std::string& role_arn) const = 0;
  // decode with 'proto': the FileDescriptorSet that is this object of S3, read. Never null.
  virtual Result<std::shared_ptr<const ProtobufSchema>> protobuf_schema(const std::string& bucket,
                                                                        const std::string& key) const = 0;
};

// Borrowed for one call of evaluate() or render(): everything it names outlives that call.
struct Context {
  std::string_view topic;                    // without the $aws/rules/NAME/ prefix of Basic Ingest
  std::optional<std::string_view> client_id;  // nothing when the message did not come over MQTT
  std::string_view account_id;
  std::optional<std::string_view> principal;
  std::optional<std::string_view> source_ip;
  std::optional<std::string_view> trace_id;
  Timestamp timestamp;
  std::string_view rule_name;

  struct Mqtt5 {
    std::optional<std::string_view> content_type;
    std::optional<std::string_view> response_topic;
    std::optional<std::string_view> correlation_data;  // raw bytes
    bool is_utf8 = false;                              // payload format indicator 1
  } mqtt5;
  std::span<const std::pair<std::string, std::string>> user_properties;

  const External* external = nullptr;  // null: every external function fails
  // `count` random bytes for rand() and newuuid(); empty: the operating system's generator.
  std::function<std::string(std::size_t count)> random_bytes;
};

}  // namespace croft::sql
