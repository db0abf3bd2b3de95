#pragma once

#include "gateway/hosted_service.h"

namespace croft::gateway {

// One wire form: requests to Call::input, replies and errors to answers. One file for each protocol beside this one.
struct Codec {
  // The operation that is asked for, with call.input filled; UnknownOperationException or its like, or the
  // protocol's error for a document that cannot be read.
  Result<const Operation*> (*decode)(const HostedService&, Call&);
  net::HttpResponse (*encode)(const HostedService&, const Operation&, const Call&, Reply);
  net::HttpResponse (*encode_error)(const HostedService&, const Call&, const Error&);
};

const Codec& codec_of(Protocol protocol);

extern const Codec json_codec;  // JSON 1.0 and 1.1
extern const Codec rest_json_codec;
extern const Codec rest_xml_codec;  // S3
extern const Codec query_codec;

// What all protocols do: a reply that brought its own body.
net::HttpResponse answer_with_body(Reply reply);
// The members of Error::details, {} when it holds none.
json::object details_of(const Error& error);

}  // namespace croft::gateway
