// Bounds of what a policy document from outside can cost; the other limits of this folder are in limits.h.
#pragma once

#include <cstddef>

namespace croft::identity::limits {

inline constexpr std::size_t policy_characters_max =
    2048;  // without white space; AWS IoT Core quotas, "policy document size"
inline constexpr std::size_t policy_bytes_max = 404'600;  // with white space; PolicyDocument in the IoT API model

// Of the values that a certificate offers as policy variables.
// Source: AWS IoT developer guide, "X.509 certificate policy variables".
inline constexpr std::size_t certificate_values_max = 5;
inline constexpr std::size_t certificate_value_bytes_max = 1024;

}  // namespace croft::identity::limits
