#include "dynamo/transfer_rows.h"

#include <algorithm>

#include "dynamo/key.h"

namespace croft::dynamo {

std::string transfer_key(std::string_view kind, std::string_view table, std::string_view id) {
  return std::string(kind) + '/' + std::string(table) + '/' + std::string(id);
}

std::optional<std::string> transfer_row(const Store& store, std::string_view kind, std::string_view arn) {
  constexpr std::string_view table_mark = ":table/";
  const std::string mark = '/' + std::string(kind) + '/';
  const std::size_t table = arn.find(table_mark), id = arn.rfind(mark);
  if (table == std::string_view::npos || id == std::string_view::npos || id < table + table_mark.size()) return std::nullopt;
  const std::size_t name = table + table_mark.size();
  return store.get(Family::tables, transfer_key(kind, arn.substr(name, id - name), arn.substr(id + mark.size())));
}

void visit_transfers(const Store& store, std::string_view kind, std::string_view table, std::string_view after,
                     const std::function<bool(std::string_view row)>& visit) {
  const std::string folder = std::string(kind) + '/';
  const std::string base = table.empty() ? folder : transfer_key(kind, table, "");
  const std::string from = after.empty() ? base : folder + std::string(after) + '\0';
  store.visit(Family::tables, std::max(base, from), end_of_prefix(base), false,
              [&](std::string_view, std::string_view row) { return visit(row); });
}

}  // namespace croft::dynamo
