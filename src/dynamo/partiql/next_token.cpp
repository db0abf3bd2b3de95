#include "dynamo/partiql/next_token.h"

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::dynamo::partiql {

namespace {

constexpr std::size_t digest_bytes = 16;

std::string short_digest(std::string_view bytes) { return text::sha256(bytes).substr(0, digest_bytes); }

Error invalid() { return validation_error("Invalid NextToken"); }

}  // namespace

// digest of the rest, digest of the request, {"read": n, "key": {...}}
std::string next_token(const Resume& resume, std::string_view request) {
  std::string rest = short_digest(request) + "{\"read\":" + std::to_string(resume.read);
  if (resume.start_key) {
    rest += ",\"key\":";
    append_json(rest, *resume.start_key);
  }
  rest += '}';
  return text::base64(short_digest(rest) + rest);
}

Result<Resume> resume_of(std::string_view token, std::string_view request) {
  const std::optional<std::string> bytes = text::from_base64(token);
  if (!bytes || bytes->size() < 2 * digest_bytes) return invalid();
  const std::string_view rest = std::string_view(*bytes).substr(digest_bytes);
  if (short_digest(rest) != bytes->substr(0, digest_bytes)) return invalid();
  if (rest.substr(0, digest_bytes) != short_digest(request)) return validation_error("NextToken does not match request");
  const Result<json::value> document = json::parse(rest.substr(digest_bytes));
  if (!document || !document->is_object()) return invalid();
  Resume out;
  const std::int64_t read = json::int_or(document->get_object(), "read", -1);
  if (read < 0) return invalid();
  out.read = static_cast<std::size_t>(read);
  if (const json::value* key = json::find(document->get_object(), "key")) {
    Result<Item> item = dynamo::item(*key);
    if (!item) return invalid();
    out.start_key = *std::move(item);
  }
  return out;
}

}  // namespace croft::dynamo::partiql
