// Items as CSV (RFC 4180). The heading tells each column's type: "id" is a string, "age:N", "blob:B", "ok:BOOL", and
// "tags:JSON" whose cells are DynamoDB JSON. An empty cell is no attribute, "" in quotes an empty string.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/tables_plain.h"

namespace croft::cli {

struct CsvColumn {
  std::string name;
  std::string type;  // S, N, B, BOOL or JSON
};

// Which columns items have, and of which types. All items have to be seen before the heading can be written.
class CsvColumns {
 public:
  void see(const json::object& item);
  std::vector<CsvColumn> columns(const std::vector<std::string>& first) const;

 private:
  std::map<std::string, std::set<std::string>, std::less<>> types_;
};

std::string csv_heading(const std::vector<CsvColumn>& columns);
std::string csv_line(const std::vector<CsvColumn>& columns, const json::object& item);

struct CsvCell {
  std::string text;
  bool is_quoted = false;
};

// The cells of one record, which may be several lines: `more` gives the next one. Error: InvalidCsv.
Result<std::vector<CsvCell>> csv_cells(std::string line, const std::function<std::optional<std::string>()>& more);

// Names without a type have the type of their key, otherwise S, as with AWS's own import of CSV.
Result<std::vector<CsvColumn>> csv_columns(const std::vector<CsvCell>& heading, const KeyTypes& keys);
// Error: InvalidItem.
Result<json::object> csv_item(const std::vector<CsvColumn>& columns, const std::vector<CsvCell>& cells);

}  // namespace croft::cli
