#include "app/admission.h"

#include <mutex>

#include "identity/certificate.h"
#include "things/connection_variables.h"

namespace croft::app {

namespace {

// The rights that a certificate's policies give to one connection. A change of the registry is seen by the next
// question: the revision is compared, and the policies are fetched again when it moved.
class PolicyRights final : public broker::Rights {
 public:
  PolicyRights(const things::Registry& registry, std::string certificate_id, std::string client_id, identity::PolicyVariables variables)
      : registry_(registry), certificate_id_(std::move(certificate_id)), client_id_(std::move(client_id)) {
    snapshot_.variables = std::make_shared<const identity::PolicyVariables>(std::move(variables));
  }

  bool allows(std::string_view action, std::string_view resource) const {
    const std::string arn = registry_.instance().arn("iot", resource);
    const Snapshot now = current();
    return now.policies->decide({action, arn, *now.variables}).allowed();
  }
  bool may_connect() const { return allows("iot:Connect", "client/" + client_id_); }
  bool may_publish(std::string_view topic, bool retain) const override {
    const std::string resource = "topic/" + std::string(topic);
    return allows("iot:Publish", resource) && (!retain || allows("iot:RetainPublish", resource));
  }
  bool may_subscribe(std::string_view filter) const override { return allows("iot:Subscribe", "topicfilter/" + std::string(filter)); }
  bool may_receive(std::string_view topic) const override { return allows("iot:Receive", "topic/" + std::string(topic)); }
  bool may_stay() const override {
    const auto certificate = registry_.certificate(certificate_id_);
    return certificate && certificate->status == things::CertificateStatus::active;
  }

 private:
  struct Snapshot {
    std::shared_ptr<const identity::PolicySet> policies;
    std::shared_ptr<const identity::PolicyVariables> variables;
  };

  Snapshot current() const {
    const std::uint64_t revision = registry_.revision();
    std::lock_guard lock(mutex_);
    if (!snapshot_.policies || revision != revision_) {
      snapshot_.policies =
          may_stay() ? registry_.policies_of(certificate_id_, client_id_) : std::make_shared<const identity::PolicySet>();
      if (snapshot_.policies->mentions_certificate() && !has_certificate_variables_) read_certificate();
      revision_ = revision;
    }
    return snapshot_;
  }

  // Only when a policy asks: reading a certificate costs as much as a sixth of a TLS handshake.
  void read_certificate() const {
    auto variables = std::make_shared<identity::PolicyVariables>(*snapshot_.variables);
    if (const auto certificate = registry_.describe_certificate(certificate_id_))
      identity::set_certificate_variables(certificate->pem, *variables);
    snapshot_.variables = std::move(variables);
    has_certificate_variables_ = true;
  }

  const things::Registry& registry_;
  const std::string certificate_id_;
  const std::string client_id_;
  mutable std::mutex mutex_;
  mutable Snapshot snapshot_;
  mutable bool has_certificate_variables_ = false;
  mutable std::uint64_t revision_ = 0;
};

identity::PolicyVariables variables_of(const things::Registry& registry, const net::Peer& peer, const mqtt::Connect& connect) {
  identity::PolicyVariables variables = things::connection_variables(
      registry, {.certificate_id = peer.certificate->id, .client_id = connect.client_id, .source_ip = peer.address});
  std::vector<std::string> attributes;
  if (!connect.clean_start) attributes.push_back("PersistentConnect");
  if (connect.will) {
    attributes.push_back("LastWill");
    variables.set("iot:LastWillTopic", registry.instance().arn("iot", "topic/" + connect.will->topic));
  }
  if (!attributes.empty()) variables.set("iot:ConnectAttributes", std::move(attributes));
  return variables;
}

}  // namespace

bool Admission::is_active(const net::ClientCertificate& certificate) const {
  const auto facts = registry_.certificate(certificate.id);
  return facts && facts->status == things::CertificateStatus::active;
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
  if (!peer.certificate || !is_active(*peer.certificate)) {
    verdict.why = "the certificate is not registered or not ACTIVE";
    return verdict;
  }
  verdict.principal = peer.certificate->id;
  verdict.thing_name = registry_.exclusive_thing(peer.certificate->id).value_or("");
  auto rights = std::make_shared<PolicyRights>(registry_, peer.certificate->id, connect.client_id, variables_of(registry_, peer, connect));
  if (!rights->may_connect()) {
    verdict.why = "no policy of certificate " + peer.certificate->id + " allows iot:Connect as this client id";
    return verdict;
  }
  verdict.rights = std::move(rights);
  verdict.reason = mqtt::ReasonCode::success;
  return verdict;
}

Task<broker::Authority::Verdict> Admission::admit(const net::Peer& peer, const mqtt::Connect& connect) const {
  co_return judge(peer, connect);
}

}  // namespace croft::app
