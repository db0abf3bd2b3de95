// A FileDescriptorSet as linked types. Source: google/protobuf/descriptor.proto, whose field numbers stand here.
#include <algorithm>

#include "sql/limits.h"
#include "sql/protobuf.h"
#include "sql/protobuf_types.h"
#include "sql/protobuf_wire.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

using Wire = WireReader;

// Calls visit(number, bytes) for each field of length-delimited bytes and visit(number, value) for each varint. False when
// the message is malformed or visit() says so.
template <class Bytes, class Number>
bool visit_fields(std::string_view message, Bytes on_bytes, Number on_number) {
  for (Wire wire(message); !wire.at_end();) {
    Wire::Tag tag;
    if (!wire.read(tag)) return false;
    std::string_view bytes;
    std::uint64_t number = 0;
    if (tag.type == Wire::bytes) {
      if (!wire.read_bytes(bytes) || !on_bytes(tag.number, bytes)) return false;
    } else if (tag.type == Wire::varint) {
      if (!wire.read_varint(number)) return false;
      on_number(tag.number, number);
    } else if (!wire.skip(tag, limits::protobuf_depth_max)) {
      return false;
    }
  }
  return true;
}

const auto no_numbers = [](std::uint32_t, std::uint64_t) {};

bool take_name(std::string_view bytes, std::string& out) {
  out = bytes;
  return text::is_utf8(bytes);
}

std::string qualified(const std::string& scope, const std::string& name) { return scope.empty() ? name : scope + "." + name; }

class SetReader {
 public:
  explicit SetReader(ProtobufTypes& types) : types_(types) {}

  bool read(std::string_view set) {
    const auto on_bytes = [this](std::uint32_t number, std::string_view bytes) { return number != 1 || file(bytes); };
    return visit_fields(set, on_bytes, no_numbers);
  }

 private:
  // FileDescriptorProto. The package and the syntax may stand behind the types that they concern.
  bool file(std::string_view bytes) {
    ProtobufTypes::File file;
    is_proto3_ = false;
    const auto on_head = [&](std::uint32_t number, std::string_view value) {
      if (number == 1) return take_name(value, file.name);
      if (number == 2) return take_name(value, file.package);
      if (number == 12) is_proto3_ = value == "proto3", is_proto2_ = value == "proto2";
      return true;
    };
    is_proto2_ = true;  // no syntax at all
    if (!visit_fields(bytes, on_head, no_numbers)) return false;
    const std::string package = file.package;
    types_.files.push_back(std::move(file));
    const auto on_types = [&](std::uint32_t number, std::string_view value) {
      if (number == 4) return message(value, package, 0);
      return number != 5 || enumeration(value, package);
    };
    return visit_fields(bytes, on_types, no_numbers);
  }

  // DescriptorProto.
  bool message(std::string_view bytes, const std::string& scope, int depth) {
    if (depth > limits::protobuf_depth_max) return false;
    auto type = std::make_unique<ProtobufMessage>();
    std::string name;
    const auto on_name = [&](std::uint32_t number, std::string_view value) {
      if (number == 1) return take_name(value, name);
      return number != 7 || visit_fields(value, any_bytes, [&](std::uint32_t option, std::uint64_t on) {
               if (option == 7) type->is_map_entry = on != 0;
             });
    };
    if (!visit_fields(bytes, on_name, no_numbers) || name.empty()) return false;
    const std::string full_name = qualified(scope, name);
    type->full_name = full_name;
    type->file = types_.files.size() - 1;
    const auto on_parts = [&](std::uint32_t number, std::string_view value) {
      if (number == 2) return field(value, *type);
      if (number == 3) return message(value, full_name, depth + 1);
      return number != 4 || enumeration(value, full_name);
    };
    if (!visit_fields(bytes, on_parts, no_numbers)) return false;
    return types_.messages.try_emplace(full_name, std::move(type)).second;
  }

  // FieldDescriptorProto.
  bool field(std::string_view bytes, ProtobufMessage& owner) {
    ProtobufField field;
    std::uint64_t label = 0, kind = 0, oneof = 0;
    bool has_oneof = false, is_optional = false;
    const auto on_bytes = [&](std::uint32_t number, std::string_view value) {
      if (number == 1) return take_name(value, field.name);
      return number != 6 || take_name(value, field.type_name);
    };
    const auto on_number = [&](std::uint32_t number, std::uint64_t value) {
      if (number == 3) field.number = static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
      if (number == 4) label = value;
      if (number == 5) kind = value;
      if (number == 9) oneof = value, has_oneof = true;
      if (number == 17) is_optional = value != 0;
    };
    if (!visit_fields(bytes, on_bytes, on_number) || field.name.empty()) return false;
    if (field.number == 0 || field.number > field_number_max || kind < 1 || kind > 18 || label < 1 || label > 3) return false;
    field.kind = static_cast<ProtobufKind>(kind);
    field.is_repeated = label == 3;
    field.is_required = label == 2;
    if (has_oneof && !is_optional) field.oneof = static_cast<std::uint32_t>(oneof);
    field.has_presence = !is_proto3_ || is_optional || has_oneof;
    const std::uint32_t number = field.number;
    return owner.fields.try_emplace(number, std::move(field)).second;
  }

