#include "things/rows.h"

#include "text/json.h"

namespace croft::things {

namespace {

Error unreadable(std::string_view kind, std::string_view name) {
  return {"StoreFormat", "the registry row of " + std::string(kind) + " " + std::string(name) + " is not readable",
          500};
}

Result<json::object> read(std::string_view kind, std::string_view name, std::string_view row) {
  auto value = json::parse(row);
  if (!value || !value->is_object()) return unreadable(kind, name);
  return value->get_object();
}

std::string text(const json::object& members, std::string_view name) {
  return std::string(json::string_or(members, name, ""));
}

Timestamp time(const json::object& members, std::string_view name) {
  return {json::int_or(members, name, 0)};
}

json::object attributes_json(const Attributes& attributes) {
  json::object object;
  for (const auto& [name, value] : attributes) object[name] = value;
  return object;
}

Attributes attributes_from(const json::object& members) {
  Attributes attributes;
  const json::value* value = json::find(members, "attributes");
  if (!value || !value->is_object()) return attributes;
  for (const auto& [name, text] : value->get_object()) {
    if (text.is_string()) attributes.emplace(name, text.get_string());
  }
  return attributes;
}

}  // namespace

std::string_view name_of(CertificateStatus status) {
  switch (status) {
    case CertificateStatus::active:
      return "ACTIVE";
    case CertificateStatus::inactive:
      return "INACTIVE";
    case CertificateStatus::revoked:
      return "REVOKED";
    case CertificateStatus::pending_activation:
      return "PENDING_ACTIVATION";
  }
  return "INACTIVE";
}

std::optional<CertificateStatus> certificate_status_from(std::string_view name) {
  for (auto status : {CertificateStatus::active, CertificateStatus::inactive, CertificateStatus::revoked,
                      CertificateStatus::pending_activation}) {
    if (name == name_of(status)) return status;
  }
  return std::nullopt;
}

std::string row(const Thing& thing) {
  return json::dump(json::object{{"id", thing.id},
                                 {"type", thing.type_name},
                                 {"billingGroup", thing.billing_group},
                                 {"attributes", attributes_json(thing.attributes)},
                                 {"version", thing.version}});
}

Result<Thing> thing_from(std::string_view name, std::string_view row) {
  auto members = read("thing", name, row);
  if (!members) return members.error();
  return Thing{.name = std::string(name),
               .id = text(*members, "id"),
               .type_name = text(*members, "type"),
               .billing_group = text(*members, "billingGroup"),
               .attributes = attributes_from(*members),
               .version = json::int_or(*members, "version", 1)};
}

std::string row(const ThingType& type) {
  json::array searchable(type.searchable_attributes.begin(), type.searchable_attributes.end());
  json::object members{{"id", type.id},
                       {"description", type.description},
                       {"searchable", std::move(searchable)},
                       {"created", type.created.ms}};
  if (type.deprecated) members["deprecated"] = type.deprecated->ms;
  return json::dump(members);
}

Result<ThingType> thing_type_from(std::string_view name, std::string_view row) {
  auto members = read("thing type", name, row);
  if (!members) return members.error();
  ThingType type{.name = std::string(name),
                 .id = text(*members, "id"),
                 .description = text(*members, "description"),
                 .created = time(*members, "created")};
  if (const json::value* searchable = json::find(*members, "searchable"); searchable && searchable->is_array()) {
    for (const json::value& attribute : searchable->get_array()) {
      if (attribute.is_string()) type.searchable_attributes.emplace_back(attribute.get_string());
    }
  }
  if (json::find(*members, "deprecated")) type.deprecated = time(*members, "deprecated");
  return type;
}

std::string row(const ThingGroup& group) {
  return json::dump(json::object{{"id", group.id},
                                 {"parent", group.parent},
                                 {"description", group.description},
                                 {"attributes", attributes_json(group.attributes)},
                                 {"created", group.created.ms},
                                 {"version", group.version}});
}

Result<ThingGroup> thing_group_from(std::string_view name, std::string_view row) {
  auto members = read("thing group", name, row);
  if (!members) return members.error();
  return ThingGroup{.name = std::string(name),
                    .id = text(*members, "id"),
                    .parent = text(*members, "parent"),
                    .description = text(*members, "description"),
                    .attributes = attributes_from(*members),
                    .created = time(*members, "created"),
                    .version = json::int_or(*members, "version", 1)};
}

std::string row(const RegisteredCertificate& certificate) {
  return json::dump(json::object{{"pem", certificate.pem},
                                 {"status", name_of(certificate.status)},
                                 {"sniOnly", certificate.sni_only},
                                 {"ca", certificate.ca_certificate_id},
                                 {"created", certificate.created.ms},
                                 {"modified", certificate.modified.ms},
                                 {"notBefore", certificate.not_before.ms},
                                 {"notAfter", certificate.not_after.ms},
                                 {"customerVersion", certificate.customer_version},
                                 {"generation", certificate.generation_id}});
}

Result<RegisteredCertificate> certificate_from(std::string_view id, std::string_view row) {
  auto members = read("certificate", id, row);
  if (!members) return members.error();
  const auto status = certificate_status_from(json::string_or(*members, "status", ""));
  if (!status) return unreadable("certificate", id);
  return RegisteredCertificate{.id = std::string(id),
                               .pem = text(*members, "pem"),
                               .status = *status,
                               .sni_only = json::bool_or(*members, "sniOnly", false),
                               .ca_certificate_id = text(*members, "ca"),
                               .created = time(*members, "created"),
                               .modified = time(*members, "modified"),
                               .not_before = time(*members, "notBefore"),
                               .not_after = time(*members, "notAfter"),
                               .customer_version = json::int_or(*members, "customerVersion", 1),
                               .generation_id = text(*members, "generation")};
}

std::string row(const RegisteredPolicy& policy) {
  json::array versions;
  for (const auto& [id, version] : policy.versions) {
    versions.push_back(json::object{{"id", id}, {"document", version.document}, {"created", version.created.ms}});
  }
  return json::dump(json::object{{"versions", std::move(versions)},
                                 {"default", policy.default_version},
                                 {"next", policy.next_version},
                                 {"created", policy.created.ms},
                                 {"modified", policy.modified.ms},
                                 {"generation", policy.generation_id}});
}

Result<RegisteredPolicy> policy_from(std::string_view name, std::string_view row) {
  auto members = read("policy", name, row);
  if (!members) return members.error();
  RegisteredPolicy policy{.name = std::string(name),
                          .default_version = static_cast<int>(json::int_or(*members, "default", 0)),
                          .next_version = static_cast<int>(json::int_or(*members, "next", 0)),
                          .created = time(*members, "created"),
                          .modified = time(*members, "modified"),
                          .generation_id = text(*members, "generation")};
  const json::value* versions = json::find(*members, "versions");
  if (!versions || !versions->is_array()) return unreadable("policy", name);
  for (const json::value& value : versions->get_array()) {
    if (!value.is_object()) return unreadable("policy", name);
    const json::object& version = value.get_object();
    policy.versions[static_cast<int>(json::int_or(version, "id", 0))] = {text(version, "document"),
                                                                         time(version, "created")};
  }
  const auto current = policy.versions.find(policy.default_version);
  if (current == policy.versions.end()) return unreadable("policy", name);
  auto compiled = identity::Policy::parse(policy.name, current->second.document);
  if (!compiled) return unreadable("policy", name);
  policy.compiled = std::make_shared<const identity::Policy>(std::move(*compiled));
  return policy;
}

std::string row(const Authorizer& authorizer) {
  json::object keys;
  for (const auto& [name, pem] : authorizer.token_signing_keys) keys[name] = pem;
  return json::dump(json::object{{"function", authorizer.function_arn},
                                 {"tokenKey", authorizer.token_key_name},
                                 {"keys", std::move(keys)},
                                 {"active", authorizer.active},
                                 {"signingDisabled", authorizer.signing_disabled},
                                 {"caching", authorizer.caching_for_http},
                                 {"created", authorizer.created.ms},
                                 {"modified", authorizer.modified.ms}});
}

// What is missing reads as the closed side: inactive, signed, without a key that could have signed.
Result<Authorizer> authorizer_from(std::string_view name, std::string_view row) {
  auto members = read("authorizer", name, row);
  if (!members) return members.error();
  Authorizer authorizer{.name = std::string(name),
                        .function_arn = text(*members, "function"),
                        .token_key_name = text(*members, "tokenKey"),
                        .active = json::bool_or(*members, "active", false),
                        .signing_disabled = json::bool_or(*members, "signingDisabled", false),
                        .caching_for_http = json::bool_or(*members, "caching", false),
                        .created = time(*members, "created"),
                        .modified = time(*members, "modified")};
  const json::value* keys = json::find(*members, "keys");
  if (!keys || !keys->is_object()) return unreadable("authorizer", name);
  for (const auto& [key, pem] : keys->get_object()) {
    if (!pem.is_string()) return unreadable("authorizer", name);
    authorizer.token_signing_keys.emplace(key, pem.get_string());
  }
  return authorizer;
}

}  // namespace croft::things
