#include "app/admission.h"

#include <mutex>

#include "app/policy_rights.h"
#include "console/page_principal.h"
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

// Those of the console's page: all of them for an admin, those to listen for the role read-only, while the session lasts. To take
// a share of others' messages is no listening.
class PageRights final : public broker::Rights {
 public:
  struct Page {
    console::PagePrincipal who;
    std::string principal, client_id, address;
  };
  PageRights(const Instance& instance, const console::Sessions& sessions, Refusals& refusals, Page page)
      : instance_(instance), sessions_(sessions), refusals_(refusals), page_(std::move(page)) {}

  bool may_publish(std::string_view topic, bool) const override {
    return is_admin() || refuse("iot:Publish", "topic/" + std::string(topic));
  }
  bool may_subscribe(std::string_view filter) const override {
    return is_admin() || !filter.starts_with("$share/") || refuse("iot:Subscribe", "topicfilter/" + std::string(filter));
  }
  bool may_receive(std::string_view, std::string_view) const override { return true; }
  bool may_stay() const override { return sessions_.is_live(page_.who.session, page_.who.role); }

 private:
  bool is_admin() const { return page_.who.role == console::Role::admin; }
  bool refuse(const char* action, const std::string& resource) const {
    refusals_.add(page_.client_id, {.action = action,
                                    .resource = instance_.arn("iot", resource),
                                    .principal = page_.principal,
                                    .address = page_.address,
                                    .why = "the console's role read-only does not allow it"});
    return false;
  }

  const Instance& instance_;
  const console::Sessions& sessions_;
  Refusals& refusals_;
  const Page page_;
};

}  // namespace

// Whoever may only listen must not end another client's connection by its name.
void Admission::judge_signed(const net::Peer& peer, const mqtt::Connect& connect, Verdict& verdict) const {
  verdict.principal = peer.principal;
  auto page = console::page_principal(registry_.instance(), peer.principal);
  if (!page) return;
  const bool is_own_name = page->role == console::Role::admin || connect.client_id.starts_with(console::page_client_prefix);
  if (!is_own_name) {
    verdict.reason = mqtt::ReasonCode::not_authorized;
    verdict.why = "the console's role read-only connects as " + std::string(console::page_client_prefix) + "…";
    return;
  }
  PageRights::Page whose{std::move(*page), peer.principal, connect.client_id, peer.address};
  verdict.rights = std::make_shared<PageRights>(registry_.instance(), sessions_, refusals_.clients, std::move(whose));
}

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
    judge_signed(peer, connect, verdict);
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
