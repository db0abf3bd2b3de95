#include "cfn/stack.h"

#include <algorithm>

namespace croft::cfn {

StackResource* Stack::find_resource(std::string_view logical_id) {
  auto it = std::find_if(resources.begin(), resources.end(), [&](auto& r) { return r.logical_id == logical_id; });
  return it == resources.end() ? nullptr : &*it;
}

const StackResource* Stack::find_resource(std::string_view logical_id) const {
  return const_cast<Stack*>(this)->find_resource(logical_id);
}

std::string_view Stack::uuid() const { return std::string_view(id).substr(id.rfind('/') + 1); }

}  // namespace croft::cfn
