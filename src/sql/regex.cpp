#include "sql/regex.h"

#include <re2/re2.h>

#include <vector>

#include "sql/limits.h"

namespace croft::sql {
namespace {

// A replacement cut into text and group numbers.
struct Piece {
  std::string text;
  int group = -1;  // after the text; -1 for none
};

// As java.util.regex reads it: the longest group number that exists is taken.
std::optional<std::vector<Piece>> pieces_of(std::string_view replacement, int groups) {
  std::vector<Piece> pieces(1);
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    if (c == '\\') {
      if (++i == replacement.size()) return std::nullopt;
      pieces.back().text += replacement[i];
      continue;
    }
    if (c != '$') {
      pieces.back().text += c;
      continue;
    }
    const auto digit_at = [&](std::size_t at) {
      return at < replacement.size() && replacement[at] >= '0' && replacement[at] <= '9' ? replacement[at] - '0' : -1;
    };
    int group = digit_at(++i);
    if (group < 0 || group > groups) return std::nullopt;
    while (digit_at(i + 1) >= 0 && group * 10 + digit_at(i + 1) <= groups) group = group * 10 + digit_at(++i);
    pieces.back().group = group;
    pieces.emplace_back();
  }
  return pieces;
}

std::size_t character_bytes(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return end - at;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct Regex::Compiled {
  re2::RE2 expression;
};

static re2::RE2::Options quiet_options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(limits::regex_memory_max);
  return options;
}

Regex::Regex(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Regex::~Regex() = default;

std::shared_ptr<const Regex> Regex::compile(const std::string& pattern) {
  if (pattern.size() > limits::pattern_bytes_max) return nullptr;
  auto compiled = std::unique_ptr<Compiled>(new Compiled{re2::RE2(pattern, quiet_options())});
  if (!compiled->expression.ok()) return nullptr;
  return std::shared_ptr<const Regex>(new Regex(std::move(compiled)));
}

bool Regex::matches_part_of(std::string_view text) const {
  return re2::RE2::PartialMatch(piece(text), compiled_->expression);
}

std::optional<std::string> Regex::first_match(std::string_view text) const {
  re2::StringPiece match;
  if (!compiled_->expression.Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
    return std::nullopt;
  }
  return std::string(match.data(), match.size());
}

std::optional<std::string> Regex::replaced(std::string_view text, std::string_view replacement,
                                           std::size_t bytes_max) const {
  const int groups = compiled_->expression.NumberOfCapturingGroups();
  const std::optional<std::vector<Piece>> pieces = pieces_of(replacement, groups);
  if (!pieces) return std::nullopt;
  std::vector<re2::StringPiece> found(static_cast<std::size_t>(groups) + 1);
  std::string out;
  std::size_t at = 0, scanned = 0;
  while (at <= text.size() && compiled_->expression.Match(piece(text), at, text.size(), re2::RE2::UNANCHORED,
                                                          found.data(), groups + 1)) {
    const std::size_t start = static_cast<std::size_t>(found[0].data() - text.data());
    out.append(text.substr(at, start - at));
    for (const Piece& each : *pieces) {
      out += each.text;
      if (each.group >= 0) out.append(found[each.group].data(), found[each.group].size());
    }
    scanned += text.size() - at;  // each match may have looked at all that is left
    if (out.size() > bytes_max || scanned > limits::regex_scan_max) return std::nullopt;
    at = start + found[0].size();
    if (!found[0].empty()) continue;
    if (at == text.size()) return out;
    const std::size_t step = character_bytes(text, at);
    out.append(text.substr(at, step));
    at += step;
  }
  if (at < text.size()) out.append(text.substr(at));
  return out;
}

}  // namespace croft::sql
