#include "text/digest.h"
#include "things/errors.h"
#include "things/limits.h"
#include "things/registry_change.h"
#include "things/rows.h"
#include "types/assert.h"

namespace croft::things {

Result<RegisteredCertificate> Registry::add_certificate(NewCertificate request) {
  const identity::Certificate& given = request.certificate;
  CROFT_ASSERT(check_certificate_id(given.id));
  if (given.pem.size() > limits::certificate_bytes_max) return invalid_request("The certificate is too long");
  Change change(*this);
  if (certificates_.contains(given.id)) {
    return already_exists("The certificate is already provisioned or registered", given.id,
                          certificate_arn(given.id));
  }
  const Timestamp now = Timestamp::now();
  RegisteredCertificate certificate{.id = given.id,
                                    .pem = given.pem,
                                    .status = request.status,
                                    .sni_only = request.sni_only,
                                    .ca_certificate_id = std::move(request.ca_certificate_id),
                                    .created = now,
                                    .modified = now,
                                    .not_before = given.not_before,
                                    .not_after = given.not_after,
                                    .generation_id = text::random_uuid()};
  change.batch.put(Family::registry, keys::of(keys::certificate, given.id), row(certificate));
  certificates_[given.id] = certificate;
  certificates_by_age_.insert(age_key(now, given.id));
  change.affect(given.id);
  change.commit();
  return certificate;
}

Result<RegisteredCertificate> Registry::describe_certificate(std::string_view id) const {
  auto id_is = check_certificate_id(id);
  if (!id_is) return id_is.error();
  std::shared_lock lock(mutex_);
  const auto at = certificates_.find(id);
  if (at == certificates_.end()) return not_found("Certificate", id);
  return at->second;
}

Result<void> Registry::set_certificate_status(std::string_view id, CertificateStatus status) {
  auto id_is = check_certificate_id(id);
  if (!id_is) return id_is.error();
  if (status == CertificateStatus::pending_activation) {
    return invalid_request("The status PENDING_ACTIVATION is set by the service only");
  }
  Change change(*this);
  const auto at = certificates_.find(id);
  if (at == certificates_.end()) return not_found("Certificate", id);
  RegisteredCertificate& certificate = at->second;
  if (certificate.status == status) return {};
  certificate.status = status;
  certificate.modified = Timestamp::now();
  ++certificate.customer_version;
  change.batch.put(Family::registry, keys::of(keys::certificate, id), row(certificate));
  change.affect(id);
  change.commit();
  return {};
}

Result<void> Registry::delete_certificate(std::string_view id, bool force) {
  auto id_is = check_certificate_id(id);
  if (!id_is) return id_is.error();
  Change change(*this);
  const auto at = certificates_.find(id);
  if (at == certificates_.end()) return not_found("Certificate", id);
  if (at->second.status == CertificateStatus::active) {
    return certificate_state("Certificate must be deactivated (not ACTIVE) before deletion. Id: " + std::string(id));
  }
  const std::string arn = certificate_arn(id);
  if (!principals_of_things_.left_of(arn).empty()) {
    return delete_conflict("Things must be detached before deletion (arn: " + arn + ")");
  }
  const Relation::Left policies = targets_of_policies_.left_of(arn);
  if (!policies.empty() && !force) {
    return delete_conflict("Certificate policies must be detached before deletion (arn: " + arn + ")");
  }
  for (const std::string& policy : policies) {
    targets_of_policies_.remove(policy, arn);
    change.batch.erase(Family::registry, keys::of(keys::policy_target, policy, arn));
  }
  change.batch.erase(Family::registry, keys::of(keys::certificate, id));
  certificates_by_age_.erase(age_key(at->second.created, id));
  change.affect(id);
  certificates_.erase(at);
  change.commit();
  return {};
}

Page<RegisteredCertificate> Registry::certificates(const PageRequest& request) const {
  std::shared_lock lock(mutex_);
  Page<RegisteredCertificate> page;
  std::string last;
  // False when the page was full before this one.
  const auto take = [&](const std::string& key) {
    if (page.items.size() == request.limit) {
      page.next = last;
      return false;
    }
    page.items.push_back(certificates_.find(std::string_view(key).substr(age_digits))->second);
    last = key;
    return true;
  };
  const auto& ages = certificates_by_age_;
  if (request.ascending) {
    auto at = request.after.empty() ? ages.begin() : ages.upper_bound(request.after);
    while (at != ages.end() && take(*at)) ++at;
  } else {
    auto at = request.after.empty() ? ages.end() : ages.lower_bound(request.after);
    while (at != ages.begin() && take(*std::prev(at))) --at;
  }
  return page;
}

}  // namespace croft::things
