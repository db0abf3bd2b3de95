#include "cli/xml_reader.h"

#include <charconv>

#include "cli/limits.h"

namespace croft::cli {

const XmlElement* XmlElement::child(std::string_view wanted) const {
  for (const XmlElement& element : children)
    if (element.name == wanted) return &element;
  return nullptr;
}

std::string XmlElement::at(std::string_view path) const {
  const XmlElement* element = this;
  while (element && !path.empty()) {
    const std::size_t slash = path.find('/');
    element = element->child(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return element ? element->text : std::string();
}

std::vector<const XmlElement*> XmlElement::members(std::string_view list) const {
  std::vector<const XmlElement*> found;
  if (const XmlElement* parent = child(list)) {
    for (const XmlElement& element : parent->children)
      if (element.name == "member") found.push_back(&element);
  }
  return found;
}

namespace {

void append_utf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

bool append_entity(std::string_view name, std::string& out) {
  constexpr std::pair<std::string_view, char> named[] = {
      {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [entity, character] : named) {
    if (name == entity) return out += character, true;
  }
  if (!name.starts_with('#')) return false;
  name.remove_prefix(1);
  const bool is_hex = name.starts_with('x');
  if (is_hex) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), code, is_hex ? 16 : 10);
  if (failure != std::errc() || end != name.data() + name.size() || code > 0x10FFFF) return false;
  append_utf8(code, out);
  return true;
}

// Keeps the open elements on a stack of its own, so that depth costs no call stack.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Result<XmlElement> read() {
    while (!rest_.empty() && !root_closed_) {
      const bool ok = rest_[0] == '<' ? take_markup() : take_text();
      if (!ok) return Error{"InvalidResponse", "the answer is not XML that can be read"};
    }
    if (!root_closed_) return Error{"InvalidResponse", "the XML answer is cut off"};
    return std::move(root_);
  }

 private:
  bool skip_past(std::string_view end) {
    const std::size_t at = rest_.find(end);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + end.size());
    return true;
  }

  bool take_text() {
    const std::size_t end = std::min(rest_.find('<'), rest_.size());
    std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (open_.empty()) return true;
    std::string& out = open_.back().text;
    while (!text.empty()) {
      const std::size_t mark = std::min(text.find('&'), text.size());
      out += text.substr(0, mark);
      text.remove_prefix(mark);
      if (text.empty()) break;
      const std::size_t semicolon = text.find(';');
      if (semicolon == std::string_view::npos || !append_entity(text.substr(1, semicolon - 1), out)) return false;
      text.remove_prefix(semicolon + 1);
    }
    return true;
  }

  bool take_markup() {
    if (rest_.starts_with("<?")) return skip_past("?>");
    if (rest_.starts_with("<!--")) return skip_past("-->");
    if (rest_.starts_with("<!")) return false;
    const std::size_t end = rest_.find('>');
    if (end == std::string_view::npos) return false;
    std::string_view tag = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (tag.starts_with('/')) return close(tag.substr(1));
    const bool is_empty = tag.ends_with('/');
    if (is_empty) tag.remove_suffix(1);
    const std::string name(tag.substr(0, tag.find_first_of(" \t\r\n")));
    if (name.empty() || open_.size() >= limits::xml_depth_max || ++elements_ > limits::xml_elements_max) return false;
    open_.push_back({.name = name});
    return !is_empty || close(name);
  }

  bool close(std::string_view name) {
    name = name.substr(0, name.find_first_of(" \t\r\n"));
    if (open_.empty() || open_.back().name != name) return false;
    XmlElement element = std::move(open_.back());
    open_.pop_back();
    if (open_.empty()) {
      root_ = std::move(element);
      root_closed_ = true;
    } else {
      open_.back().children.push_back(std::move(element));
    }
    return true;
  }

  std::string_view rest_;
  std::vector<XmlElement> open_;
  XmlElement root_;
  std::size_t elements_ = 0;
  bool root_closed_ = false;
};

}  // namespace

Result<XmlElement> read_xml(std::string_view text) {
  return Reader(text).read();
}

}  // namespace croft::cli
