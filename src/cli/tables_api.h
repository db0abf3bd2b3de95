#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/aws_api.h"
#include "cli/tables_plain.h"

namespace croft::cli {

// The names of a table's or an index's key, partition key first.
using KeyNames = std::vector<std::string>;

// What the commands need to know of a table before they ask for its items.
struct TableShape {
  std::string name;
  KeyNames key;
  KeyTypes types;  // of this key and those of all indexes
  std::vector<std::pair<std::string, KeyNames>> indexes;
  json::object description;  // DescribeTable's Table

  const KeyNames* index(std::string_view name) const;
  std::string key_text(const KeyNames& names) const;  // id (S), time (N)
  std::string key_text() const { return key_text(key); }
  // NAME=VALUE arguments as a Key. Error: InvalidKey, telling what the key is.
  Result<json::object> key_of(const std::vector<std::string>& arguments) const;
  // A plain item of this key alone, for an example to type: {"id": "..."}
  std::string example() const;
};

TableShape shape_of(const json::object& description);

// DynamoDB's API. What is throttled or fails on the other side is asked again, a few times and ever later, as AWS's SDKs
// do.
class TableApi {
 public:
  explicit TableApi(Place place) : api_(std::move(place)) {}

  Result<json::object> call(std::string_view operation, const json::object& input) const;
  Result<TableShape> table(const std::string& name) const;
  Result<std::vector<std::string>> names() const;
  // Query, Scan or ExecuteStatement page by page, each page to `each` with its items; until that returns false or
  // `pages_max` were read. What the next page would be asked with stays in `request`; false when that is nothing.
  Result<bool> pages(std::string_view operation, json::object& request, std::size_t pages_max,
                     const std::function<bool(const json::object& page)>& each) const;

 private:
  AwsApi api_;
};

}  // namespace croft::cli
