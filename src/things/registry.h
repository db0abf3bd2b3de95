#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "identity/certificate.h"
#include "identity/policy.h"
#include "store/store.h"
#include "things/records.h"
#include "things/relation.h"
#include "types/instance.h"
#include "types/result.h"

namespace croft::things {

// A page of a list, in key order. `after` and `next` are opaque keys, "" for the start and the end.
struct PageRequest {
  std::size_t limit;
  std::string after{};
  bool ascending = true;
};
template <class T>
struct Page {
  std::vector<T> items;
  std::string next;
};

struct NewThing {
  std::string name;
  std::string type_name;
  std::string billing_group;
  Attributes attributes;
};

struct ThingUpdate {
  std::optional<Attributes> attributes;
  bool merge = false;  // otherwise `attributes` replaces all; a value of "" removes in either case
  std::string type_name;
  bool remove_type = false;
  std::optional<std::int64_t> expected_version;
};

struct ThingFilter {
  std::string type_name;
  std::string attribute_name;
  std::string attribute_value;
  bool value_is_prefix = false;
};

struct NewCertificate {
  identity::Certificate certificate;
  CertificateStatus status = CertificateStatus::inactive;
  bool sni_only = false;
  std::string ca_certificate_id;
};

// What is absent stays.
struct AuthorizerUpdate {
  std::optional<std::string> function_arn;
  std::optional<std::string> token_key_name;
  std::optional<std::map<std::string, std::string>> token_signing_keys;
  std::optional<bool> active;
  std::optional<bool> caching_for_http;
};

// What the broker wants to know of a certificate at CONNECT.
struct CertificateFacts {
  std::string id;
  std::string arn;
  CertificateStatus status;
};

// The thing that a connection counts as, and whether its certificate is attached to it.
struct ConnectionThing {
  Thing thing;
  bool exclusive;
};

// The things, certificates and policies of the account, their attachments, and what follows from them for devices.
//
// All entries are in memory and in Family::registry as JSON. A change is in the store when its function returns and
// on disk when durable() resumes; the services wait for that before they answer.
//
// Threads: any, for everything. Reads share a lock; no function blocks on the disk except through the page cache.
// Memory: about 0.5 KB a thing, 2.5 KB a certificate.
class Registry {
 public:
  // Errors: StoreFormat, when a row cannot be read.
  static Result<std::unique_ptr<Registry>> open(Store& store, Instance instance);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  const Instance& instance() const { return instance_; }
  Task<void> durable() { return store_.durable(); }

  // --- For the broker -------------------------------------------------------------------------------------------

  std::optional<CertificateFacts> certificate(std::string_view certificate_id) const;
  // The policies attached to the certificate itself; never null, empty for an unknown certificate. The set is
  // immutable, and a new one after each change: hold it for a connection and drop it when told by on_change.
  std::shared_ptr<const identity::PolicySet> policies_of(std::string_view certificate_id) const;
  // The above, and those of the groups (and their ancestors) of the thing, if the client id is the name of a thing
  // that is attached to the certificate.
  std::shared_ptr<const identity::PolicySet> policies_of(std::string_view certificate_id,
                                                         std::string_view client_id) const;
  // Names of the things the certificate is attached to.
  std::vector<std::string> things_of(std::string_view certificate_id) const;
  // The thing that has the certificate for itself alone.
  std::optional<std::string> exclusive_thing(std::string_view certificate_id) const;
  // The exclusive thing, else the thing of the client id's name if it is attached to the certificate.
  std::optional<ConnectionThing> connection_thing(std::string_view certificate_id, std::string_view client_id) const;

  // `listener` is called with the id of each certificate whose status, policies or things changed, after the change
  // is visible, on the thread that made it and without a lock. Register before other threads use the registry.
  void on_change(std::function<void(const std::string& certificate_id)> listener);
  // Counts changes of the kind that on_change tells.
  std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }

  // --- Things ---------------------------------------------------------------------------------------------------

  // Again with the same configuration: the thing that exists. With another: ResourceAlreadyExistsException.
  Result<Thing> create_thing(NewThing thing);
  Result<Thing> thing(std::string_view name) const;
  Result<Thing> update_thing(std::string_view name, ThingUpdate update);
  // InvalidRequestException while principals are attached. Also leaves its groups.
  Result<void> delete_thing(std::string_view name, std::optional<std::int64_t> expected_version);
  Page<Thing> things(const ThingFilter& filter, const PageRequest& page) const;
  std::string thing_arn(std::string_view name) const;

  // `principal`: the ARN of a registered certificate, or a Cognito identity id.
  Result<void> attach_thing_principal(std::string_view thing, std::string_view principal, bool exclusive);
  Result<void> detach_thing_principal(std::string_view thing, std::string_view principal);
  Result<std::vector<Attachment>> principals_of_thing(std::string_view thing) const;
  Result<std::vector<Attachment>> things_of_principal(std::string_view principal) const;

  // --- Thing types and static thing groups ----------------------------------------------------------------------

  Result<ThingType> create_thing_type(ThingType type);  // id and dates are given here
  Result<ThingType> thing_type(std::string_view name) const;
  Result<void> deprecate_thing_type(std::string_view name, bool undo);
  Result<void> delete_thing_type(std::string_view name);
  Page<ThingType> thing_types(const PageRequest& page) const;
  std::string thing_type_arn(std::string_view name) const;

