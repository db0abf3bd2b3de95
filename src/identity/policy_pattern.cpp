#include "identity/policy_pattern.h"

#include <array>

namespace croft::identity {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Bytes of the UTF-8 character at the front; 1 for a stray byte. `text` is not empty.
std::size_t character_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return bytes < text.size() ? bytes : text.size();
}

}  // namespace

PolicyPattern::PolicyPattern(std::string_view text, Syntax syntax, Case letters) : case_(letters) {
  const bool wildcards = syntax == Syntax::wildcards || syntax == Syntax::wildcards_variables;
  const bool variables = syntax == Syntax::variables || syntax == Syntax::wildcards_variables;
  while (!text.empty()) {
    const std::size_t end = variables && text.starts_with("${") ? text.find('}') : std::string_view::npos;
    if (end != std::string_view::npos) {
      const std::string_view name = text.substr(2, end - 2);
      if (name == "*" || name == "?" || name == "$") {
        add_literal(name);
      } else {
        pieces_.push_back({Kind::variable, PolicyVariables::normal(name)});
        has_variables_ = true;
      }
      text.remove_prefix(end + 1);
      continue;
    }
    if (wildcards && text[0] == '*') {
      if (pieces_.empty() || pieces_.back().kind != Kind::any_run) pieces_.push_back({Kind::any_run, {}});
    } else if (wildcards && text[0] == '?') {
      pieces_.push_back({Kind::any_character, {}});
    } else {
      add_literal(text.substr(0, 1));
    }
    text.remove_prefix(1);
  }
}

void PolicyPattern::add_literal(std::string_view text) {
  if (pieces_.empty() || pieces_.back().kind != Kind::literal) pieces_.push_back({Kind::literal, {}});
  pieces_.back().text += text;
}

PolicyPattern::Match PolicyPattern::match(std::string_view text, const PolicyVariables& variables,
                                          bool mqtt_safe) const {
  std::array<Step, 16> few;
  std::vector<Step> many;
  if (pieces_.size() > few.size()) many.resize(pieces_.size());
  Step* steps = many.empty() ? few.data() : many.data();

  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (piece.kind != Kind::variable) {
      steps[i] = {piece.kind, piece.text};
      continue;
    }
    const std::optional<PolicyVariables::Values> values = variables.find(piece.text);
    if (!values) return Match::unresolved;
    if (mqtt_safe && values->front().find_first_of("+#") != std::string::npos) return Match::unresolved;
    steps[i] = {Kind::literal, values->front()};
  }
  return run(steps, pieces_.size(), text) ? Match::yes : Match::no;
}

// The usual two-cursor walk: on a mismatch only the last `*` takes one character more, which is enough because an
// earlier one could only hand the same text to the same later pieces.
bool PolicyPattern::run(const Step* steps, std::size_t count, std::string_view text) const {
  std::size_t step = 0;
  bool has_run = false;
  std::size_t run_step = 0;
  std::string_view run_text;
  for (;;) {
    bool matched = false;
    if (step < count) {
      const Step& current = steps[step];
      if (current.kind == Kind::any_run) {
        has_run = true;
        run_step = ++step;
        if (run_step == count) return true;
        run_text = text;
        continue;
      }
      if (current.kind == Kind::any_character) {
        matched = !text.empty();
        if (matched) text.remove_prefix(character_bytes(text));
      } else {
        matched = starts(text, current.literal);
        if (matched) text.remove_prefix(current.literal.size());
      }
      if (matched) ++step;
    } else if (text.empty()) {
      return true;
    }
    if (matched) continue;
    if (!has_run || run_text.empty()) return false;
    run_text.remove_prefix(character_bytes(run_text));
    text = run_text;
    step = run_step;
  }
}

bool PolicyPattern::starts(std::string_view text, std::string_view literal) const {
  if (case_ == Case::sensitive) return text.starts_with(literal);
  if (text.size() < literal.size()) return false;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    if (lower(text[i]) != lower(literal[i])) return false;
  }
  return true;
}

}  // namespace croft::identity
