#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observe/histogram.h"

namespace croft::metrics {

// Writes numbers as Prometheus reads them: text format 0.0.4. The samples of a family follow its begin() at once.
// Source: prometheus.io, "Exposition formats".
class Exposition {
 public:
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";
  enum class Type { counter, gauge, histogram };
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  // `name` with its unit, and `_total` behind a counter's.
  void begin(std::string_view name, Type type, std::string_view help);
  void add(const Labels& labels, std::uint64_t value);
  void add(const Labels& labels, double value);
  void add(const Labels& labels, const Histogram& value);  // in seconds

  // A family of one sample without labels.
  template <class T>
  void one(std::string_view name, Type type, std::string_view help, T value) {
    begin(name, type, help);
    add({}, value);
  }

  std::string take() { return std::move(text_); }

 private:
  void sample(std::string_view suffix, const Labels& labels, std::string_view value);

  std::string family_;
  std::string text_;
};

}  // namespace croft::metrics
