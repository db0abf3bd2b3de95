#include "sql/json_text.h"
#include "sql/value.h"
#include "text/json.h"

namespace croft::sql {
namespace {

class Writer {
 public:
  Writer(SqlVersion version, std::size_t bytes_max) : version_(version), bytes_max_(bytes_max) {}

  // False once the text is longer than allowed: shared parts can make a small value's text enormous.
  bool write(const Value& value) {
    switch (value.kind()) {
      case Value::Kind::undefined: break;
      case Value::Kind::null: out_ += "null"; break;
      case Value::Kind::boolean: out_ += value.as_boolean() ? "true" : "false"; break;
      case Value::Kind::number: value.as_number().append_to(out_, version_); break;
      case Value::Kind::string: append(value.as_string()); break;
      case Value::Kind::array: return write(value.as_array());
      case Value::Kind::object: return write(value.as_object());
    }
    return out_.size() <= bytes_max_;
  }

  std::string take() { return std::move(out_); }

 private:
  // Nearly all texts and names need no escape.
  void append(std::string_view text) {
    if (plain_bytes(text) != text.size()) return json::append_string(out_, text);
    out_ += '"';
    out_ += text;
    out_ += '"';
  }

  bool write(const Array& elements) {
    out_ += '[';
    bool first = true;
    for (const Value& element : elements) {
      if (!first) out_ += ',';
      first = false;
      if (!write(element)) return false;
    }
    out_ += ']';
    return out_.size() <= bytes_max_;
  }

  bool write(const Object& object) {
    out_ += '{';
    bool first = true;
    for (const auto& [name, member] : object.members()) {
      if (!first) out_ += ',';
      first = false;
      append(name);
      out_ += ':';
      if (!write(member)) return false;
    }
    out_ += '}';
    return out_.size() <= bytes_max_;
  }

  SqlVersion version_;
  std::size_t bytes_max_;
  std::string out_;
};

}  // namespace

std::optional<std::string> write_json(const Value& value, SqlVersion version, std::size_t bytes_max) {
  Writer writer(version, bytes_max);
  if (!writer.write(value)) return std::nullopt;
  return writer.take();
}

}  // namespace croft::sql
