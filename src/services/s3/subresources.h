#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace croft::services::s3 {

// A bucket's configuration document, told apart by a query parameter of its name.
struct Subresource {
  const char* name;          // "tagging", as in ?tagging
  const char* operation;     // "BucketTagging": Get…, Put…, Delete…
  bool is_stored;            // kept and given back as it came; otherwise putting it is NotImplemented
  const char* missing_code;  // the answer while there is none; nullptr: `missing_document` is sent
  const char* missing_message;
  const char* missing_document;
};

std::span<const Subresource> bucket_subresources();
const Subresource* bucket_subresource(std::string_view name);

// Query parameters of objects and buckets that stand for operations croft does not have. They must have routes, so
// that ?retention does not put an object.
std::span<const char* const> unsupported_object_subresources();
std::span<const char* const> unsupported_bucket_subresources();

}  // namespace croft::services::s3
