#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/result.h"

namespace croft::services::s3 {

// An element of a request document; names are without namespace prefixes, attributes are skipped.
struct XmlElement {
  std::string name;
  std::string text;
  std::vector<XmlElement> children;

  const XmlElement* child(std::string_view child_name) const;
  // The text of a child, "" when there is none.
  std::string text_of(std::string_view child_name) const;
};

// The root element, or MalformedXML. DOCTYPE and entities other than XML's own five are refused, and depth and count
// of elements are limited.
Result<XmlElement> read_xml(std::string_view text);

}  // namespace croft::services::s3
