// Shared by the registry_*.cpp files only.
#pragma once

#include <set>
#include <string>

#include "things/registry.h"

namespace croft::things {

// One change: holds the registry's lock, collects rows and the certificates it concerns, writes all rows in one
// batch, and tells the listeners once the lock is free again. A refused change is one that never calls commit().
class Registry::Change {
 public:
  explicit Change(Registry& registry);
  ~Change();

  Batch batch;
  void affect(std::string_view certificate_id) { affected_.emplace(certificate_id); }
  void commit();

 private:
  Registry& registry_;
  std::unique_lock<std::shared_mutex> lock_;
  std::set<std::string> affected_;
  bool committed_ = false;
};

namespace keys {  // of Family::registry

inline constexpr std::string_view thing = "thing/";
inline constexpr std::string_view thing_type = "thing-type/";
inline constexpr std::string_view thing_group = "thing-group/";
inline constexpr std::string_view certificate = "certificate/";
inline constexpr std::string_view policy = "policy/";
inline constexpr std::string_view thing_principal = "thing-principal/";        // thing / principal
inline constexpr std::string_view policy_target = "policy-target/";            // policy / target
inline constexpr std::string_view thing_group_member = "thing-group-member/";  // group / thing
inline constexpr std::string_view authorizer = "authorizer/";
inline constexpr std::string_view default_authorizer = "default-authorizer";  // its name
inline constexpr std::string_view event_configurations = "event-configurations";

inline std::string of(std::string_view kind, std::string_view name) {
  return std::string(kind).append(name);
}
inline std::string of(std::string_view kind, std::string_view left, std::string_view right) {
  return std::string(kind).append(left).append("/").append(right);
}

}  // namespace keys

// Orders entries by their date, then by their name; 20 digits, so that text order is time order.
std::string age_key(Timestamp created, std::string_view name);
inline constexpr std::size_t age_digits = 20;

// One page of a map in key order.
template <class T, class Keep>
Page<T> page_of(const std::map<std::string, T, std::less<>>& entries, const PageRequest& request, Keep keep) {
  Page<T> page;
  auto at = request.after.empty() ? entries.begin() : entries.upper_bound(request.after);
  std::string_view last;
  for (; at != entries.end(); ++at) {
    if (!keep(at->second)) continue;
    if (page.items.size() == request.limit) {
      page.next = last;
      break;
    }
    page.items.push_back(at->second);
    last = at->first;
  }
  return page;
}

}  // namespace croft::things
