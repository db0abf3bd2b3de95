#include "identity/certificate.h"
#include "services/iot/input.h"
#include "services/iot/iot.h"
#include "things/errors.h"

namespace croft::services::iot {

using things::CertificateStatus;

namespace {

// Subject of the certificates that AWS makes up itself.
constexpr std::string_view client_common_name = "AWS IoT Certificate";

CertificateStatus initial(bool active) {
  return active ? CertificateStatus::active : CertificateStatus::inactive;
}

CertificateStatus status_from(const std::string& name) {
  const auto status = things::certificate_status_from(name);
  if (!status || *status == CertificateStatus::pending_activation) {
    throw ApiError(things::invalid_request("The certificate status must be ACTIVE, INACTIVE or REVOKED"));
  }
  return *status;
}

// `status` wins over the older setAsActive.
CertificateStatus registration_status(const Input& in) {
  const std::string status = in.text("status");
  return status.empty() ? initial(in.flag("setAsActive")) : status_from(status);
}

Error invalid_certificate(std::string message) {
  return {"CertificateValidationException", std::move(message), 400};
}

json::object describe(const things::RegisteredCertificate& certificate, const things::Registry& registry) {
  json::object description{{"certificateArn", registry.certificate_arn(certificate.id)},
                           {"certificateId", certificate.id},
                           {"status", name_of(certificate.status)},
                           {"certificatePem", certificate.pem},
                           {"ownedBy", registry.instance().account_id},
                           {"creationDate", certificate.created.seconds()},
                           {"lastModifiedDate", certificate.modified.seconds()},
                           {"customerVersion", certificate.customer_version},
                           {"transferData", json::object()},
                           {"generationId", certificate.generation_id},
                           {"validity", json::object{{"notBefore", certificate.not_before.seconds()},
                                                     {"notAfter", certificate.not_after.seconds()}}},
                           {"certificateMode", certificate.sni_only ? "SNI_ONLY" : "DEFAULT"}};
  if (!certificate.ca_certificate_id.empty()) description["caCertificateId"] = certificate.ca_certificate_id;
  return description;
}

}  // namespace

Task<gateway::Reply> Iot::add_certificate(things::NewCertificate certificate, identity::IssuedCertificate issued) {
  const things::RegisteredCertificate added = registry_.add_certificate(std::move(certificate)).value();
  co_await registry_.durable();
  json::object output{{"certificateArn", registry_.certificate_arn(added.id)}, {"certificateId", added.id}};
  if (!issued.certificate_pem.empty()) output["certificatePem"] = issued.certificate_pem;
  if (!issued.private_key_pem.empty()) {
    output["keyPair"] = json::object{{"PublicKey", issued.public_key_pem}, {"PrivateKey", issued.private_key_pem}};
  }
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::create_keys_and_certificate(Call& call) {
  const CertificateStatus status = initial(Input(call).flag("setAsActive"));
  const identity::CertificateAuthority* authority = &authority_;
  auto issue = [authority] { return authority->issue_client(client_common_name, Timestamp::now()); };
  identity::IssuedCertificate issued = co_await pool_.run(std::move(issue));
  things::NewCertificate certificate{.certificate = identity::read_certificate(issued.certificate_pem).value(),
                                     .status = status};
  Reply reply = co_await add_certificate(std::move(certificate), std::move(issued));
  co_return reply;
}

Task<gateway::Reply> Iot::create_certificate_from_csr(Call& call) {
  const Input in(call);
  const std::string request = in.required("certificateSigningRequest");
  identity::IssuedCertificate issued = authority_.issue_from_request(request, Timestamp::now()).value();
  things::NewCertificate certificate{.certificate = identity::read_certificate(issued.certificate_pem).value(),
                                     .status = initial(in.flag("setAsActive"))};
  Reply reply = co_await add_certificate(std::move(certificate), std::move(issued));
  co_return reply;
}

// croft keeps no register of certificate authorities: the issuer is the one sent along, else croft's own.
Task<gateway::Reply> Iot::register_certificate(Call& call) {
  const Input in(call);
  const std::string pem = in.required("certificatePem");
  const std::string sent = in.text("caCertificatePem");
  const std::string& issuer = sent.empty() ? authority_.pem() : sent;
  const identity::Certificate read = identity::read_certificate(pem).value();
  const identity::Certificate issuer_read = identity::read_certificate(issuer).value();
  if (!identity::is_issued_by(pem, issuer)) {
    throw ApiError(invalid_certificate("The CA certificate did not sign the certificate, or is not registered."));
  }
  things::NewCertificate certificate{
      .certificate = read, .status = registration_status(in), .ca_certificate_id = issuer_read.id};
  Reply reply = co_await add_certificate(std::move(certificate), identity::IssuedCertificate());
  co_return reply;
}

Task<gateway::Reply> Iot::register_certificate_without_ca(Call& call) {
  const Input in(call);
  things::NewCertificate certificate{.certificate = identity::read_certificate(in.required("certificatePem")).value(),
                                     .status = registration_status(in),
                                     .sni_only = true};
  Reply reply = co_await add_certificate(std::move(certificate), identity::IssuedCertificate());
  co_return reply;
}

Task<gateway::Reply> Iot::describe_certificate(Call& call) {
  const auto certificate = registry_.describe_certificate(Input(call).required("certificateId")).value();
  co_return Reply{.output = {{"certificateDescription", describe(certificate, registry_)}}};
}

Task<gateway::Reply> Iot::update_certificate(Call& call) {
  const Input in(call);
  const std::string id = in.required("certificateId");
  registry_.set_certificate_status(id, status_from(in.required("newStatus"))).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::delete_certificate(Call& call) {
  const Input in(call);
  registry_.delete_certificate(in.required("certificateId"), in.flag("forceDelete")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::list_certificates(Call& call) {
  const auto page = registry_.certificates(Input(call).marker_page());
  json::array items;
  for (const auto& certificate : page.items) {
    items.push_back(json::object{{"certificateArn", registry_.certificate_arn(certificate.id)},
                                 {"certificateId", certificate.id},
                                 {"status", name_of(certificate.status)},
                                 {"certificateMode", certificate.sni_only ? "SNI_ONLY" : "DEFAULT"},
                                 {"creationDate", certificate.created.seconds()}});
  }
  json::object output{{"certificates", std::move(items)}};
  set_next(output, "nextMarker", page.next);
  co_return Reply{.output = std::move(output)};
}

}  // namespace croft::services::iot
