#include "cli/text_table.h"

#include <algorithm>

namespace croft::cli {

namespace {

constexpr std::string_view gap = "  ";

std::string line_of(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - display_width(cells[i].text), ' ');
    const std::string text = painted(cells[i].colour, cells[i].text);
    const bool is_last = i + 1 == cells.size();
    if (cells[i].right)
      line += padding + text;
    else
      line += is_last ? text : text + padding;
    if (!is_last) line += gap;
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

std::string TextTable::text() const {
  std::vector<Cell> head;
  std::vector<std::size_t> widths;
  for (const std::string& heading : headings_) {
    head.push_back({heading, false, Colour::dim});
    widths.push_back(display_width(heading));
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i].text));
  }
  std::string out = line_of(head, widths);
  for (const auto& row : rows_) out += '\n' + line_of(row, widths);
  return out;
}

}  // namespace croft::cli
