#include "services/s3/xml_reader.h"

#include <charconv>
#include <optional>

#include "services/s3/errors.h"
#include "services/s3/limits.h"
#include "text/encoding.h"

namespace croft::services::s3 {

namespace {

constexpr std::string_view blanks = " \t\r\n";

bool append_utf8(std::string& out, std::uint32_t code) {
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
  return true;
}

// What stands between & and ;
bool append_entity(std::string& out, std::string_view name) {
  if (name == "amp")
    out += '&';
  else if (name == "lt")
    out += '<';
  else if (name == "gt")
    out += '>';
  else if (name == "quot")
    out += '"';
  else if (name == "apos")
    out += '\'';
  else if (name.starts_with('#')) {
    const bool is_hex = name.starts_with("#x");
    const std::string_view digits = name.substr(is_hex ? 2 : 1);
    std::uint32_t code = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), code, is_hex ? 16 : 10);
    return failure == std::errc() && end == digits.data() + digits.size() && append_utf8(out, code);
  } else {
    return false;
  }
  return true;
}

// One pass, a stack of open elements instead of recursion. false = malformed.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool read(XmlElement& root) {
    skip_blanks();
    if (rest_.starts_with("<?xml") && !skip_behind("?>")) return false;
    for (bool started = false; !started || !open_.empty();) {
      if (rest_.empty()) return false;
      if (rest_.front() != '<') {
        if (!read_text(started)) return false;
      } else if (rest_.starts_with("<!--")) {
        if (!skip_behind("-->")) return false;
      } else if (rest_.starts_with("<![CDATA[")) {
        if (!started || !read_cdata()) return false;
      } else if (rest_.starts_with("</")) {
        if (!close()) return false;
      } else if (!open(root, started)) {
        return false;
      } else {
        started = true;
      }
    }
    skip_blanks();
    return rest_.empty();
  }

 private:
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size())); }

  bool skip_behind(std::string_view mark) {
    const std::size_t at = rest_.find(mark);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + mark.size());
    return true;
  }

  bool read_text(bool started) {
    const std::string_view text = rest_.substr(0, std::min(rest_.find('<'), rest_.size()));
    rest_.remove_prefix(text.size());
    if (!started) return text.find_first_not_of(blanks) == std::string_view::npos;
    std::string& out = open_.back()->text;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t amp = std::min(text.find('&', at), text.size());
      out += text.substr(at, amp - at);
      if (amp == text.size()) return true;
      const std::size_t end = text.find(';', amp);
      if (end == std::string_view::npos || !append_entity(out, text.substr(amp + 1, end - amp - 1))) return false;
      at = end + 1;
    }
    return true;
  }

  bool read_cdata() {
    rest_.remove_prefix(9);
    const std::size_t end = rest_.find("]]>");
    if (end == std::string_view::npos) return false;
    open_.back()->text += rest_.substr(0, end);
    rest_.remove_prefix(end + 3);
    return true;
  }

  // <name attributes…> or <name/>; the first one fills the root.
  bool open(XmlElement& root, bool started) {
    const std::size_t end = rest_.find('>');
    if (end == std::string_view::npos || ++count_ > xml_elements_max) return false;
    std::string_view tag = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    const bool is_empty = tag.ends_with('/');
    if (is_empty) tag.remove_suffix(1);
    std::string_view name = tag.substr(0, std::min(tag.find_first_of(blanks), tag.size()));
    if (name.empty() || name.find_first_of("!?<&\"'=") != std::string_view::npos) return false;
    name = name.substr(name.find(':') + 1);

    XmlElement* element = &root;
    if (started) {
      if (open_.size() >= xml_depth_max) return false;
      open_.back()->children.emplace_back();
      element = &open_.back()->children.back();
    }
    element->name = name;
    if (!is_empty) open_.push_back(element);
    return true;
  }

  bool close() {
    const std::size_t end = rest_.find('>');
    if (end == std::string_view::npos || open_.empty()) return false;
    std::string_view name = rest_.substr(2, end - 2);
    name = name.substr(name.find(':') + 1);
    name = name.substr(0, std::min(name.find_first_of(blanks), name.size()));
    rest_.remove_prefix(end + 1);
    if (name != open_.back()->name) return false;
    open_.pop_back();
    return true;
  }

  std::string_view rest_;
  // Pointers stay good: only the innermost open element gets children, and none of its children is open then.
  std::vector<XmlElement*> open_;
  std::size_t count_ = 0;
};

}  // namespace

const XmlElement* XmlElement::child(std::string_view child_name) const {
  for (const XmlElement& element : children)
    if (element.name == child_name) return &element;
  return nullptr;
}

std::string XmlElement::text_of(std::string_view child_name) const {
  const XmlElement* element = child(child_name);
  return element ? element->text : "";
}

Result<XmlElement> read_xml(std::string_view text) {
  XmlElement root;
  if (!text::is_utf8(text) || !Reader(text).read(root)) return malformed_xml();
  return root;
}

}  // namespace croft::services::s3
