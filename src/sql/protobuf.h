#pragma once

#include <memory>
#include <string_view>

#include "sql/value.h"
#include "types/result.h"

namespace croft::sql {

struct ProtobufTypes;  // protobuf_types.h

// The types of a protobuf FileDescriptorSet (protoc --descriptor_set_out --include_imports), and messages of them as
// JSON. Both come from outside; what they may cost is bounded by their size.
//
// The JSON is protobuf's own mapping with the names of the .proto: 64-bit integers as strings, enums by name, bytes in
// base64, what is not set left out, Timestamp, Duration, wrappers and Struct in their special forms. (AWS documents
// none; its examples read names as in the .proto.) Any and FieldMask are shown as plain messages, extensions not at all.
// Source: "Protocol Buffers Language Guide", ProtoJSON Format; AWS IoT developer guide, "Decoding protobuf message
// payloads".
//
// Immutable. Threads: any.
class ProtobufSchema {
 public:
  // Every failure of this class is a RuleExecutionFailure.
  static Result<std::shared_ptr<const ProtobufSchema>> read(std::string_view descriptor_set);
  ~ProtobufSchema();
  ProtobufSchema(const ProtobufSchema&) = delete;

  // `file`: the name of the .proto, without its extension or with it, without its folders or with them. `type`: the
  // name of a message of that file, with or without its package.
  Result<Value> decode(std::string_view file, std::string_view type, std::string_view message) const;

 private:
  explicit ProtobufSchema(std::unique_ptr<ProtobufTypes> types);

  std::unique_ptr<const ProtobufTypes> types_;
};

}  // namespace croft::sql
