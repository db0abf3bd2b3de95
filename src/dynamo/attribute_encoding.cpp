#include "dynamo/attribute_encoding.h"

#include "types/assert.h"

namespace croft::dynamo {

namespace {

// Seven bits a byte, low ones first; the high bit says that more follow.
void put_length(std::string& out, std::size_t n) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
  out += static_cast<char>(n);
}

void put_text(std::string& out, std::string_view text) {
  put_length(out, text.size());
  out += text;
}

void put_map(std::string& out, const Map& map);

void put_value(std::string& out, const AttributeValue& value) {
  out += static_cast<char>(value.type());
  switch (value.type()) {
    case Type::string: return put_text(out, *value.get<std::string>());
    case Type::number: return value.get<Number>()->append_ordered(out);
    case Type::binary: return put_text(out, value.get<Binary>()->bytes);
    case Type::boolean: out += *value.get<bool>() ? '\1' : '\0'; return;
    case Type::null: return;
    case Type::map: return put_map(out, *value.get<Map>());
    case Type::list:
      put_length(out, value.get<List>()->elements.size());
      for (const AttributeValue& element : value.get<List>()->elements) put_value(out, element);
      return;
    case Type::string_set:
      put_length(out, value.get<StringSet>()->members.size());
      for (const std::string& member : value.get<StringSet>()->members) put_text(out, member);
      return;
    case Type::number_set:
      put_length(out, value.get<NumberSet>()->members.size());
      for (const Number& member : value.get<NumberSet>()->members) member.append_ordered(out);
      return;
    case Type::binary_set:
      put_length(out, value.get<BinarySet>()->members.size());
      for (const std::string& member : value.get<BinarySet>()->members) put_text(out, member);
      return;
  }
}

void put_map(std::string& out, const Map& map) {
  put_length(out, map.size());
  for (const Attribute& attribute : map) {
    put_text(out, attribute.name);
    put_value(out, attribute.value);
  }
}

class RowReader {
 public:
  explicit RowReader(std::string_view bytes) : rest_(bytes) {}

  std::size_t length() {
    std::size_t n = 0;
    for (int shift = 0;; shift += 7) {
      CROFT_ASSERT(!rest_.empty() && shift < 63);
      const unsigned char byte = static_cast<unsigned char>(take(1)[0]);
      n |= static_cast<std::size_t>(byte & 0x7f) << shift;
      if (!(byte & 0x80)) return n;
    }
  }

  Map map() {
    Map map;
    const std::size_t count = things();
    map.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view name = text();
      value(map.append(name));
    }
    return map;
  }

  bool done() const { return rest_.empty(); }

 private:
  std::string_view take(std::size_t count) {
    CROFT_ASSERT(count <= rest_.size());
    const std::string_view front = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return front;
  }
  std::string_view text() { return take(length()); }
  // A count of things of at least one byte each.
  std::size_t things() {
    const std::size_t count = length();
    CROFT_ASSERT(count <= rest_.size());
    return count;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> members(things());
    for (std::string& member : members) member = text();
    return members;
  }
  std::vector<Number> numbers() {
    std::vector<Number> members(things());
    for (Number& member : members) member = Number::take_ordered(rest_);
    return members;
  }
  List list() {
    List list;
    list.elements.resize(things());
    for (AttributeValue& element : list.elements) value(element);
    return list;
  }
  void value(AttributeValue& out) {
    switch (static_cast<Type>(take(1)[0])) {
      case Type::string: out.data = std::string(text()); return;
      case Type::number: out.data = Number::take_ordered(rest_); return;
      case Type::binary: out.data = Binary{std::string(text())}; return;
      case Type::boolean: out.data = take(1)[0] != 0; return;
      case Type::null: out.data = Null{}; return;
      case Type::map: out.data = map(); return;
      case Type::list: out.data = list(); return;
      case Type::string_set: out.data = StringSet{texts()}; return;
      case Type::number_set: out.data = NumberSet{numbers()}; return;
      case Type::binary_set: out.data = BinarySet{texts()}; return;
    }
    CROFT_ASSERT(!"a known attribute type");
  }

  std::string_view rest_;
};

}  // namespace

std::string encode_item(const Item& item, std::size_t counted) {
  std::string row;
  row.reserve(counted + 8 + item.size() * 4);
  put_length(row, counted);
  put_map(row, item);
  return row;
}

Item decode_item(std::string_view row) {
  RowReader reader(row);
  reader.length();
  Item item = reader.map();
  CROFT_ASSERT(reader.done());
  return item;
}

std::size_t counted_bytes_of_row(std::string_view row) { return RowReader(row).length(); }

}  // namespace croft::dynamo
