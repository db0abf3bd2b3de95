// The entries of the registry, as values.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "identity/policy.h"
#include "things/names.h"
#include "types/timestamp.h"

namespace croft::things {

struct Thing {
  std::string name;
  std::string id;  // UUID, new whenever the name is taken anew
  std::string type_name;
  std::string billing_group;
  Attributes attributes;
  std::int64_t version = 1;
};

struct ThingType {
  std::string name;
  std::string id;
  std::string description;
  std::vector<std::string> searchable_attributes;
  Timestamp created;
  std::optional<Timestamp> deprecated;
};

struct ThingGroup {
  std::string name;
  std::string id;
  std::string parent;  // "" at the top
  std::string description;
  Attributes attributes;
  Timestamp created;
  std::int64_t version = 1;
};

enum class CertificateStatus { active, inactive, revoked, pending_activation };

// ACTIVE, INACTIVE, REVOKED, PENDING_ACTIVATION.
std::string_view name_of(CertificateStatus status);
std::optional<CertificateStatus> certificate_status_from(std::string_view name);

struct RegisteredCertificate {
  std::string id;
  std::string pem;
  CertificateStatus status = CertificateStatus::inactive;
  bool sni_only = false;  // certificateMode SNI_ONLY
  std::string ca_certificate_id;
  Timestamp created;
  Timestamp modified;
  Timestamp not_before;
  Timestamp not_after;
  std::int64_t customer_version = 1;
  std::string generation_id;
};

struct RegisteredPolicy {
  struct Version {
    std::string document;
    Timestamp created;
  };
  std::string name;
  std::map<int, Version> versions;  // never empty
  int default_version = 1;
  int next_version = 2;
  Timestamp created;
  Timestamp modified;
  std::string generation_id;
  std::shared_ptr<const identity::Policy> compiled;  // the default version
};

// A custom authorizer: the function that judges connections which bring no certificate and no AWS signature.
struct Authorizer {
  std::string name;
  std::string function_arn;
  std::string token_key_name;                              // of the token in a connection's parameters
  std::map<std::string, std::string> token_signing_keys;  // name -> RSA public key (PEM); any of them may have signed
  bool active = true;
  bool signing_disabled = false;
  bool caching_for_http = false;
  Timestamp created;
  Timestamp modified;
};

// A thing's link to a principal, seen from either side.
struct Attachment {
  std::string name;  // principal ARN, or thing name
  bool exclusive = false;
};

}  // namespace croft::things