  Result<ThingGroup> create_thing_group(ThingGroup group);  // id, version and date are given here
  Result<ThingGroup> thing_group(std::string_view name) const;
  Result<void> delete_thing_group(std::string_view name, std::optional<std::int64_t> expected_version);
  // `parent` "" for all groups, else its children (or all descendants).
  Result<Page<ThingGroup>> thing_groups(std::string_view parent, bool recursive, const PageRequest& page) const;
  Result<void> add_to_group(std::string_view group, std::string_view thing);
  Result<void> remove_from_group(std::string_view group, std::string_view thing);
  Result<std::vector<std::string>> things_in_group(std::string_view group, bool recursive) const;
  Result<std::vector<std::string>> groups_of_thing(std::string_view thing) const;
  std::string thing_group_arn(std::string_view name) const;

  // --- Certificates ---------------------------------------------------------------------------------------------

  Result<RegisteredCertificate> add_certificate(NewCertificate certificate);
  Result<RegisteredCertificate> describe_certificate(std::string_view id) const;
  Result<void> set_certificate_status(std::string_view id, CertificateStatus status);
  // CertificateStateException while ACTIVE; DeleteConflictException while a thing, or unless `force` a policy, is
  // attached.
  Result<void> delete_certificate(std::string_view id, bool force);
  // By creation date.
  Page<RegisteredCertificate> certificates(const PageRequest& page) const;
  std::string certificate_arn(std::string_view id) const;

  // --- Policies -------------------------------------------------------------------------------------------------

  Result<RegisteredPolicy> create_policy(std::string_view name, std::string_view document);
  Result<RegisteredPolicy> policy(std::string_view name) const;
  Result<void> delete_policy(std::string_view name);
  Page<RegisteredPolicy> policies(const PageRequest& page) const;  // by creation date
  // The policy with its new version, whose number is next_version - 1.
  Result<RegisteredPolicy> create_policy_version(std::string_view name, std::string_view document, bool set_default);
  Result<void> set_default_policy_version(std::string_view name, int version);
  Result<void> delete_policy_version(std::string_view name, int version);
  std::string policy_arn(std::string_view name) const;

  // `target`: the ARN of a certificate or a thing group, or a Cognito identity id. Both may be repeated.
  Result<void> attach_policy(std::string_view policy, std::string_view target);
  Result<void> detach_policy(std::string_view policy, std::string_view target);
  // `recursive`: also those of a thing group's ancestors.
  Result<std::vector<std::string>> attached_policies(std::string_view target, bool recursive) const;
  Result<std::vector<std::string>> targets_of_policy(std::string_view policy) const;

  // --- Custom authorizers ---------------------------------------------------------------------------------------

  // The dates are given here. ResourceAlreadyExistsException for a name that is taken; LimitExceededException.
  Result<Authorizer> create_authorizer(Authorizer authorizer);
  Result<Authorizer> authorizer(std::string_view name) const;
  Result<Authorizer> update_authorizer(std::string_view name, AuthorizerUpdate update);
  // DeleteConflictException while it is ACTIVE or the default.
  Result<void> delete_authorizer(std::string_view name);
  // In order of name; of one status when `active` says which.
  Page<Authorizer> authorizers(std::optional<bool> active, const PageRequest& page) const;
  // ResourceAlreadyExistsException while another is the default.
  Result<Authorizer> set_default_authorizer(std::string_view name);
  Result<void> clear_default_authorizer();
  Result<Authorizer> default_authorizer() const;
  std::string authorizer_arn(std::string_view name) const;

  // --- Event configurations -------------------------------------------------------------------------------------

  struct EventConfigurations {
    std::map<std::string, bool, std::less<>> enabled;  // THING, JOB, ...; absent is off
    Timestamp created;
    Timestamp modified;
  };
  EventConfigurations event_configurations() const;
  void set_event_configurations(const std::map<std::string, bool, std::less<>>& enabled);

 private:
  class Change;
  template <class T>
  using ByName = std::map<std::string, T, std::less<>>;

  Registry(Store& store, Instance instance);
  Result<void> load();
  void load_relation(std::string_view prefix, Relation& relation);

  // The rest expects mutex_ to be held.
  std::optional<std::string> certificate_id_of(std::string_view arn) const;
  std::optional<std::string> group_of_arn(std::string_view arn) const;
  Result<void> check_principal(std::string_view principal) const;
  Result<void> check_target(std::string_view target) const;
  Result<void> check_type_and_attributes(std::string_view type_name, const Attributes& attributes) const;
  std::vector<std::string> lineage(std::string_view group) const;
  std::vector<std::string> descendants(std::string_view group) const;
  void add_policies_of(std::string_view target, std::vector<std::shared_ptr<const identity::Policy>>& out) const;
  void affect_target(std::string_view target, Change& change) const;
  void affect_thing(std::string_view thing, Change& change) const;
  void affect_policy(std::string_view policy, Change& change) const;
  void put(const RegisteredPolicy& policy, Change& change);

  Store& store_;
  const Instance instance_;
  std::vector<std::function<void(const std::string&)>> listeners_;
  std::atomic<std::uint64_t> revision_{0};

  mutable std::shared_mutex mutex_;
  ByName<Thing> things_;
  ByName<ThingType> types_;
  ByName<ThingGroup> groups_;
  ByName<RegisteredCertificate> certificates_;
  std::set<std::string, std::less<>> certificates_by_age_;  // date and id, see age_key()
  ByName<RegisteredPolicy> policies_;
  ByName<Authorizer> authorizers_;
  std::string default_authorizer_;  // "" for none
  Relation principals_of_things_;  // thing, principal; the mark is "exclusive"
  Relation targets_of_policies_;   // policy, target
  Relation members_of_groups_;     // group, thing
  EventConfigurations events_;

  // Filled on demand by readers, emptied under mutex_ by changes.
  mutable std::mutex sets_mutex_;
  mutable std::unordered_map<std::string, std::shared_ptr<const identity::PolicySet>> sets_;
};

}  // namespace croft::things
