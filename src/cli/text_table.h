#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace croft::cli {

struct Cell {
  std::string text;  // printable already
  bool right = false;
  Colour colour = Colour::plain;
};

// Rows under headings, each column as wide as its widest cell.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool is_empty() const { return rows_.empty(); }
  // Lines without a trailing newline at the end of the last one.
  std::string text() const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace croft::cli
