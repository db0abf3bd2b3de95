#pragma once

#include <optional>
#include <vector>

#include "dynamo/partiql/compiler.h"
#include "dynamo/partiql/next_token.h"
#include "dynamo/tables.h"

namespace croft::dynamo::partiql {

struct Selected {
  std::vector<Item> items{};
  Capacity capacity{};
  std::optional<Item> last_key{};
  std::optional<Resume> next{};  // there may be more
};

// A page of a SELECT: at most `limit` items looked at, and about 1 MiB of them.
Task<Result<Selected>> read(Tables& tables, ReadPlan plan, std::optional<std::uint32_t> limit, Resume from);

}  // namespace croft::dynamo::partiql
