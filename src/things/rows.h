#pragma once

#include <string>
#include <string_view>

#include "things/records.h"
#include "types/result.h"

namespace croft::things {

// Rows of Family::registry: "<kind>/<name>" -> JSON. The readers refuse what croft did not write (StoreFormat); the
// name comes from the key.
std::string row(const Thing& thing);
std::string row(const ThingType& type);
std::string row(const ThingGroup& group);
std::string row(const RegisteredCertificate& certificate);
std::string row(const RegisteredPolicy& policy);
std::string row(const Authorizer& authorizer);

Result<Thing> thing_from(std::string_view name, std::string_view row);
Result<ThingType> thing_type_from(std::string_view name, std::string_view row);
Result<ThingGroup> thing_group_from(std::string_view name, std::string_view row);
Result<RegisteredCertificate> certificate_from(std::string_view id, std::string_view row);
Result<RegisteredPolicy> policy_from(std::string_view name, std::string_view row);
Result<Authorizer> authorizer_from(std::string_view name, std::string_view row);

}  // namespace croft::things
