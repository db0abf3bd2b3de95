// Boost's strings as the standard's.
#pragma once

#include <string>
#include <string_view>

#include "text/json.h"

namespace croft::cfn {

inline std::string_view view(const json::string& s) {
  return {s.data(), s.size()};
}
inline std::string_view view(boost::json::string_view s) {
  return {s.data(), s.size()};
}
inline std::string str(const json::string& s) {
  return {s.data(), s.size()};
}
inline std::string str(boost::json::string_view s) {
  return {s.data(), s.size()};
}

// The member as an object, or null when it is absent or something else.
inline const json::object* find_object(const json::object& o, std::string_view name) {
  const json::value* v = json::find(o, name);
  return v ? v->if_object() : nullptr;
}

// {name: v}
inline json::object single(std::string_view name, json::value v) {
  json::object o;
  o.emplace(name, std::move(v));
  return o;
}

}  // namespace croft::cfn
