#pragma once

#include "net/http.h"
#include "types/result.h"

namespace croft::remote {

// The error that a service answered with, whatever its protocol: code, message, HTTP status. An answer that tells no code
// gets HttpError. Sources: Smithy, "AWS JSON 1.0/1.1" and "AWS restJson1", operation error serialization; "AWS query" and
// "AWS restXml" for <Code> and <Message>.
Error error_of(const net::HttpResponse& answer);

// What an error means for the next try. Source: AWS SDKs and Tools Reference Guide, "Retry behavior": the codes that the
// standard mode takes for throttling and for a passing failure.
enum class Verdict { refused, throttled, transient };
Verdict verdict_on(const Error& error);

// Of an error that HttpClient gave: it may pass when it is tried again.
bool is_transient_connection_error(const Error& error);

}  // namespace croft::remote
