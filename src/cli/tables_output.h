#pragma once

#include <string>
#include <vector>

#include "cli/tables_view.h"

namespace croft::cli {

struct ItemFormat {
  bool json = false;   // a line of DynamoDB JSON for each item, as it comes
  bool plain = false;  // a line of plain JSON
  std::size_t width = 0;
};

// Items on standard output: lines at once, or a table at the end.
class ItemOutput {
 public:
  ItemOutput(ItemFormat format, std::vector<std::string> first_columns) : format_(format), view_(std::move(first_columns)) {}

  void add(const json::object& item);
  std::size_t size() const { return size_; }
  // `empty` is said in place of a table without rows.
  void finish(const std::string& empty) const;

 private:
  ItemFormat format_;
  ItemView view_;
  std::size_t size_ = 0;
};

}  // namespace croft::cli
