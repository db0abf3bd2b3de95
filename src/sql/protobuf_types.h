// The types of a descriptor set, linked. Shared by the protobuf_*.cpp files only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/value.h"
#include "types/result.h"

namespace croft::sql {

// descriptor.proto, FieldDescriptorProto.Type.
enum class ProtobufKind : std::uint8_t {
  double_ = 1,
  float_,
  int64,
  uint64,
  int32,
  fixed64,
  fixed32,
  bool_,
  string,
  group,
  message,
  bytes,
  uint32,
  enum_,
  sfixed32,
  sfixed64,
  sint32,
  sint64
};

struct ProtobufEnum {
  std::map<std::int32_t, std::string> names;  // the first of aliases
  bool is_closed = false;                     // proto2: other values count as unknown fields
};

struct ProtobufMessage;

struct ProtobufField {
  std::string name;
  std::uint32_t number = 0;
  ProtobufKind kind{};
  bool is_repeated = false;
  bool is_required = false;
  bool has_presence = false;  // set to its default value it counts as set
  std::optional<std::uint32_t> oneof;
  std::string type_name;                      // as written: ".package.Type"
  const ProtobufMessage* message = nullptr;   // of groups and messages
  const ProtobufEnum* enumeration = nullptr;  // of enums
};

struct ProtobufMessage {
  std::string full_name;  // "package.Outer.Inner"
  std::size_t file = 0;
  bool is_map_entry = false;
  std::map<std::uint32_t, ProtobufField> fields;
  std::vector<const ProtobufField*> required;
};

struct ProtobufTypes {
  struct File {
    std::string name, package;
  };
  std::vector<File> files;
  std::map<std::string, std::unique_ptr<ProtobufMessage>, std::less<>> messages;  // by full name
  std::map<std::string, std::unique_ptr<ProtobufEnum>, std::less<>> enums;
};

inline Error protobuf_failure(std::string problem) { return {"RuleExecutionFailure", "decode: " + std::move(problem)}; }

// A message as it was read: fields by number, sub-messages as trees of their own, so that parts of one that came in
// pieces can be joined.
struct ProtobufTree {
  struct Item {
    Value scalar;
    std::unique_ptr<ProtobufTree> message;
  };
  struct Entry {
    const ProtobufField* field;
    std::vector<Item> items;
  };
  std::map<std::uint32_t, Entry> entries;
  std::map<std::uint32_t, std::uint32_t> chosen;  // by oneof, the field that is set
};

// protobuf_reader.cpp
Result<void> read_protobuf(std::string_view bytes, const ProtobufMessage& type, ProtobufTree& out);
// protobuf_json.cpp
Result<Value> protobuf_json(const ProtobufTree& tree, const ProtobufMessage& type);

}  // namespace croft::sql
