#include "services/iot/iot.h"

namespace croft::services::iot {

namespace {

gateway::Handler to(Iot& iot, Task<gateway::Reply> (Iot::*method)(gateway::Call&)) {
  return [&iot, method](gateway::Call& call) { return (iot.*method)(call); };
}

}  // namespace

Iot::Iot(things::Registry& registry, const identity::CertificateAuthority& authority, Pool& pool, Endpoints endpoints,
         AuthorizerTester authorizer_tester)
    : registry_(registry),
      authority_(authority),
      pool_(pool),
      endpoints_(std::move(endpoints)),
      authorizer_tester_(std::move(authorizer_tester)) {}

gateway::Service iot_service(Iot& iot) {
  return {
      .name = "iot",
      .signing_names = {"iot", "execute-api", "iotdata"},  // the data plane has no operations yet: refused as unknown
      .protocol = gateway::Protocol::rest_json,
      .operations =
          {
              {"CreateThing", "POST /things/{thingName}", to(iot, &Iot::create_thing)},
              {"DescribeThing", "GET /things/{thingName}", to(iot, &Iot::describe_thing)},
              {"UpdateThing", "PATCH /things/{thingName}", to(iot, &Iot::update_thing)},
              {"DeleteThing", "DELETE /things/{thingName}", to(iot, &Iot::delete_thing)},
              {"ListThings", "GET /things", to(iot, &Iot::list_things)},
              {"AttachThingPrincipal", "PUT /things/{thingName}/principals", to(iot, &Iot::attach_thing_principal)},
              {"DetachThingPrincipal", "DELETE /things/{thingName}/principals",
               to(iot, &Iot::detach_thing_principal)},
              {"ListThingPrincipals", "GET /things/{thingName}/principals", to(iot, &Iot::list_thing_principals)},
              {"ListThingPrincipalsV2", "GET /things/{thingName}/principals-v2",
               to(iot, &Iot::list_thing_principals_v2)},
              {"ListPrincipalThings", "GET /principals/things", to(iot, &Iot::list_principal_things)},
              {"ListPrincipalThingsV2", "GET /principals/things-v2", to(iot, &Iot::list_principal_things_v2)},

              {"CreateThingType", "POST /thing-types/{thingTypeName}", to(iot, &Iot::create_thing_type)},
              {"DescribeThingType", "GET /thing-types/{thingTypeName}", to(iot, &Iot::describe_thing_type)},
              {"ListThingTypes", "GET /thing-types", to(iot, &Iot::list_thing_types)},
              {"DeprecateThingType", "POST /thing-types/{thingTypeName}/deprecate",
               to(iot, &Iot::deprecate_thing_type)},
              {"DeleteThingType", "DELETE /thing-types/{thingTypeName}", to(iot, &Iot::delete_thing_type)},

              {"AddThingToThingGroup", "PUT /thing-groups/addThingToThingGroup",
               to(iot, &Iot::add_thing_to_thing_group)},
              {"RemoveThingFromThingGroup", "PUT /thing-groups/removeThingFromThingGroup",
               to(iot, &Iot::remove_thing_from_thing_group)},
              {"CreateThingGroup", "POST /thing-groups/{thingGroupName}", to(iot, &Iot::create_thing_group)},
              {"DescribeThingGroup", "GET /thing-groups/{thingGroupName}", to(iot, &Iot::describe_thing_group)},
              {"ListThingGroups", "GET /thing-groups", to(iot, &Iot::list_thing_groups)},
              {"DeleteThingGroup", "DELETE /thing-groups/{thingGroupName}", to(iot, &Iot::delete_thing_group)},
              {"ListThingsInThingGroup", "GET /thing-groups/{thingGroupName}/things",
               to(iot, &Iot::list_things_in_thing_group)},
              {"ListThingGroupsForThing", "GET /things/{thingName}/thing-groups",
               to(iot, &Iot::list_thing_groups_for_thing)},

              {"CreateKeysAndCertificate", "POST /keys-and-certificate", to(iot, &Iot::create_keys_and_certificate)},
              {"CreateCertificateFromCsr", "POST /certificates", to(iot, &Iot::create_certificate_from_csr)},
              {"RegisterCertificate", "POST /certificate/register", to(iot, &Iot::register_certificate)},
              {"RegisterCertificateWithoutCA", "POST /certificate/register-no-ca",
               to(iot, &Iot::register_certificate_without_ca)},
              {"DescribeCertificate", "GET /certificates/{certificateId}", to(iot, &Iot::describe_certificate)},
              {"UpdateCertificate", "PUT /certificates/{certificateId}", to(iot, &Iot::update_certificate)},
              {"DeleteCertificate", "DELETE /certificates/{certificateId}", to(iot, &Iot::delete_certificate)},
              {"ListCertificates", "GET /certificates", to(iot, &Iot::list_certificates)},

              {"CreatePolicy", "POST /policies/{policyName}", to(iot, &Iot::create_policy)},
              {"GetPolicy", "GET /policies/{policyName}", to(iot, &Iot::get_policy)},
              {"ListPolicies", "GET /policies", to(iot, &Iot::list_policies)},
              {"DeletePolicy", "DELETE /policies/{policyName}", to(iot, &Iot::delete_policy)},
              {"CreatePolicyVersion", "POST /policies/{policyName}/version", to(iot, &Iot::create_policy_version)},
              {"ListPolicyVersions", "GET /policies/{policyName}/version", to(iot, &Iot::list_policy_versions)},
              {"GetPolicyVersion", "GET /policies/{policyName}/version/{policyVersionId}",
               to(iot, &Iot::get_policy_version)},
              {"SetDefaultPolicyVersion", "PATCH /policies/{policyName}/version/{policyVersionId}",
               to(iot, &Iot::set_default_policy_version)},
              {"DeletePolicyVersion", "DELETE /policies/{policyName}/version/{policyVersionId}",
               to(iot, &Iot::delete_policy_version)},

              {"AttachPolicy", "PUT /target-policies/{policyName}", to(iot, &Iot::attach_policy)},
              {"DetachPolicy", "POST /target-policies/{policyName}", to(iot, &Iot::detach_policy)},
              {"ListAttachedPolicies", "POST /attached-policies/{target+}", to(iot, &Iot::list_attached_policies)},
              {"ListTargetsForPolicy", "POST /policy-targets/{policyName}", to(iot, &Iot::list_targets_for_policy)},
              {"AttachPrincipalPolicy", "PUT /principal-policies/{policyName}",
               to(iot, &Iot::attach_principal_policy)},
              {"DetachPrincipalPolicy", "DELETE /principal-policies/{policyName}",
               to(iot, &Iot::detach_principal_policy)},
              {"ListPrincipalPolicies", "GET /principal-policies", to(iot, &Iot::list_principal_policies)},
              {"ListPolicyPrincipals", "GET /policy-principals", to(iot, &Iot::list_policy_principals)},
              {"GetEffectivePolicies", "POST /effective-policies", to(iot, &Iot::get_effective_policies)},
              {"TestAuthorization", "POST /test-authorization", to(iot, &Iot::test_authorization)},

              {"CreateAuthorizer", "POST /authorizer/{authorizerName}", to(iot, &Iot::create_authorizer)},
              {"DescribeAuthorizer", "GET /authorizer/{authorizerName}", to(iot, &Iot::describe_authorizer)},
              {"UpdateAuthorizer", "PUT /authorizer/{authorizerName}", to(iot, &Iot::update_authorizer)},
              {"DeleteAuthorizer", "DELETE /authorizer/{authorizerName}", to(iot, &Iot::delete_authorizer)},
              {"ListAuthorizers", "GET /authorizers", to(iot, &Iot::list_authorizers)},
              {"SetDefaultAuthorizer", "POST /default-authorizer", to(iot, &Iot::set_default_authorizer)},
              {"ClearDefaultAuthorizer", "DELETE /default-authorizer", to(iot, &Iot::clear_default_authorizer)},
              {"DescribeDefaultAuthorizer", "GET /default-authorizer", to(iot, &Iot::describe_default_authorizer)},
              {"TestInvokeAuthorizer", "POST /authorizer/{authorizerName}/test", to(iot, &Iot::test_invoke_authorizer)},

              {"DescribeEndpoint", "GET /endpoint", to(iot, &Iot::describe_endpoint)},
              {"UpdateEventConfigurations", "PATCH /event-configurations",
               to(iot, &Iot::update_event_configurations)},
              {"DescribeEventConfigurations", "GET /event-configurations",
               to(iot, &Iot::describe_event_configurations)},
          },
  };
}

}  // namespace croft::services::iot
