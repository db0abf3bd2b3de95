#include "sql/functions/function.h"
#include "sql/regex.h"

namespace croft::sql {
namespace {

// A bad literal pattern stays uncompiled and gives Undefined at run time, as AWS documents.
std::string compile_literal(Call& call) {
  if (const std::string* pattern = string_literal(call, 1)) call.regex = Regex::compile(*pattern);
  return "";
}

std::shared_ptr<const Regex> pattern_of(const Invocation& in) {
  if (string_literal(in.call, 1)) return in.call.regex;
  const std::optional<std::string> pattern = in.text(1);
  if (!pattern || !in.evaluator.charge(pattern->size() * 100)) return nullptr;
  return Regex::compile(*pattern);
}

Value matches(const Invocation& in) {
  const std::optional<std::string> text = in.text(0);
  const std::shared_ptr<const Regex> regex = pattern_of(in);
  return text && regex ? Value::boolean(regex->matches_part_of(*text)) : Value();
}

Value first_match(const Invocation& in) {
  const std::optional<std::string> text = in.text(0);
  const std::shared_ptr<const Regex> regex = pattern_of(in);
  if (!text || !regex) return Value();
  std::optional<std::string> match = regex->first_match(*text);
  return match ? Value::string(std::move(*match)) : Value();
}

Value replace(const Invocation& in) {
  const std::optional<std::string> text = in.text(0), replacement = in.text(2);
  const std::shared_ptr<const Regex> regex = pattern_of(in);
  if (!text || !replacement || !regex) return Value();
  std::optional<std::string> out = regex->replaced(*text, *replacement, limits::output_bytes_max);
  return out ? Value::string(std::move(*out)) : Value();
}

constexpr Function rows[] = {
    {"regexp_matches", 2, 2, SqlVersion::v2015_10_08, matches, compile_literal},
    {"regexp_substr", 2, 2, SqlVersion::v2015_10_08, first_match, compile_literal},
    {"regexp_replace", 3, 3, SqlVersion::v2015_10_08, replace, compile_literal},
};

}  // namespace

std::span<const Function> regexp_functions() { return rows; }

}  // namespace croft::sql
