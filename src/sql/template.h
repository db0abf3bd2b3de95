#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/query.h"

namespace croft::sql {

struct Expression;  // syntax.h

// An action parameter with ${expression} parts, which see the original message (not the output of SELECT).
// Immutable; copies share the trees. Threads: any.
class Template {
 public:
  // SqlParseException with line and column for an expression that cannot work. `query` declares the SET variables
  // that may be named; without one there are none.
  static Result<Template> compile(std::string_view text, SqlVersion version, const Query* query = nullptr);

  // No ${: render() gives the text itself and nothing else is needed.
  bool is_constant() const { return parts_ == nullptr; }
  // The text as written.
  const std::string& text() const { return *text_; }
  bool calls_external() const { return !externals().empty(); }
  // As Query::externals().
  const std::vector<std::string_view>& externals() const;

  // The text with every part replaced by its To String. InvalidRequestException when a part is Undefined or Null
  // (AWS documents nothing; writing "undefined" into a key or topic would be worse). `variables` come from
  // Output::variables() of the same message.
  Result<std::string> render(const Message& message, const Context& context, const Variables& variables = {}) const;

 private:
  struct Parts;
  std::shared_ptr<const std::string> text_;
  std::shared_ptr<const Parts> parts_;
  SqlVersion version_ = SqlVersion::v2016_03_23;
};

}  // namespace croft::sql