  // EnumDescriptorProto.
  bool enumeration(std::string_view bytes, const std::string& scope) {
    auto type = std::make_unique<ProtobufEnum>();
    type->is_closed = is_proto2_;
    std::string name;
    const auto on_bytes = [&](std::uint32_t number, std::string_view value) {
      if (number == 1) return take_name(value, name);
      return number != 2 || enum_value(value, *type);
    };
    if (!visit_fields(bytes, on_bytes, no_numbers) || name.empty()) return false;
    return types_.enums.try_emplace(qualified(scope, name), std::move(type)).second;
  }

  static bool enum_value(std::string_view bytes, ProtobufEnum& type) {
    std::string name;
    std::int32_t value = 0;
    const auto on_bytes = [&](std::uint32_t number, std::string_view text) { return number != 1 || take_name(text, name); };
    const auto on_number = [&](std::uint32_t number, std::uint64_t bits) {
      if (number == 2) value = static_cast<std::int32_t>(bits);
    };
    if (!visit_fields(bytes, on_bytes, on_number)) return false;
    type.names.try_emplace(value, std::move(name));
    return true;
  }

  static constexpr std::uint32_t field_number_max = (1u << 29) - 1;
  static constexpr auto any_bytes = [](std::uint32_t, std::string_view) { return true; };

  ProtobufTypes& types_;
  bool is_proto2_ = true, is_proto3_ = false;  // neither: an edition, whose fields have presence and whose enums are open
};

// Types are named in full, with a point in front: protoc has resolved them.
bool link(ProtobufTypes& types, ProtobufField& field) {
  const std::string_view name = std::string_view(field.type_name).substr(field.type_name.starts_with('.') ? 1 : 0);
  if (field.kind == ProtobufKind::enum_) {
    const auto found = types.enums.find(name);
    if (found != types.enums.end()) field.enumeration = found->second.get();
    return field.enumeration != nullptr;
  }
  if (field.kind != ProtobufKind::message && field.kind != ProtobufKind::group) return true;
  const auto found = types.messages.find(name);
  if (found != types.messages.end()) field.message = found->second.get();
  return field.message != nullptr;
}

bool is_map_entry_sound(const ProtobufMessage& type) {
  const auto key = type.fields.find(1), value = type.fields.find(2);
  if (key == type.fields.end() || value == type.fields.end()) return false;
  return !key->second.message && !key->second.is_repeated && !value->second.is_repeated;
}

bool link(ProtobufTypes& types) {
  for (auto& [name, type] : types.messages) {
    for (auto& [number, field] : type->fields) {
      if (!link(types, field)) return false;
      if (field.is_required) type->required.push_back(&field);
    }
    if (type->is_map_entry && !is_map_entry_sound(*type)) return false;
  }
  return true;
}

// Whether the file of this name is meant by what a statement says.
bool is_file(const std::string& name, std::string_view wanted) {
  std::string_view own = name;
  if (!wanted.ends_with(".proto") && own.ends_with(".proto")) own.remove_suffix(6);
  if (own == wanted) return true;
  const std::size_t slash = own.rfind('/');
  return slash != std::string_view::npos && own.substr(slash + 1) == wanted;
}

const ProtobufMessage* find_type(const ProtobufTypes& types, std::string_view file, std::string_view type) {
  if (type.starts_with('.')) type.remove_prefix(1);
  for (std::size_t i = 0; i < types.files.size(); ++i) {
    if (!is_file(types.files[i].name, file)) continue;
    for (const std::string& name : {std::string(type), qualified(types.files[i].package, std::string(type))}) {
      const auto found = types.messages.find(name);
      if (found != types.messages.end() && found->second->file == i) return found->second.get();
    }
  }
  return nullptr;
}

}  // namespace

ProtobufSchema::ProtobufSchema(std::unique_ptr<ProtobufTypes> types) : types_(std::move(types)) {}
ProtobufSchema::~ProtobufSchema() = default;

Result<std::shared_ptr<const ProtobufSchema>> ProtobufSchema::read(std::string_view descriptor_set) {
  if (descriptor_set.size() > limits::protobuf_schema_bytes_max)
    return protobuf_failure("the descriptor set is larger than 32 KB");
  auto types = std::make_unique<ProtobufTypes>();
  const bool is_read = SetReader(*types).read(descriptor_set) && !types->files.empty() && link(*types);
  if (!is_read) return protobuf_failure("the object is not a whole FileDescriptorSet (protoc --include_imports)");
  return std::shared_ptr<const ProtobufSchema>(new ProtobufSchema(std::move(types)));
}

Result<Value> ProtobufSchema::decode(std::string_view file, std::string_view type, std::string_view message) const {
  const ProtobufMessage* found = find_type(*types_, file, type);
  if (!found) return protobuf_failure("the descriptor set has no message " + std::string(type) + " in " + std::string(file));
  if (message.size() > limits::protobuf_payload_bytes_max) return protobuf_failure("the payload is larger than 128 KB");
  ProtobufTree tree;
  if (auto read = read_protobuf(message, *found, tree); !read) return read.error();
  Result<Value> value = protobuf_json(tree, *found);
  if (value && !write_json(*value, SqlVersion::v2016_03_23, limits::protobuf_payload_bytes_max)) {
    return protobuf_failure("the result is larger than 128 KB");
  }
  return value;
}

}  // namespace croft::sql
