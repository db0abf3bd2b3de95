// The Query protocol: a form with Action and Version in, XML out. CloudFormation, IAM, STS.
#include "gateway/protocols/codec.h"
#include "gateway/protocols/flat_members.h"
#include "gateway/protocols/form.h"
#include "gateway/protocols/xml_values.h"
#include "text/encoding.h"
#include "text/xml.h"

namespace croft::gateway {

namespace {

Result<const Operation*> decode(const HostedService& hosted, Call& call) {
  auto form = read_form(call.http.method == "POST" ? call.http.body : call.http.query);
  if (!form) return form.error();
  const std::string action(json::string_or(*form, "Action", ""));
  const std::string version(json::string_or(*form, "Version", ""));
  if (action.empty()) return Error{"MissingAction", "The request is missing an action.", 400};
  const Operation* operation = hosted.operation(action);
  if (!operation || (!version.empty() && version != hosted.service().target_prefix)) {
    return Error{"InvalidAction",
                 "Could not find operation " + text::printable(action) + " for version " +
                     text::printable(version.empty() ? "NO_VERSION_SPECIFIED" : version),
                 400};
  }
  form->erase("Action");
  form->erase("Version");
  const Service& service = hosted.service();
  call.input = service.flat_inputs.empty() ? std::move(*form) : read_flat_members(*form, service, action);
  return operation;
}

net::HttpResponse encode(const HostedService& hosted, const Operation& operation, const Call& call, Reply reply) {
  if (reply.body) return answer_with_body(std::move(reply));
  text::XmlWriter xml;
  xml.open(operation.name + "Response", hosted.service().xml_namespace).open(operation.name + "Result");
  const Service& service = hosted.service();
  if (service.flat_outputs.empty()) write_xml_members(xml, reply.output);
  else write_flat_members(xml, reply.output, service, operation.name);
  xml.close().open("ResponseMetadata").element("RequestId", call.request_id).close().close();
  net::HttpResponse response{reply.status, std::move(reply.headers), xml.take()};
  response.headers.emplace_back("content-type", "text/xml");
  return response;
}

net::HttpResponse encode_error(const HostedService& hosted, const Call& call, const Error& error) {
  text::XmlWriter xml;
  xml.open("ErrorResponse", hosted.service().xml_namespace).open("Error");
  xml.element("Type", error.http_status >= 500 ? "Receiver" : "Sender");
  const QueryError* row = hosted.service().query_error(error.code);
  xml.element("Code", row ? row->query_code : error.code);
  xml.element("Message", row && !row->message.empty() ? row->message : error.message);
  write_xml_members(xml, details_of(error));
  if (!hosted.service().query_errors.empty()) xml.element("Detail", "");  // SQS has it, empty
  xml.close().element("RequestId", call.request_id).close();
  return {error.http_status, {{"content-type", "text/xml"}}, xml.take()};
}

}  // namespace

const Codec query_codec = {decode, encode, encode_error};

}  // namespace croft::gateway
