// REST with XML documents: S3. Its operations write their own documents, since no two of them are alike.
#include "gateway/protocols/codec.h"
#include "gateway/protocols/xml_values.h"
#include "text/encoding.h"
#include "text/xml.h"

namespace croft::gateway {

namespace {

Result<const Operation*> decode(const HostedService& hosted, Call& call) {
  const RequestLine line = RequestLine::read(call.http);
  if (!line.is_utf8()) return Error{"InvalidURI", "Couldn't parse the specified URI.", 400};
  const auto routed = hosted.routed(line);
  if (!routed) {
    return Error{"MethodNotAllowed", "The specified method is not allowed against this resource.", 405,
                 json::dump(json::object{{"Method", call.http.method}})};
  }
  for (const identity::QueryParameter& parameter : line.query) call.input[parameter.name] = parameter.value;
  routed->route->read_labels(line, call.input);
  return routed->operation;
}

net::HttpResponse encode(const HostedService&, const Operation&, const Call& call, Reply reply) {
  net::HttpResponse response = answer_with_body(std::move(reply));
  response.headers.emplace_back("x-amz-request-id", call.request_id);
  return response;
}

// <Error> stands alone, with what was asked for. Answers to HEAD have no body.
net::HttpResponse encode_error(const HostedService&, const Call& call, const Error& error) {
  net::HttpResponse response{
      error.http_status, {{"x-amz-request-id", call.request_id}, {"content-type", "application/xml"}}, ""};
  if (call.http.method == "HEAD" || error.http_status == 304) return response;
  text::XmlWriter xml;
  xml.declaration().open("Error").element("Code", error.code).element("Message", error.message);
  write_xml_members(xml, details_of(error));
  const std::string path = text::percent_decode(call.http.path);
  xml.element("Resource", text::is_utf8(path) ? path : call.http.path).element("RequestId", call.request_id).close();
  response.body = xml.take();
  return response;
}

}  // namespace

const Codec rest_xml_codec = {decode, encode, encode_error};

}  // namespace croft::gateway
