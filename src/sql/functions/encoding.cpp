// encode, decode and the digests.
#include "sql/functions/function.h"
#include "sql/functions/md2.h"
#include "sql/protobuf.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

std::string check_scheme(Call& call) {
  const std::string* scheme = string_literal(call, 1);
  if (!scheme) return "the scheme of " + call.name + " must be a string literal";
  const bool is_protobuf = *scheme == "proto";
  if (is_protobuf && call.name == "encode") return "encode knows no 'proto'";
  call.asks_external = is_protobuf && call.arguments.size() == 6;
  return "";
}

bool is_base64(const Invocation& in) { return in[1].is_string() && in[1].as_string() == "base64"; }

Value encode(const Invocation& in) {
  const std::optional<std::string> bytes = in.text(0);
  return bytes && is_base64(in) ? Value::string(text::base64(*bytes)) : Value();
}

// The bytes of decode's first argument for 'proto': `*` is the payload itself, anything else base64.
std::optional<std::string> protobuf_bytes(const Invocation& in) {
  if (!in[0].is_string()) return std::nullopt;
  if (std::holds_alternative<Star>(in.call.arguments[0]->node)) return in[0].as_string();
  std::optional<std::string> bytes = text::from_base64(in[0].as_string());
  if (!bytes) in.evaluator.fail({"RuleExecutionFailure", "decode: the protobuf payload is not base64"});
  return bytes;
}

Value fail(const Invocation& in, Error error) {
  in.evaluator.fail(std::move(error));
  return Value();
}

Value decode_protobuf(const Invocation& in) {
  for (std::size_t i = 2; i < 6; ++i) {
    if (!in[i].is_string()) return fail(in, {"RuleExecutionFailure", "decode: bad arguments"});
  }
  const std::optional<std::string> bytes = protobuf_bytes(in);
  const External* source = in.evaluator.context().external;
  if (!source) return fail(in, {"RuleExecutionFailure", "decode of protobuf is not available here"});
  if (!bytes || !in.evaluator.charge(bytes->size())) return Value();
  const auto schema = source->protobuf_schema(in[2].as_string(), in[3].as_string());
  if (!schema) return fail(in, schema.error());
  Result<Value> message = (*schema)->decode(in[4].as_string(), in[5].as_string(), *bytes);
  return message ? std::move(*message) : fail(in, message.error());
}

// The document when the bytes are JSON, otherwise the text; Null for what is neither.
Value decode(const Invocation& in) {
  if (in.call.asks_external) return decode_protobuf(in);
  if (in.size() != 2) return Value();
  const std::optional<std::string> encoded = in.text(0);
  if (!encoded || !is_base64(in)) return Value();
  std::optional<std::string> bytes = text::from_base64(*encoded);
  if (!bytes || !text::is_utf8(*bytes)) return Value::null();
  if (std::optional<Value> document = read_json(*bytes)) return *document;
  return Value::string(std::move(*bytes));
}

Value hex_digest(const Invocation& in) {
  const std::optional<std::string> bytes = in.text(0);
  if (!bytes) return Value();
  const std::string& name = in.call.name;
  return Value::string(text::hex(name == "md2" ? md2(*bytes) : text::digest(name.c_str(), *bytes)));
}

constexpr SqlVersion v2015 = SqlVersion::v2015_10_08;
constexpr SqlVersion v2016 = SqlVersion::v2016_03_23;

constexpr Function rows[] = {
    {"encode", 2, 2, v2016, encode, check_scheme, true},
    {"decode", 2, 6, v2016, decode, check_scheme, true},
    {"md2", 1, 1, v2015, hex_digest},
    {"md5", 1, 1, v2015, hex_digest},
    {"sha1", 1, 1, v2015, hex_digest},
    {"sha224", 1, 1, v2015, hex_digest},
    {"sha256", 1, 1, v2015, hex_digest},
    {"sha384", 1, 1, v2015, hex_digest},
    {"sha512", 1, 1, v2015, hex_digest},
};

}  // namespace

std::span<const Function> encoding_functions() { return rows; }

}  // namespace croft::sql
