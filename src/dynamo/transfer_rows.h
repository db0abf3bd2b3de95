// The rows of exports and imports: of Family::tables, KIND/TABLE/ID -> JSON, where KIND is "export" or "import" as in their ARNs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace croft::dynamo {

std::string transfer_key(std::string_view kind, std::string_view table, std::string_view id);

// The row that arn:...:table/TABLE/KIND/ID names; nothing when there is none, or the ARN is of another form. The parts of the ARN
// before its table are the caller's to compare.
std::optional<std::string> transfer_row(const Store& store, std::string_view kind, std::string_view arn);

// Calls visit(row) in the order of tables and ids until it returns false: of one table ("" = of all), above `after`, a TABLE/ID
// ("" = from the first).
void visit_transfers(const Store& store, std::string_view kind, std::string_view table, std::string_view after,
                     const std::function<bool(std::string_view row)>& visit);

}  // namespace croft::dynamo
