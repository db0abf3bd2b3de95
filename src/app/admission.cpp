#include "app/admission.h"

#include <mutex>

#include "app/policy_rights.h"
#include "identity/certificate.h"
#include "observe/log.h"

namespace croft::app {

namespace {

// The rights that a certificate's policies give to one connection. A change of the registry is seen by the next
// question: the revision is compared, and the policies are fetched again when it moved.
class CertificateRights final : public PolicyRights {
 public:
  CertificateRights(const things::Registry& registry, Refusals& refusals, std::string certificate_id, std::string client_id,
                    std::string address, identity::PolicyVariables variables)
      : PolicyRights(registry.instance(), refusals, {std::move(certificate_id), std::move(client_id), std::move(address)}),
        registry_(registry) {
    rules_.variables = std::make_shared<const identity::PolicyVariables>(std::move(variables));
  }

  bool may_stay() const override {
    const auto certificate = registry_.certificate(who().principal);
    return certificate && certificate->status == things::CertificateStatus::active;
  }

 private:
  Rules rules() const override {
    const std::uint64_t revision = registry_.revision();
    std::lock_guard lock(mutex_);
    if (!rules_.policies || revision != revision_) {
      rules_.policies =
          may_stay() ? registry_.policies_of(who().principal, who().client_id) : std::make_shared<const identity::PolicySet>();
      if (rules_.policies->mentions_certificate() && !has_certificate_variables_) read_certificate();
      revision_ = revision;
    }
    return rules_;
  }

  // Only when a policy asks: reading a certificate costs as much as a sixth of a TLS handshake.
  void read_certificate() const {
    auto variables = std::make_shared<identity::PolicyVariables>(*rules_.variables);
    if (const auto certificate = registry_.describe_certificate(who().principal))
      identity::set_certificate_variables(certificate->pem, *variables);
    rules_.variables = std::move(variables);
    has_certificate_variables_ = true;
  }

  const things::Registry& registry_;
  mutable std::mutex mutex_;
  mutable Rules rules_;
  mutable bool has_certificate_variables_ = false;
  mutable std::uint64_t revision_ = 0;
};

}  // namespace

// Nothing for a registered certificate that is ACTIVE, else what is wrong with it.
std::string Admission::fault_of(const net::ClientCertificate& certificate) const {
  const auto facts = registry_.certificate(certificate.id);
  if (!facts) return "the certificate is not registered";
  if (facts->status != things::CertificateStatus::active)
    return "the certificate is " + std::string(things::name_of(facts->status));
  return {};
}

bool Admission::is_active(const net::ClientCertificate& certificate) const {
  std::string fault = fault_of(certificate);
  if (fault.empty()) return true;
  Refusal refusal{.action = "TLS", .principal = certificate.id, .why = std::move(fault)};
  if (refusals_.certificates.add(certificate.id, refusal))
    log::info("app", "refused a TLS handshake with certificate " + certificate.id + ": " + refusal.why);
  return false;
}

broker::Authority::Verdict Admission::judge(const net::Peer& peer, const mqtt::Connect& connect) const {
  Verdict verdict;
  if (!peer.principal.empty()) {
    verdict.principal = peer.principal;
    return verdict;
  }
  if (!peer.tls) {
    verdict.principal = "anonymous";
    return verdict;
  }
  verdict.reason = mqtt::ReasonCode::not_authorized;
  verdict.why = peer.certificate ? fault_of(*peer.certificate) : "no client certificate was presented";
  if (!verdict.why.empty()) {
    refusals_.clients.add(connect.client_id, {.action = "iot:Connect",
                                              .resource = registry_.instance().arn("iot", "client/" + connect.client_id),
                                              .principal = peer.certificate ? peer.certificate->id : std::string(),
                                              .address = peer.address,
                                              .why = verdict.why});
    return verdict;
  }
  verdict.principal = peer.certificate->id;
  verdict.thing_name = registry_.exclusive_thing(peer.certificate->id).value_or("");
  auto rights = std::make_shared<CertificateRights>(registry_, refusals_.clients, peer.certificate->id, connect.client_id,
                                                    peer.address, variables_of(registry_, peer, connect));
  if (const auto refusal = rights->refusal_of_connect()) {
    verdict.why = "iot:Connect for certificate " + peer.certificate->id + ": " + refusal->sentence();
    return verdict;
  }
  verdict.rights = std::move(rights);
  verdict.reason = mqtt::ReasonCode::success;
  return verdict;
}

Task<broker::Authority::Verdict> Admission::admit(const net::Peer& peer, const mqtt::Connect& connect) const {
  if (!CustomAuthorizers::judges(peer, connect)) co_return judge(peer, connect);
  Verdict verdict = co_await authorizers_.admit(peer, connect);
  co_return verdict;
}

}  // namespace croft::app
