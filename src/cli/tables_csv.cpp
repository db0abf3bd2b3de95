#include "cli/tables_csv.h"

#include <algorithm>

#include "cli/limits.h"
#include "text/encoding.h"

namespace croft::cli {

namespace {

constexpr std::string_view types[] = {"S", "N", "B", "BOOL", "JSON"};

// "age:N" ends with a type.
std::string_view type_at_end(std::string_view heading) {
  const std::size_t colon = heading.rfind(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view type = heading.substr(colon + 1);
  return std::find(std::begin(types), std::end(types), type) == std::end(types) ? std::string_view() : type;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

std::string cell(std::string_view text) {
  const bool needs = text.empty() || text.find_first_of(",\"\r\n") != std::string_view::npos || text.front() == ' ' ||
                     text.back() == ' ';
  return needs ? quoted(text) : std::string(text);
}

Error invalid(std::string message) { return {"InvalidItem", std::move(message)}; }

Result<json::value> attribute_of(const CsvColumn& column, const std::string& text) {
  if (column.type == "S") return json::value(json::object{{"S", text}});
  if (column.type == "N" && is_number_text(text)) return json::value(json::object{{"N", text}});
  if (column.type == "B" && text::from_base64(text)) return json::value(json::object{{"B", text}});
  if (column.type == "BOOL" && (text == "true" || text == "false"))
    return json::value(json::object{{"BOOL", text == "true"}});
  if (column.type == "JSON") {
    auto parsed = json::parse(text);
    if (parsed && is_attribute(*parsed)) return *parsed;
  }
  return invalid(column.name + " is " + column.type + ", and '" + text + "' is not");
}

}  // namespace

void CsvColumns::see(const json::object& item) {
  for (const auto& member : item) {
    const std::string type = is_attribute(member.value()) ? std::string(member.value().get_object().begin()->key()) : "JSON";
    types_[std::string(member.key())].insert(type);
  }
}

std::vector<CsvColumn> CsvColumns::columns(const std::vector<std::string>& first) const {
  std::vector<CsvColumn> out;
  const auto add = [&](const std::string& name, const std::set<std::string>& seen) {
    const bool is_simple = seen.size() == 1 && std::find(std::begin(types), std::end(types), *seen.begin()) != std::end(types);
    out.push_back({name, is_simple ? *seen.begin() : "JSON"});
  };
  for (const std::string& name : first)
    if (const auto found = types_.find(name); found != types_.end()) add(name, found->second);
  for (const auto& [name, seen] : types_)
    if (std::find(first.begin(), first.end(), name) == first.end()) add(name, seen);
  return out;
}

std::string csv_heading(const std::vector<CsvColumn>& columns) {
  std::string out;
  for (const CsvColumn& column : columns) {
    const bool plain = column.type == "S" && type_at_end(column.name).empty();
    out += (out.empty() ? "" : ",") + cell(plain ? column.name : column.name + ':' + column.type);
  }
  return out;
}

std::string csv_line(const std::vector<CsvColumn>& columns, const json::object& item) {
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    const json::value* attribute = json::find(item, columns[i].name);
    if (!attribute) continue;
    if (columns[i].type == "JSON") {
      out += cell(json::dump(*attribute));
      continue;
    }
    const json::value& value = attribute->get_object().begin()->value();
    out += value.is_bool() ? (value.get_bool() ? "true" : "false") : cell(std::string_view(value.get_string()));
  }
  return out;
}

Result<std::vector<CsvCell>> csv_cells(std::string line, const std::function<std::optional<std::string>()>& more) {
  std::vector<CsvCell> cells(1);
  bool in_quotes = false;
  for (std::size_t at = 0;; ++at) {
    if (at == line.size()) {
      if (!in_quotes) return cells;
      const std::optional<std::string> next = more();
      if (!next || cells.back().text.size() > limits::item_text_bytes_max) return Error{"InvalidCsv", "a quote is never closed"};
      cells.back().text += '\n';
      line = *next;
      at = static_cast<std::size_t>(-1);
      continue;
    }
    CsvCell& current = cells.back();
    const char c = line[at];
    if (in_quotes) {
      const bool is_doubled = c == '"' && at + 1 < line.size() && line[at + 1] == '"';
      if (is_doubled) ++at;
      if (c == '"' && !is_doubled) in_quotes = false;
      else current.text += c;
    } else if (c == ',') {
      cells.emplace_back();
    } else if (c == '"' && current.text.empty() && !current.is_quoted) {
      current.is_quoted = in_quotes = true;
    } else if (current.is_quoted) {
      return Error{"InvalidCsv", "text after a closing quote"};
    } else {
      current.text += c;
    }
  }
}

Result<std::vector<CsvColumn>> csv_columns(const std::vector<CsvCell>& heading, const KeyTypes& keys) {
  std::vector<CsvColumn> out;
  for (const CsvCell& one : heading) {
    const std::string_view type = type_at_end(one.text);
    CsvColumn column{one.text.substr(0, one.text.size() - (type.empty() ? 0 : type.size() + 1)), std::string(type)};
    const auto key = keys.find(column.name);
    if (type.empty()) column.type = key == keys.end() ? "S" : key->second;
    const auto same = [&](const CsvColumn& other) { return other.name == column.name; };
    if (column.name.empty()) return Error{"InvalidCsv", "the heading has a column without a name"};
    if (std::any_of(out.begin(), out.end(), same)) return Error{"InvalidCsv", "the heading has " + column.name + " twice"};
    out.push_back(std::move(column));
  }
  return out;
}

Result<json::object> csv_item(const std::vector<CsvColumn>& columns, const std::vector<CsvCell>& cells) {
  if (cells.size() > columns.size()) {
    return invalid(std::to_string(cells.size()) + " cells under " + std::to_string(columns.size()) + " headings");
  }
  json::object item;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].text.empty() && !cells[i].is_quoted) continue;
    auto attribute = attribute_of(columns[i], cells[i].text);
    if (!attribute) return attribute.error();
    item[columns[i].name] = *attribute;
  }
  return item;
}

}  // namespace croft::cli
