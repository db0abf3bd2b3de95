#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "cfn/provider.h"

namespace croft::cfn {

// The resource types that croft deploys. Immutable. Threads: any.
class ProviderSet {
 public:
  ProviderSet();

  // Null for a type that croft does not know.
  const ResourceProvider* find(std::string_view type) const;

  // For plan_changes().
  Replacement replacement(std::string_view type, std::string_view property) const;

 private:
  std::map<std::string, std::unique_ptr<ResourceProvider>, std::less<>> by_type_;
};

}  // namespace croft::cfn
