#include "services/iam/iam.h"

#include <memory>

#include "services/iam/operations.h"

namespace croft::services::iam {

gateway::Service iam_service(identity::Roles& roles, Store& store) {
  const auto iam = std::make_shared<Operations>(roles, store);
  const auto to = [iam](Task<gateway::Reply> (Operations::*method)(gateway::Call&)) -> gateway::Handler {
    return [iam, method](gateway::Call& call) { return (iam.get()->*method)(call); };
  };
  return {"iam",
          {"iam"},
          gateway::Protocol::query,
          "2010-05-08",
          "https://iam.amazonaws.com/doc/2010-05-08/",
          {
              {"CreateRole", "", to(&Operations::create_role)},
              {"GetRole", "", to(&Operations::get_role)},
              {"ListRoles", "", to(&Operations::list_roles)},
              {"UpdateRole", "", to(&Operations::update_role)},
              {"UpdateAssumeRolePolicy", "", to(&Operations::update_assume_role_policy)},
              {"DeleteRole", "", to(&Operations::delete_role)},
              {"TagRole", "", to(&Operations::tag_role)},
              {"UntagRole", "", to(&Operations::untag_role)},
              {"ListRoleTags", "", to(&Operations::list_role_tags)},
              {"PutRolePolicy", "", to(&Operations::put_role_policy)},
              {"GetRolePolicy", "", to(&Operations::get_role_policy)},
              {"DeleteRolePolicy", "", to(&Operations::delete_role_policy)},
              {"ListRolePolicies", "", to(&Operations::list_role_policies)},
              {"AttachRolePolicy", "", to(&Operations::attach_role_policy)},
              {"DetachRolePolicy", "", to(&Operations::detach_role_policy)},
              {"ListAttachedRolePolicies", "", to(&Operations::list_attached_role_policies)},
              {"ListInstanceProfilesForRole", "", to(&Operations::list_instance_profiles_for_role)},
              {"CreatePolicy", "", to(&Operations::create_policy)},
              {"GetPolicy", "", to(&Operations::get_policy)},
              {"ListPolicies", "", to(&Operations::list_policies)},
              {"DeletePolicy", "", to(&Operations::delete_policy)},
              {"CreatePolicyVersion", "", to(&Operations::create_policy_version)},
              {"GetPolicyVersion", "", to(&Operations::get_policy_version)},
              {"ListPolicyVersions", "", to(&Operations::list_policy_versions)},
              {"DeletePolicyVersion", "", to(&Operations::delete_policy_version)},
              {"SetDefaultPolicyVersion", "", to(&Operations::set_default_policy_version)},
          }};
}

}  // namespace croft::services::iam
