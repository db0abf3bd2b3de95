#pragma once

#include "gateway/service.h"
#include "identity/roles.h"
#include "store/store.h"

namespace croft::services::iam {

// IAM's operations on Roles. Answers to writes wait until they are durable.
class Operations {
 public:
  using Reply = gateway::Reply;
  using Call = gateway::Call;

  Operations(identity::Roles& roles, Store& store) : roles_(roles), store_(store) {}

  // role_operations.cpp
  Task<Reply> create_role(Call& call);
  Task<Reply> get_role(Call& call);
  Task<Reply> list_roles(Call& call);
  Task<Reply> update_role(Call& call);
  Task<Reply> update_assume_role_policy(Call& call);
  Task<Reply> delete_role(Call& call);
  Task<Reply> tag_role(Call& call);
  Task<Reply> untag_role(Call& call);
  Task<Reply> list_role_tags(Call& call);
  // policy_operations.cpp
  Task<Reply> put_role_policy(Call& call);
  Task<Reply> get_role_policy(Call& call);
  Task<Reply> delete_role_policy(Call& call);
  Task<Reply> list_role_policies(Call& call);
  Task<Reply> attach_role_policy(Call& call);
  Task<Reply> detach_role_policy(Call& call);
  Task<Reply> list_attached_role_policies(Call& call);
  Task<Reply> list_instance_profiles_for_role(Call& call);
  // managed_policy_operations.cpp
  Task<Reply> create_policy(Call& call);
  Task<Reply> get_policy(Call& call);
  Task<Reply> list_policies(Call& call);
  Task<Reply> delete_policy(Call& call);
  Task<Reply> create_policy_version(Call& call);
  Task<Reply> get_policy_version(Call& call);
  Task<Reply> list_policy_versions(Call& call);
  Task<Reply> delete_policy_version(Call& call);
  Task<Reply> set_default_policy_version(Call& call);

 private:
  identity::Roles& roles_;
  Store& store_;
};

// A member that must be there, or ValidationError naming it as AWS does.
std::string required(const gateway::Call& call, const char* member);
std::string optional(const gateway::Call& call, const char* member);
// ValidationError "Value 'x' at 'member' failed to satisfy constraint: ...".
Error invalid(const std::string& value, const std::string& member, const std::string& constraint);

std::vector<identity::Tag> read_tags(const gateway::Call& call);
json::array tag_list(const std::vector<identity::Tag>& tags);

// Marker and MaxItems (1 to 1000, 100 when left out) of a list.
struct Page {
  std::string after;
  std::size_t limit = 100;
};
Page read_page(const gateway::Call& call);

// A page of names: {member: [...], IsTruncated, Marker}.
template <class Item, class NameOf, class Shape>
json::object page_of(const std::vector<Item>& all, const Page& page, const char* member, NameOf name_of,
                     Shape shape) {
  json::array items;
  std::string last;
  bool is_truncated = false;
  for (const Item& item : all) {
    if (!page.after.empty() && name_of(item) <= page.after) continue;
    if (items.size() == page.limit) {
      is_truncated = true;
      break;
    }
    last = name_of(item);
    items.push_back(shape(item));
  }
  json::object output = {{member, std::move(items)}, {"IsTruncated", is_truncated}};
  if (is_truncated) output["Marker"] = last;
  return output;
}

}  // namespace croft::services::iam
