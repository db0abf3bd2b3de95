#include <algorithm>

#include "services/s3/limits.h"
#include "services/s3/objects.h"

namespace croft::services::s3 {

namespace {

// The first row behind everything that starts with `key`; the keys are UTF-8, so no byte is 0xFF.
std::string behind_prefix(std::string key) {
  return key + '\xFF';
}

// Where `key` ends as a common prefix; npos when it is none.
std::size_t common_end(std::string_view key, const ListQuery& query) {
  if (query.delimiter.empty()) return std::string_view::npos;
  const std::size_t at = key.find(query.delimiter, query.prefix.size());
  return at == std::string_view::npos ? at : at + query.delimiter.size();
}

// Where a page begins: at the prefix, or behind the last key or common prefix of the page before.
std::string first_key(const std::string& root, const ListQuery& query) {
  if (query.after.empty() || query.after < query.prefix) return root + query.prefix;
  const bool was_common =
      query.after.starts_with(query.prefix) && common_end(query.after, query) == query.after.size();
  return was_common ? behind_prefix(root + query.after) : root + query.after + '\0';
}

}  // namespace

Result<Listing> Objects::list(const std::string& bucket_name, const ListQuery& query) const {
  if (auto there = bucket(bucket_name); !there) return there.error();
  const std::size_t limit = std::min(query.limit, listed_keys_max);
  const std::string root = keys::object(bucket_name, "");
  const std::string end = query.prefix.empty() ? keys::end_of(root) : behind_prefix(root + query.prefix);
  std::string from = first_key(root, query);

  Listing listing;
  if (limit == 0) return listing;
  for (bool is_done = false; !is_done && from < end;) {
    is_done = true;
    store_.visit(Family::objects, from, end, false, [&](std::string_view row_key, std::string_view row) {
      const std::string key(row_key.substr(root.size()));
      if (listing.entries.size() + listing.common_prefixes.size() == limit) {
        listing.is_truncated = true;
        return false;
      }
      if (const std::size_t common = common_end(key, query); common != std::string::npos) {
        listing.common_prefixes.push_back(key.substr(0, common));
        listing.last = listing.common_prefixes.back();
        from = behind_prefix(root + listing.last);  // one look-up for each common prefix, however many keys it has
        is_done = false;
        return false;
      }
      if (auto object = read_object(row)) listing.entries.push_back({key, std::move(*object)});
      listing.last = key;
      return true;
    });
  }
  return listing;
}

}  // namespace croft::services::s3
