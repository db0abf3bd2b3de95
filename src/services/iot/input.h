#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/service.h"
#include "things/registry.h"

namespace croft::services::iot {

// The members of a request. What is missing or of a wrong type throws ApiError with InvalidRequestException, in the
// words of AWS's request validation. Numbers and booleans may be text, as query parameters are.
class Input {
 public:
  explicit Input(const gateway::Call& call) : call_(call) {}

  std::string required(std::string_view member) const;
  std::string text(std::string_view member) const;  // "" when absent
  bool flag(std::string_view member) const;         // false when absent
  std::optional<std::int64_t> integer(std::string_view member) const;
  json::object object(std::string_view member) const;                              // {} when absent
  std::vector<std::string> texts(std::string_view member, std::size_t max) const;  // a list of strings
  std::string required_header(std::string_view name) const;

  // `attributes` of an attribute payload; nothing when there is none.
  static std::optional<things::Attributes> attributes(const json::object& payload);

  // maxResults and nextToken; pageSize, marker and ascendingOrder.
  things::PageRequest results_page() const;
  things::PageRequest marker_page() const;

 private:
  things::PageRequest page(std::string_view size, std::string_view token) const;

  const gateway::Call& call_;
};

// Adds the token of the following page, if there is one, under `member`.
void set_next(json::object& output, std::string_view member, const std::string& next);

// A page of names in ascending order.
things::Page<std::string> page_of_names(const std::vector<std::string>& sorted, const things::PageRequest& page);

}  // namespace croft::services::iot
