#pragma once

#include <map>
#include <string>
#include <vector>

#include "text/json.h"

namespace croft::cli {

// One attribute in a cell, so that its type can be seen: strings that look like something else have quotes, binary is
// b'base64', sets are {a, b}, documents JSON.
std::string cell_of(const json::value& attribute);

// Items as rows: some columns first, then those that most items have.
class ItemView {
 public:
  explicit ItemView(std::vector<std::string> first) : first_(std::move(first)) {}

  void add(const json::object& item);
  std::size_t size() const { return items_.size(); }

  // Fits `width` columns of the terminal: long cells are cut, then columns are left out, which `left_out` names. 0 is any
  // width.
  std::string text(std::size_t width, std::vector<std::string>& left_out) const;

 private:
  struct Column {
    std::string name;
    std::size_t widest = 0;
  };
  std::vector<Column> columns() const;

  std::vector<std::string> first_;
  std::map<std::string, std::size_t, std::less<>> found_;  // how many items have an attribute
  std::vector<json::object> items_;
};

// `text` in at most `width` columns of the terminal, with "…" for what is cut off.
std::string cut_to_width(std::string_view text, std::size_t width);

// Columns of the terminal that standard output is; 0 for a file or a pipe.
std::size_t terminal_width();

}  // namespace croft::cli
