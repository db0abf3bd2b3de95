// A message's bytes as a tree.
#include <bit>
#include <charconv>

#include "sql/limits.h"
#include "sql/protobuf_types.h"
#include "sql/protobuf_wire.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

using Kind = ProtobufKind;
using Wire = WireReader;

Wire::Type wire_type(Kind kind) {
  switch (kind) {
    case Kind::double_:
    case Kind::fixed64:
    case Kind::sfixed64: return Wire::fixed64;
    case Kind::float_:
    case Kind::fixed32:
    case Kind::sfixed32: return Wire::fixed32;
    case Kind::string:
    case Kind::bytes:
    case Kind::message: return Wire::bytes;
    case Kind::group: return Wire::group;
    default: return Wire::varint;
  }
}

std::int64_t zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

Value from_floating(double value) {
  if (value != value) return Value::string("NaN");
  if (value - value != 0) return Value::string(value > 0 ? "Infinity" : "-Infinity");
  return Value::number(Number::from_double(value));
}

// The shortest text that reads back as this float, not the double that it is exactly.
Value from_float(float value) {
  if (value - value != 0) return from_floating(value);
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  double number = 0;
  std::from_chars(text, end, number);
  return from_floating(number);
}

Value from_bits(std::uint64_t bits, Kind kind) {
  switch (kind) {
    case Kind::double_: return from_floating(std::bit_cast<double>(bits));
    case Kind::float_: return from_float(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    case Kind::bool_: return Value::boolean(bits != 0);
    case Kind::int32:
    case Kind::sfixed32:
    case Kind::enum_: return Value::integer(static_cast<std::int32_t>(bits));
    case Kind::uint32:
    case Kind::fixed32: return Value::integer(static_cast<std::uint32_t>(bits));
    case Kind::sint32: return Value::integer(static_cast<std::int32_t>(zigzag(static_cast<std::uint32_t>(bits))));
    case Kind::sint64: return Value::string(std::to_string(zigzag(bits)));
    case Kind::int64:
    case Kind::sfixed64: return Value::string(std::to_string(static_cast<std::int64_t>(bits)));
    default: return Value::string(std::to_string(bits));  // uint64, fixed64
  }
}

bool is_default(std::uint64_t bits, Kind kind) {
  if (kind == Kind::int32 || kind == Kind::uint32 || kind == Kind::sint32 || kind == Kind::enum_)
    return static_cast<std::uint32_t>(bits) == 0;
  return bits == 0;
}

// Every function returns false when the bytes are not a message of that type.
class Reader {
 public:
  bool message(Wire& wire, const ProtobufMessage& type, ProtobufTree& out, std::optional<std::uint32_t> group, int depth);

 private:
  bool field(Wire& wire, const ProtobufField& field, Wire::Tag tag, ProtobufTree& out, int depth);
  bool nested(Wire& wire, const ProtobufField& field, ProtobufTree::Entry& entry, int depth);
  bool scalar(Wire& wire, const ProtobufField& field, ProtobufTree& out);
  bool packed(Wire& wire, const ProtobufField& field, ProtobufTree& out);
  static ProtobufTree::Entry& entry_of(const ProtobufField& field, ProtobufTree& out) {
    return out.entries.try_emplace(field.number, ProtobufTree::Entry{&field, {}}).first->second;
  }
  static void put(const ProtobufField& field, Value value, ProtobufTree& out);
};

// Of the fields of a oneof only the last one stays.
void leave_oneof(const ProtobufField& field, ProtobufTree& out) {
  if (!field.oneof) return;
  std::uint32_t& chosen = out.chosen[*field.oneof];
  if (chosen != field.number) out.entries.erase(chosen);
  chosen = field.number;
}

void Reader::put(const ProtobufField& field, Value value, ProtobufTree& out) {
  ProtobufTree::Entry& entry = entry_of(field, out);
  if (!field.is_repeated) entry.items.clear();
  entry.items.push_back({std::move(value), nullptr});
}

bool Reader::scalar(Wire& wire, const ProtobufField& field, ProtobufTree& out) {
  if (field.kind == Kind::string || field.kind == Kind::bytes) {
    std::string_view text;
    if (!wire.read_bytes(text)) return false;
    if (field.kind == Kind::string && !text::is_utf8(text)) return false;
    if (text.empty() && !field.is_repeated && !field.has_presence) return out.entries.erase(field.number), true;
    put(field, Value::string(field.kind == Kind::string ? std::string(text) : text::base64(text)), out);
    return true;
  }
  std::uint64_t bits = 0;
  const Wire::Type type = wire_type(field.kind);
  const bool read = type == Wire::varint ? wire.read_varint(bits) : wire.read_fixed(type == Wire::fixed64 ? 8 : 4, bits);
  if (!read) return false;
  if (is_default(bits, field.kind) && !field.is_repeated && !field.has_presence) return out.entries.erase(field.number), true;
  if (field.kind != Kind::enum_) return put(field, from_bits(bits, field.kind), out), true;
  const auto named = field.enumeration->names.find(static_cast<std::int32_t>(bits));
  if (named != field.enumeration->names.end())
    put(field, Value::string(named->second), out);
  else if (!field.enumeration->is_closed)
    put(field, from_bits(bits, field.kind), out);
  return true;
}

bool Reader::packed(Wire& wire, const ProtobufField& field, ProtobufTree& out) {
  std::string_view bytes;
  if (!wire.read_bytes(bytes)) return false;
  for (Wire elements(bytes); !elements.at_end();)
    if (!scalar(elements, field, out)) return false;
  return true;
}

// A second piece of a message that is not repeated is joined with the first.
bool Reader::nested(Wire& wire, const ProtobufField& field, ProtobufTree::Entry& entry, int depth) {
  if (entry.items.empty() || field.is_repeated) entry.items.push_back({Value(), std::make_unique<ProtobufTree>()});
  ProtobufTree& tree = *entry.items.back().message;
  if (field.kind == Kind::group) return message(wire, *field.message, tree, field.number, depth + 1);
  std::string_view bytes;
  if (!wire.read_bytes(bytes)) return false;
  Wire inner(bytes);
  return message(inner, *field.message, tree, std::nullopt, depth + 1);
}

bool Reader::field(Wire& wire, const ProtobufField& field, Wire::Tag tag, ProtobufTree& out, int depth) {
  const Wire::Type expected = wire_type(field.kind);
  if (tag.type == expected) {
    leave_oneof(field, out);
    return field.message ? nested(wire, field, entry_of(field, out), depth) : scalar(wire, field, out);
  }
  const bool may_be_packed = field.is_repeated && expected != Wire::bytes && expected != Wire::group;
  if (may_be_packed && tag.type == Wire::bytes) return packed(wire, field, out);
  return wire.skip(tag, limits::protobuf_depth_max - depth);  // of another type it counts as unknown
}

bool Reader::message(Wire& wire, const ProtobufMessage& type, ProtobufTree& out, std::optional<std::uint32_t> group,
                     int depth) {
  if (depth > limits::protobuf_depth_max) return false;
  while (!wire.at_end()) {
    Wire::Tag tag;
    if (!wire.read(tag)) return false;
    if (tag.type == Wire::end_group) return group == tag.number;
    const auto known = type.fields.find(tag.number);
    const bool read = known == type.fields.end() ? wire.skip(tag, limits::protobuf_depth_max - depth)
                                                 : field(wire, known->second, tag, out, depth);
    if (!read) return false;
  }
  return !group;
}

}  // namespace

Result<void> read_protobuf(std::string_view bytes, const ProtobufMessage& type, ProtobufTree& out) {
  Wire wire(bytes);
  if (!Reader().message(wire, type, out, std::nullopt, 0)) {
    return protobuf_failure("the payload is not a message " + type.full_name);
  }
  return {};
}

}  // namespace croft::sql
