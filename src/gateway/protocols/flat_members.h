#pragma once

#include "gateway/service.h"
#include "text/xml.h"

namespace croft::gateway {

// A form's members under the names of the JSON protocol, with flat lists as arrays and flat maps as objects.
json::object read_flat_members(const json::object& form, const Service& service, const std::string& operation);
// The other way: members of an output as elements, lists and maps without wrappers.
void write_flat_members(text::XmlWriter& xml, const json::object& members, const Service& service,
                        const std::string& operation);

}  // namespace croft::gateway
