#include "cli/tables_view.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "cli/tables_plain.h"
#include "cli/text_table.h"

namespace croft::cli {

namespace {

constexpr std::size_t gap = 2;             // between columns
constexpr std::size_t narrowest_cut = 16;  // cells are not cut below it

bool is_number(const json::value& attribute) {
  return is_attribute(attribute) && attribute.get_object().begin()->key() == "N";
}

// A string that would be read as another type, or as nothing, without quotes.
bool needs_quotes(std::string_view text) {
  if (text.empty() || text == "true" || text == "false" || text == "null" || is_number_text(text)) return true;
  return text.front() == ' ' || text.back() == ' ' || std::string_view("\"{[").find(text.front()) != std::string_view::npos ||
         text.starts_with("b'");
}

std::string text_of_string(std::string_view text) {
  return needs_quotes(text) ? json_line(json::value(text)) : shown(text);
}

}  // namespace

std::string cell_of(const json::value& attribute) {
  if (!is_attribute(attribute)) return shown(json_line(attribute));
  const auto& member = *attribute.get_object().begin();
  const std::string_view type = member.key();
  const json::value& value = member.value();
  if (type == "S") return text_of_string(value.get_string());
  if (type == "N") return shown(value.get_string());
  if (type == "B") return shown("b'" + std::string(value.get_string()) + "'");
  if (type != "SS" && type != "NS" && type != "BS") return shown(plain_json(attribute));
  std::string out = "{";
  for (const json::value& element : value.get_array()) {
    const std::string_view text = element.get_string();
    out += out.size() > 1 ? ", " : "";
    out += type == "SS" ? text_of_string(text) : type == "BS" ? "b'" + std::string(text) + "'" : std::string(text);
  }
  return shown(out + "}");
}

void ItemView::add(const json::object& item) {
  for (const auto& member : item) ++found_[std::string(member.key())];
  items_.push_back(item);
}

std::vector<ItemView::Column> ItemView::columns() const {
  std::vector<Column> out;
  for (const std::string& name : first_) out.push_back({name, display_width(shown(name))});
  std::vector<std::pair<std::string, std::size_t>> others(found_.begin(), found_.end());
  std::stable_sort(others.begin(), others.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [name, count] : others) {
    if (std::find(first_.begin(), first_.end(), name) == first_.end()) out.push_back({name, display_width(shown(name))});
  }
  for (Column& column : out) {
    for (const json::object& item : items_) {
      const json::value* value = json::find(item, column.name);
      if (value) column.widest = std::max(column.widest, display_width(cell_of(*value)));
    }
  }
  return out;
}

std::string ItemView::text(std::size_t width, std::vector<std::string>& left_out) const {
  std::vector<Column> columns = this->columns();
  const auto total = [&] {
    std::size_t sum = 0;
    for (const Column& column : columns) sum += column.widest + gap;
    return sum - std::min(sum, gap);
  };
  while (width > 0 && total() > width) {
    const auto widest = std::max_element(columns.begin(), columns.end(),
                                         [](const Column& a, const Column& b) { return a.widest < b.widest; });
    const std::size_t excess = total() - width;
    if (widest->widest > narrowest_cut) {
      const std::size_t step = std::min(excess, widest->widest / 4 + 1);  // by and by, so that long columns become alike
      widest->widest = std::max(narrowest_cut, widest->widest - step);
    } else if (columns.size() > 1) {
      left_out.insert(left_out.begin(), columns.back().name);
      columns.pop_back();
    } else {
      widest->widest = std::max<std::size_t>(width, 1);
    }
  }
  std::vector<std::string> headings;
  for (const Column& column : columns) headings.push_back(cut_to_width(shown(column.name), column.widest));
  TextTable table(headings);
  for (const json::object& item : items_) {
    std::vector<Cell> row;
    for (const Column& column : columns) {
      const json::value* value = json::find(item, column.name);
      row.push_back(value ? Cell{cut_to_width(cell_of(*value), column.widest), is_number(*value)} : Cell{});
    }
    table.add(std::move(row));
  }
  return table.text();
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    const std::string_view character = text.substr(at, end - at);
    if (display_width(out) + display_width(character) + 1 > width) break;
    out += character;
    at = end;
  }
  return out + "…";
}

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace croft::cli
