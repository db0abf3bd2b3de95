// A device shadow as a value: what an update does to it, and the documents that AWS makes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "text/json.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::things {

// One section, desired or reported. Empty: the document has no such section.
struct ShadowSection {
  json::object state;
  json::object metadata;  // in the form of the state, {"timestamp": seconds} in place of each value
};

struct Shadow {
  std::int64_t version = 0;      // of the last update; goes on after a deletion
  std::int64_t timestamp_s = 0;  // of the last change
  bool is_deleted = false;       // nothing but the version is left
  ShadowSection desired, reported;
};

// The body of UpdateThingShadow, or of a message on .../shadow/update.
struct ShadowUpdate {
  json::object state;                   // as it came: members desired and reported, null where a section is to go
  std::optional<std::int64_t> version;  // that the shadow must have
  std::optional<std::string> client_token;
};

// Reads an update. The errors are those of the Device Shadow service, their code a number in `details`.
// Source: AWS IoT developer guide, "Device Shadow service documents", "Device Shadow error messages".
Result<ShadowUpdate> read_shadow_update(std::string_view body);
// The client token of any request that is a JSON object with one; used for answers that refuse it too.
std::optional<std::string> shadow_client_token(std::string_view body);

// The shadow after an update; `current` has version 0 when there was none. Members are merged, null removes one, arrays
// are replaced; an empty object counts as none, as in AWS's Greengrass shadow manager.
// Errors: ConflictException for another version than the update's, RequestEntityTooLargeException.
Result<Shadow> updated(const Shadow& current, const ShadowUpdate& update, Timestamp now);

// What desired has and reported has not, or has otherwise.
ShadowSection shadow_delta(const Shadow& shadow);

using ClientToken = std::optional<std::string>;
// GetThingShadow and .../get/accepted.
json::object shadow_document(const Shadow& shadow, const ClientToken& token, Timestamp now);
// .../update/accepted: of the update alone.
json::object accepted_document(const ShadowUpdate& update, const Shadow& after, Timestamp now);
// .../update/delta; only of a delta that is not empty.
json::object delta_document(const ShadowSection& delta, const Shadow& after, const ClientToken& token, Timestamp now);
// .../update/documents.
json::object documents_document(const Shadow& before, const Shadow& after, const ClientToken& token, Timestamp now);
// DeleteThingShadow and .../delete/accepted.
json::object deleted_document(const Shadow& deleted, const ClientToken& token, Timestamp now);
// .../rejected, and the body of a refused HTTP request.
json::object rejected_document(const Error& error, const ClientToken& token);

// A shadow as a stored row, and back. StoreFormat.
std::string row(const Shadow& shadow);
Result<Shadow> shadow_from(std::string_view row);

// Errors of the Device Shadow service.
Error shadow_invalid(std::string message);      // 400
Error shadow_not_found(std::string_view name);  // 404
Error shadow_conflict();                        // 409
Error shadow_too_large();                       // 413
Error shadow_encoding();                        // 415

}  // namespace croft::things
