#include "cfn/dynamic_references.h"

#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "text/encoding.h"

namespace croft::cfn {
namespace {

Result<void> refuse_in_text(std::string_view text) {
  const std::size_t start = text.find("{{resolve:");
  if (start == std::string_view::npos) return {};
  std::size_t end = text.find("}}", start);
  while (end != std::string_view::npos && text.substr(end + 1).starts_with("}}")) ++end;  // "${X}}}" of Fn::Sub
  const std::string_view found = text.substr(start, end == std::string_view::npos ? end : end + 2 - start);
  return validation_error("Template error: Encountered unsupported dynamic reference: " + text::printable(found));
}

}  // namespace

Result<void> refuse_dynamic_references(const json::value& v) {
  if (const json::string* text = v.if_string()) return refuse_in_text(view(*text));
  if (const json::array* items = v.if_array()) {
    for (const json::value& item : *items) {
      auto done = refuse_dynamic_references(item);
      if (!done) return done;
    }
  }
  if (const json::object* members = v.if_object()) {
    for (const auto& [name, member] : *members) {
      auto done = refuse_dynamic_references(member);
      if (!done) return done;
    }
  }
  return {};
}

}  // namespace croft::cfn
