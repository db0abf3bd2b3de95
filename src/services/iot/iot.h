#pragma once

#include <functional>
#include <string>

#include "gateway/service.h"
#include "identity/certificate_authority.h"
#include "shard/pool.h"
#include "things/registry.h"

namespace croft::services::iot {

// What DescribeEndpoint answers: host names without scheme and port, which clients keep for ever.
struct Endpoints {
  std::string data;                 // iot:Data-ATS, iot:Data
  std::string credential_provider;  // "" for the same
  std::string jobs;                 // "" for the same
};

// What TestInvokeAuthorizer pretends that a connection brings; the contexts as the model spells them.
struct AuthorizerTest {
  std::string token;
  std::string token_signature;
  json::object http;
  json::object mqtt;
  json::object tls;
};
// Calls the authorizer's function and judges its answer; TestInvokeAuthorizer's output.
using AuthorizerTester = std::function<Task<Result<json::object>>(things::Authorizer, AuthorizerTest)>;

// The control plane of AWS IoT Core: things, types, static groups, certificates, policies, custom authorizers, event
// configurations.
// Topic rules are another class's; their operations are appended to the same service.
//
// Each operation parses its input, calls the registry, waits until changes are on disk, and shapes the reply. It
// refuses by ApiError. Threads: the API shard.
class Iot {
 public:
  Iot(things::Registry& registry, const identity::CertificateAuthority& authority, Pool& pool, Endpoints endpoints,
      AuthorizerTester authorizer_tester = {});

  using Reply = gateway::Reply;
  using Call = gateway::Call;

  // things.cpp
  Task<Reply> create_thing(Call& call);
  Task<Reply> describe_thing(Call& call);
  Task<Reply> update_thing(Call& call);
  Task<Reply> delete_thing(Call& call);
  Task<Reply> list_things(Call& call);
  Task<Reply> attach_thing_principal(Call& call);
  Task<Reply> detach_thing_principal(Call& call);
  Task<Reply> list_thing_principals(Call& call);
  Task<Reply> list_thing_principals_v2(Call& call);
  Task<Reply> list_principal_things(Call& call);
  Task<Reply> list_principal_things_v2(Call& call);

  // thing_types.cpp
  Task<Reply> create_thing_type(Call& call);
  Task<Reply> describe_thing_type(Call& call);
  Task<Reply> list_thing_types(Call& call);
  Task<Reply> deprecate_thing_type(Call& call);
  Task<Reply> delete_thing_type(Call& call);

  // thing_groups.cpp
  Task<Reply> create_thing_group(Call& call);
  Task<Reply> describe_thing_group(Call& call);
  Task<Reply> list_thing_groups(Call& call);
  Task<Reply> delete_thing_group(Call& call);
  Task<Reply> add_thing_to_thing_group(Call& call);
  Task<Reply> remove_thing_from_thing_group(Call& call);
  Task<Reply> list_things_in_thing_group(Call& call);
  Task<Reply> list_thing_groups_for_thing(Call& call);

  // certificates.cpp
  Task<Reply> create_keys_and_certificate(Call& call);
  Task<Reply> create_certificate_from_csr(Call& call);
  Task<Reply> register_certificate(Call& call);
  Task<Reply> register_certificate_without_ca(Call& call);
  Task<Reply> describe_certificate(Call& call);
  Task<Reply> update_certificate(Call& call);
  Task<Reply> delete_certificate(Call& call);
  Task<Reply> list_certificates(Call& call);

  // policies.cpp
  Task<Reply> create_policy(Call& call);
  Task<Reply> get_policy(Call& call);
  Task<Reply> list_policies(Call& call);
  Task<Reply> delete_policy(Call& call);
  Task<Reply> create_policy_version(Call& call);
  Task<Reply> get_policy_version(Call& call);
  Task<Reply> list_policy_versions(Call& call);
  Task<Reply> set_default_policy_version(Call& call);
  Task<Reply> delete_policy_version(Call& call);

  // policy_attachments.cpp
  Task<Reply> attach_policy(Call& call);
  Task<Reply> detach_policy(Call& call);
  Task<Reply> list_attached_policies(Call& call);
  Task<Reply> list_targets_for_policy(Call& call);
  Task<Reply> attach_principal_policy(Call& call);
  Task<Reply> detach_principal_policy(Call& call);
  Task<Reply> list_principal_policies(Call& call);
  Task<Reply> list_policy_principals(Call& call);
  Task<Reply> get_effective_policies(Call& call);
  Task<Reply> test_authorization(Call& call);

  // authorizers.cpp
  Task<Reply> create_authorizer(Call& call);
  Task<Reply> describe_authorizer(Call& call);
  Task<Reply> update_authorizer(Call& call);
  Task<Reply> delete_authorizer(Call& call);
  Task<Reply> list_authorizers(Call& call);
  Task<Reply> set_default_authorizer(Call& call);
  Task<Reply> clear_default_authorizer(Call& call);
  Task<Reply> describe_default_authorizer(Call& call);
  Task<Reply> test_invoke_authorizer(Call& call);

  // settings.cpp
  Task<Reply> describe_endpoint(Call& call);
  Task<Reply> update_event_configurations(Call& call);
  Task<Reply> describe_event_configurations(Call& call);

 private:
  Task<Reply> add_certificate(things::NewCertificate certificate, identity::IssuedCertificate issued);
  json::object policy_summary(const std::string& name) const;
  json::object authorizer_summary(const things::Authorizer& authorizer) const;
  json::object authorizer_description(const things::Authorizer& authorizer) const;

  things::Registry& registry_;
  const identity::CertificateAuthority& authority_;
  Pool& pool_;
  Endpoints endpoints_;
  const AuthorizerTester authorizer_tester_;
};

// All rows above; `iot` outlives the service.
gateway::Service iot_service(Iot& iot);

}  // namespace croft::services::iot
