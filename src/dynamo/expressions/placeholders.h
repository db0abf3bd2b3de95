#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/attribute_value.h"
#include "text/json.h"
#include "types/result.h"

namespace croft::dynamo {

using ValuePtr = std::shared_ptr<const AttributeValue>;

// ExpressionAttributeNames and ExpressionAttributeValues of one request, shared by all its expressions; knows which
// of them were used.
class Placeholders {
 public:
  // nullptr for a member that the request does not have.
  static Result<Placeholders> read(const json::value* names, const json::value* values);

  // What #name or :value stands for, marking it as used; nullptr when it is not defined.
  const std::string* name(std::string_view placeholder);
  ValuePtr value(std::string_view placeholder);

  bool has_names() const { return !names_.empty(); }
  bool has_values() const { return !values_.empty(); }
  // ValidationException when one was never used. Call after the last expression was parsed.
  Result<void> check_all_used() const;

 private:
  template <class T>
  struct Entry {
    std::string key;
    T content;
    bool used = false;
  };

  std::vector<Entry<std::string>> names_;
  std::vector<Entry<ValuePtr>> values_;
};

}  // namespace croft::dynamo
