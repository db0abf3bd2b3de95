// The stored form of a role: one JSON row.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "identity/roles.h"

namespace croft::identity {

std::string role_row(const Role& role);
// Without arn; nothing when the row is not of the form that role_row() writes.
std::optional<Role> role_from_row(std::string_view row);

}  // namespace croft::identity
