#include "cfn/template_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <vector>

#include "cfn/errors.h"
#include "cfn/json_reader.h"
#include "cfn/json_view.h"
#include "cfn/limits.h"
#include "text/encoding.h"

namespace croft::cfn {
namespace {

constexpr std::string_view standard_tag = "tag:yaml.org,2002:";

// Thrown through yaml-cpp, which only knows exceptions; never leaves this file.
struct Refusal {
  YAML::Mark mark;
  std::string reason;
};

Error located(const YAML::Mark& mark, const std::string& reason) {
  return validation_error("Template format error: " + reason + " (line " + std::to_string(mark.line + 1) +
                          ", column " + std::to_string(mark.column + 1) + ")");
}

bool is_one_of(std::string_view s, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), s) != words.end();
}

// An integer without a leading zero or plus, that fits 64 bits: so account ids and part numbers stay as written.
template <class Integer>
std::optional<Integer> integer(std::string_view s) {
  const std::string_view digits = s.starts_with('-') ? s.substr(1) : s;
  if (digits.empty() || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  Integer n = 0;
  auto [end, failure] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (failure != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return n;
}

// YAML 1.1 wants the dot: 12e5 is a string there.
std::optional<double> fraction(std::string_view s) {
  if (s.find('.') == std::string_view::npos) return std::nullopt;
  if (s.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  if (s.starts_with('+')) s.remove_prefix(1);
  const std::string_view digits = s.starts_with('-') ? s.substr(1) : s;
  if (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') return std::nullopt;
  double n = 0;
  auto [end, failure] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (failure != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return n;
}

json::value plain_scalar(const std::string& s) {
  if (is_one_of(s, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (is_one_of(s, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) return true;
  if (is_one_of(s, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) return false;
  if (auto n = integer<std::int64_t>(s)) return *n;
  if (auto n = integer<std::uint64_t>(s)) return *n;
  if (auto n = fraction(s)) return *n;
  return json::string(s);
}

// The long form's name for a tag such as "!GetAtt"; nothing for one that CloudFormation does not have.
std::optional<std::string> function_name(std::string_view tag) {
  static constexpr std::array<std::string_view, 16> prefixed = {
      "And",  "Base64",      "Cidr", "Equals", "FindInMap", "GetAZs", "GetAtt", "If",
      "Join", "ImportValue", "Not",  "Or",     "Select",    "Split",  "Sub",    "Transform"};
  const std::string_view name = tag.substr(1);
  if (name == "Ref" || name == "Condition") return std::string(name);
  if (std::find(prefixed.begin(), prefixed.end(), name) == prefixed.end()) return std::nullopt;
  return "Fn::" + std::string(name);
}

// What a value costs once it is copied.
struct Weight {
  std::size_t nodes = 0;
  std::size_t bytes = 0;
  std::size_t height = 0;  // levels of maps and lists below and including it

  void add(const Weight& child) {
    nodes += child.nodes;
    bytes += child.bytes;
    height = std::max(height, child.height + 1);
  }
};

struct Node {
  json::value value;
  Weight weight;
};

// A map or list that is still open.
struct Frame {
  json::value value;
  Weight weight;
  YAML::Mark mark;
  std::string tag;
  YAML::anchor_t anchor;
  std::optional<std::string> key;
  bool merging = false;              // the key was `<<`
  std::vector<json::object> merged;  // earlier ones win
};

class Builder : public YAML::EventHandler {
 public:
  // Absent when the text holds no node.
  std::optional<json::value> root;
  // Of the last scalar, where its tag or itself starts: the place in the text, 0 for a plain one.
  std::size_t last_marked_at = 0;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish({nullptr, {.nodes = 1}}, mark, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw Refusal{mark, "YAML not well-formed."};
    const Weight& weight = known->second.weight;
    charge(weight, mark);
    if (open_.size() + weight.height > template_depth_max) throw_too_deep(mark);
    finish(Node(known->second), mark, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    if (text.size() > expanded_bytes_max) throw_too_large(mark);
    // The text came in as UTF-8; yaml-cpp 0.7 makes single bytes of these two.
    if (!text::is_utf8(text)) throw Refusal{mark, "The escapes \\N and \\_ are not supported."};
    const bool plain = tag == "?";
    last_marked_at = plain ? 0 : static_cast<std::size_t>(mark.pos);
    if (wants_key()) {
      if (!plain && tag != "!" && tag != std::string(standard_tag) + "str")
        throw Refusal{mark, "YAML not well-formed."};
      if (anchor) throw Refusal{mark, "A key must not have an anchor."};
      set_key(text, plain, mark);
      return;
    }
    Node node{scalar(tag, text, mark), {.nodes = 1, .bytes = text.size()}};
    charge(node.weight, mark);
    if (node.value.is_object()) node.weight.height = 1;
    finish(std::move(node), mark, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(json::array(), mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(json::object(), mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  [[noreturn]] static void throw_too_deep(const YAML::Mark& mark) {
    throw Refusal{mark, "The template is nested deeper than " + std::to_string(template_depth_max) + " levels."};
  }
  [[noreturn]] static void throw_too_large(const YAML::Mark& mark) {
    throw Refusal{mark, "The template, with its aliases expanded, holds too much."};
  }

  void charge(const Weight& weight, const YAML::Mark& mark) {
    total_.nodes += weight.nodes;
    total_.bytes += weight.bytes;
    if (total_.nodes > template_nodes_max || total_.bytes > expanded_bytes_max) throw_too_large(mark);
  }

  bool wants_key() const { return !open_.empty() && open_.back().value.is_object() && !open_.back().key; }

  void set_key(const std::string& key, bool plain, const YAML::Mark& mark) {
    Frame& frame = open_.back();
    charge({.nodes = 1, .bytes = key.size()}, mark);
    frame.weight.bytes += key.size();
    frame.merging = plain && key == "<<";
    if (!frame.merging && frame.value.get_object().contains(key)) throw Refusal{mark, "Duplicate key " + key + "."};
    frame.key = key;
  }

  static json::value scalar(const std::string& tag, const std::string& text, const YAML::Mark& mark) {
    if (tag == "?") return plain_scalar(text);
    if (tag == "!") return json::string(text);
    if (tag.starts_with(standard_tag)) {
      const std::string_view kind = std::string_view(tag).substr(standard_tag.size());
      if (kind == "str") return json::string(text);
      if (is_one_of(kind, {"int", "float", "bool", "null"})) return plain_scalar(text);
      throw Refusal{mark, "Unsupported YAML tag " + tag + "."};
    }
    return in_long_form(tag, json::string(text), mark);
  }

  static json::value in_long_form(const std::string& tag, json::value argument, const YAML::Mark& mark) {
    auto name = function_name(tag);
    if (!name) throw Refusal{mark, "Unsupported YAML tag " + tag + "."};
    if (*name == "Fn::GetAtt" && argument.is_string()) {
      const std::string target = str(argument.get_string());
      const std::size_t dot = target.find('.');
      if (dot != std::string::npos) argument = json::array{target.substr(0, dot), target.substr(dot + 1)};
    }
    return single(*name, std::move(argument));
  }

  static bool is_plain_collection(const std::string& tag) {
    return tag == "?" || tag == "!" || tag == std::string(standard_tag) + "map" ||
           tag == std::string(standard_tag) + "seq";
  }

  void open(json::value empty, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (wants_key()) throw Refusal{mark, "A key must be a string."};
    charge({.nodes = 1}, mark);
    if (open_.size() >= template_depth_max) throw_too_deep(mark);
    open_.push_back({std::move(empty), {.nodes = 1, .height = 1}, mark, tag, anchor});
  }

  void close() {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    for (json::object& merged : frame.merged) {
      for (auto& [name, member] : merged) frame.value.get_object().emplace(name, std::move(member));
    }
    Node node{std::move(frame.value), frame.weight};
    if (!is_plain_collection(frame.tag)) {
      node.value = in_long_form(frame.tag, std::move(node.value), frame.mark);
      ++node.weight.height;
    }
    if (open_.size() + node.weight.height > template_depth_max) throw_too_deep(frame.mark);
    finish(std::move(node), frame.mark, frame.anchor);
  }

  // Hands a complete node to the map or list around it.
  void finish(Node node, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor) {
      charge(node.weight, mark);  // the copy that is kept
      anchors_.insert_or_assign(anchor, node);
    }
    if (open_.empty()) {
      if (!root) root = std::move(node.value);
      return;
    }
    Frame& frame = open_.back();
    frame.weight.add(node.weight);
    if (frame.value.is_array()) {
      frame.value.get_array().push_back(std::move(node.value));
    } else if (!frame.key) {
      throw Refusal{mark, "A key must be a string."};
    } else if (frame.merging) {
      merge(frame, std::move(node.value), mark);
      frame.key.reset();
    } else {
      frame.value.get_object().emplace(*frame.key, std::move(node.value));
      frame.key.reset();
    }
  }

  static void merge(Frame& frame, json::value from, const YAML::Mark& mark) {
    if (from.is_object()) {
      frame.merged.push_back(std::move(from.get_object()));
      return;
    }
    if (!from.is_array()) throw Refusal{mark, "Only maps can be merged."};
    for (json::value& item : from.get_array()) {
      if (!item.is_object()) throw Refusal{mark, "Only maps can be merged."};
      frame.merged.push_back(std::move(item.get_object()));
    }
  }

  std::vector<Frame> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  Weight total_;
};

// Where the text ends, as YAML counts.
YAML::Mark end_of(std::string_view text) {
  YAML::Mark mark;
  mark.line = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  mark.column = static_cast<int>(text.size() - (text.rfind('\n') + 1));
  return mark;
}

// yaml-cpp 0.7 takes a quoted scalar that nothing ends for whole when blank lines follow its last word. Without them it
// tells, so the text is read once more, but only when its last scalar has a quote in it.
bool ends_within_quotes(std::string_view text, std::size_t last_marked_at) {
  const std::size_t used = text.find_last_not_of(" \t\r\n") + 1;
  if (last_marked_at == 0 || text.find('\n', used) == std::string_view::npos) return false;
  if (text.substr(0, used).find_first_of("\"'", last_marked_at) == std::string_view::npos) return false;
  std::istringstream stream{std::string(text.substr(0, used))};
  Builder probe;
  try {
    YAML::Parser(stream).HandleNextDocument(probe);
  } catch (const YAML::Exception& exception) {
    return exception.msg == YAML::ErrorMsg::EOF_IN_SCALAR;
  } catch (const Refusal&) {
    return false;
  }
  return false;
}

Result<json::value> read_yaml(std::string_view text) {
  std::istringstream stream{std::string(text)};
  Builder builder;
  try {
    YAML::Parser parser(stream);
    Builder second;
    if (parser.HandleNextDocument(builder) && parser.HandleNextDocument(second)) {
      return validation_error("Template format error: more than one document.");
    }
  } catch (const Refusal& refusal) {
    return located(refusal.mark, refusal.reason);
  } catch (const YAML::Exception& exception) {
    return located(exception.mark, "YAML not well-formed.");
  }
  if (ends_within_quotes(text, builder.last_marked_at)) return located(end_of(text), "YAML not well-formed.");
  if (!builder.root) return json::value(nullptr);
  return std::move(*builder.root);
}

}  // namespace

Result<json::object> read_template(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!text::is_utf8(text) || text.find('\0') != std::string_view::npos) {
    return validation_error("Template format error: the template is not UTF-8 text.");
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string_view::npos && text[first] == '{';
  auto document = is_json ? read_json(text) : read_yaml(text);
  if (!document) return document.error();
  if (!document->is_object()) return validation_error("Template format error: unsupported structure.");
  return std::move(document->get_object());
}

}  // namespace croft::cfn
