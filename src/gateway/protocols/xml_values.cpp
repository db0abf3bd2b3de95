#include "gateway/protocols/xml_values.h"

namespace croft::gateway {

namespace {

void write_value(text::XmlWriter& xml, std::string_view name, const json::value& value) {
  if (value.is_null()) return;
  if (value.is_string()) {
    xml.element(name, std::string_view(value.get_string().data(), value.get_string().size()));
    return;
  }
  if (!value.is_array() && !value.is_object()) {
    xml.element(name, json::dump(value));
    return;
  }
  xml.open(name);
  if (value.is_object())
    write_xml_members(xml, value.get_object());
  else
    for (const json::value& member : value.get_array()) write_value(xml, "member", member);
  xml.close();
}

}  // namespace

void write_xml_members(text::XmlWriter& xml, const json::object& members) {
  for (const auto& [name, value] : members) write_value(xml, {name.data(), name.size()}, value);
}

}  // namespace croft::gateway
