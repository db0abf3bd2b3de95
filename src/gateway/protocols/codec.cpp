#include "gateway/protocols/codec.h"

namespace croft::gateway {

const Codec& codec_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::json_1_0:
    case Protocol::json_1_1:
      return json_codec;
    case Protocol::rest_json:
      return rest_json_codec;
    case Protocol::rest_xml:
      return rest_xml_codec;
    case Protocol::query:
      return query_codec;
  }
  return json_codec;
}

net::HttpResponse answer_with_body(Reply reply) {
  net::HttpResponse response{reply.status, std::move(reply.headers), std::move(reply.body).value_or(std::string())};
  if (!reply.content_type.empty()) response.headers.emplace_back("content-type", std::move(reply.content_type));
  return response;
}

json::object details_of(const Error& error) {
  if (error.details.empty()) return {};
  auto parsed = json::parse(error.details);
  return parsed && parsed->is_object() ? std::move(parsed->get_object()) : json::object();
}

}  // namespace croft::gateway
