#pragma once

#include <string_view>

#include "text/json.h"
#include "text/xml.h"

namespace croft::gateway {

// <name>…</name> for each member: scalars as text, objects nested, arrays as <member> elements, null left out.
void write_xml_members(text::XmlWriter& xml, const json::object& members);

}  // namespace croft::gateway
