#include "observe/exposition.h"

#include <charconv>

namespace croft::metrics {

namespace {

std::string number(double value) {
  char text[512];  // the largest double has 309 digits
  const auto done = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
  return std::string(text, done.ptr);
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\\' || (quotes && c == '"'))
      (out += '\\') += c;
    else
      out += c;
  }
  return out;
}

constexpr std::string_view name_of(Exposition::Type type) {
  switch (type) {
    case Exposition::Type::counter:
      return "counter";
    case Exposition::Type::gauge:
      return "gauge";
    case Exposition::Type::histogram:
      break;
  }
  return "histogram";
}

double seconds(std::uint64_t us) {
  return static_cast<double>(us) / 1e6;
}

}  // namespace

void Exposition::begin(std::string_view name, Type type, std::string_view help) {
  family_ = name;
  text_ += "# HELP " + family_ + " " + escaped(help, false) + "\n";
  text_ += "# TYPE " + family_ + " " + std::string(name_of(type)) + "\n";
}

void Exposition::sample(std::string_view suffix, const Labels& labels, std::string_view value) {
  text_ += family_;
  text_ += suffix;
  char before = '{';
  for (const auto& [name, content] : labels) {
    text_ += std::exchange(before, ',');
    (text_ += name) += "=\"" + escaped(content, true) + "\"";
  }
  if (!labels.empty()) text_ += '}';
  (text_ += ' ') += value;
  text_ += '\n';
}

void Exposition::add(const Labels& labels, std::uint64_t value) {
  sample("", labels, std::to_string(value));
}

void Exposition::add(const Labels& labels, double value) {
  sample("", labels, number(value));
}

void Exposition::add(const Labels& labels, const Histogram& value) {
  std::uint64_t below = 0;
  Labels with_bound = labels;
  with_bound.emplace_back("le", "");
  for (std::size_t i = 0; i < Histogram::bounds_us.size(); ++i) {
    below += value.in_bucket(i);
    const std::string bound = number(seconds(static_cast<std::uint64_t>(Histogram::bounds_us[i])));
    with_bound.back().second = bound;
    sample("_bucket", with_bound, std::to_string(below));
  }
  with_bound.back().second = "+Inf";
  sample("_bucket", with_bound, std::to_string(value.count()));
  sample("_sum", labels, number(seconds(value.sum_us())));
  sample("_count", labels, std::to_string(value.count()));
}

}  // namespace croft::metrics
