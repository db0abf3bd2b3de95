// JSON for everything but the SQL engine and DynamoDB hot paths: boost::json under croft's limits.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::json {

using boost::json::array;
using boost::json::kind;
using boost::json::object;
using boost::json::string;
using boost::json::value;

inline constexpr std::size_t depth_max = 256;  // nesting of documents from outside; an item that DynamoDB calls too deep is read

// The document, or SerializationException naming the byte where it went wrong. Depth is bounded by depth_max;
// duplicate names keep the last value; invalid UTF-8 is refused.
Result<value> parse(std::string_view text);

// The same for a document that is read and then dropped whole: its values lie together in memory that is never reused, so
// that neither making nor dropping it asks for each of them. To keep a part of it, copy the part.
Result<value> parse_to_read(std::string_view text);

// `target` becomes `source` with the memory that it lies in; assigning it would copy where that differs.
void take_over(object& target, object&& source);

// Compact JSON text. Doubles print as the shortest text that reads back equal (5.0 prints as 5, 1e300 as 1e300).
std::string dump(const value& v);

// Indented by two spaces, members in their order; for people.
std::string pretty(const value& v);

// Appends `text` as a JSON string with its quotes. For writers of hot paths.
void append_string(std::string& out, std::string_view text);

// Member access that treats "absent" and "of another type" alike.
const value* find(const object& o, std::string_view name);
std::string_view string_or(const object& o, std::string_view name, std::string_view otherwise);
std::int64_t int_or(const object& o, std::string_view name, std::int64_t otherwise);
bool bool_or(const object& o, std::string_view name, bool otherwise);

}  // namespace croft::json
