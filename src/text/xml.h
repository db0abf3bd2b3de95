#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace croft::text {

// Builds one XML document, escaping text and attribute values; characters XML 1.0 cannot hold are dropped.
class XmlWriter {
 public:
  // The declaration <?xml version="1.0" encoding="UTF-8"?>.
  XmlWriter& declaration();
  XmlWriter& open(std::string_view name, std::string_view xmlns = {});
  XmlWriter& close();
  // <name>text</name>
  XmlWriter& element(std::string_view name, std::string_view text);

  // All elements must be closed.
  std::string take();

 private:
  std::string out_;
  std::vector<std::string> open_;
};

std::string xml_escape(std::string_view text);

}  // namespace croft::text
