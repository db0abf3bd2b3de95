#include "gateway/protocols/flat_members.h"

namespace croft::gateway {

namespace {

// "*ResultEntry" of SendMessageBatch is SendMessageBatchResultEntry.
std::string wire_name(const FlatMember& row, const std::string& operation) {
  return row.wire.starts_with('*') ? operation + row.wire.substr(1) : row.wire;
}

const FlatMember* by_wire(const Service& service, std::string_view wire, const std::string& operation) {
  for (const FlatMember& row : service.flat_inputs)
    if (wire_name(row, operation) == wire) return &row;
  return nullptr;
}

const FlatMember* by_member(const Service& service, std::string_view member) {
  for (const FlatMember& row : service.flat_outputs)
    if (row.member == member) return &row;
  return nullptr;
}

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

// The elements of a flat list; a lone value is a list of one, an empty one no list.
json::array elements_of(const json::value& value) {
  if (value.is_array()) return value.get_array();
  if (value.is_string() && value.get_string().empty()) return {};
  return {value};
}

struct Reader {
  const Service& service;
  const std::string& operation;

  json::value read(const json::value& value) const {
    if (value.is_object()) return read_members(value.get_object());
    if (!value.is_array()) return value;
    json::array out;
    for (const json::value& element : value.get_array()) out.push_back(read(element));
    return out;
  }

  json::object read_members(const json::object& form) const {
    json::object out;
    for (const auto& [wire, value] : form) {
      const FlatMember* row = by_wire(service, {wire.data(), wire.size()}, operation);
      if (!row)
        out[wire] = read(value);
      else if (row->key.empty())
        out[row->member] = read(elements_of(value));
      else
        out[row->member] = read_map(*row, elements_of(value));
    }
    return out;
  }

  json::object read_map(const FlatMember& row, const json::array& entries) const {
    json::object out;
    for (const json::value& entry : entries) {
      if (!entry.is_object()) continue;
      const json::value* value = json::find(entry.get_object(), row.value);
      out[json::string_or(entry.get_object(), row.key, "")] = value ? read(*value) : json::value("");
    }
    return out;
  }
};

struct Writer {
  text::XmlWriter& xml;
  const Service& service;
  const std::string& operation;

  void write(std::string_view name, const json::value& value) {
    if (value.is_null()) return;
    if (value.is_object()) {
      xml.open(name);
      write_members(value.get_object());
      xml.close();
      return;
    }
    xml.element(name, value.is_string() ? std::string(view(value.get_string())) : json::dump(value));
  }

  void write_members(const json::object& members) {
    for (const auto& [name, value] : members) {
      const FlatMember* row = by_member(service, {name.data(), name.size()});
      if (row && value.is_array())
        write_list(*row, value.get_array());
      else if (row && value.is_object())
        write_map(*row, value.get_object());
      else
        write({name.data(), name.size()}, value);
    }
  }

  void write_list(const FlatMember& row, const json::array& elements) {
    const std::string wire = wire_name(row, operation);
    for (const json::value& element : elements) write(wire, element);
  }

  void write_map(const FlatMember& row, const json::object& entries) {
    const std::string wire = wire_name(row, operation);
    for (const auto& [key, value] : entries) {
      xml.open(wire).element(row.key, {key.data(), key.size()});
      write(row.value, value);
      xml.close();
    }
  }
};

}  // namespace

json::object read_flat_members(const json::object& form, const Service& service, const std::string& operation) {
  return Reader{service, operation}.read_members(form);
}

void write_flat_members(text::XmlWriter& xml, const json::object& members, const Service& service,
                        const std::string& operation) {
  Writer{xml, service, operation}.write_members(members);
}

}  // namespace croft::gateway
