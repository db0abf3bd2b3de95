#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/json.h"
#include "types/result.h"

namespace croft::services::dynamodb {

class AskedNames;

// Takes the members of an operation's input, and gathers what is wrong with them as AWS's front end does: "2
// validation errors detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null; ...".
// A member of the wrong JSON type is a SerializationException at once. All errors are thrown as ApiError.
class RequestReader {
 public:
  explicit RequestReader(const json::object& input) : input_(input) {}
  // Reads a structure inside; `path` is its place in messages, "keySchema.1.member".
  RequestReader(const json::object& input, std::string path, RequestReader& outer)
      : input_(input), path_(std::move(path)), outer_(&outer) {}

  bool has(std::string_view name) const { return find(name) != nullptr; }
  // A null is as good as absent.
  const json::value* find(std::string_view name) const;

  std::optional<std::string> text(std::string_view name);
  std::string required_text(std::string_view name);
  // One of `values`, whose order is that of AWS's message.
  std::optional<std::string> choice(std::string_view name, std::span<const std::string_view> values);
  std::string required_choice(std::string_view name, std::span<const std::string_view> values);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max = INT64_MAX);
  std::int64_t required_integer(std::string_view name, std::int64_t min, std::int64_t max = INT64_MAX);
  bool flag(std::string_view name, bool otherwise = false);

  // nullptr when absent.
  const json::object* object(std::string_view name);
  const json::array* array(std::string_view name);
  // Empty when absent, which is noted.
  const json::object& required_object(std::string_view name);
  const json::array& required_array(std::string_view name, std::size_t min, std::size_t max);

  // TableName: 3 to 255 of the allowed characters, or a table's ARN, of which the name is taken. "" is refused at once.
  std::string table_name();
  // The same; what it was called is added to `names`.
  std::string table_name(AskedNames& names);
  // A name by the same rules, for new tables and indexes.
  std::string checked_name(std::string_view name, std::size_t min);

  // At most ten are told.
  void note(std::string_view shown_value, std::string_view name, std::string_view constraint);
  // Throws what was noted.
  void finish() const;

  // "keySchema.1.member.attributeName": a member as messages name it.
  std::string place(std::string_view name) const;

 private:
  const json::object& input_;
  std::string path_;
  RequestReader* outer_ = nullptr;  // where notes go
  std::vector<std::string> problems_;
};

[[noreturn]] void refuse(Error error);

}  // namespace croft::services::dynamodb
