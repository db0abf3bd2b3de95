#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/result.h"

namespace croft::cli {

// One element of an XML answer; attributes and namespaces are not kept.
struct XmlElement {
  std::string name;
  std::string text;  // of this element, entities resolved; white space around children is kept
  std::vector<XmlElement> children;

  // The first child of that name; nullptr when there is none.
  const XmlElement* child(std::string_view name) const;
  // The text at "A/B/C" below this element; "" when it is not there.
  std::string at(std::string_view path) const;
  // The children named `member` of the child `name`: how AWS writes lists.
  std::vector<const XmlElement*> members(std::string_view name) const;
};

// The root element. Error: InvalidResponse for what is not well-formed or over limits.h; no DTDs.
Result<XmlElement> read_xml(std::string_view text);

}  // namespace croft::cli
