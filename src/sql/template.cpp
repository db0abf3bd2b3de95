#include "sql/template.h"

#include <algorithm>

#include "sql/binder.h"
#include "sql/evaluator.h"
#include "sql/lexer.h"
#include "sql/parser.h"
#include "sql/simplifier.h"
#include "text/encoding.h"

namespace croft::sql {

struct Template::Parts {
  struct Part {
    std::string before;        // text kept as written
    ExpressionPtr expression;  // null after the last
    std::string source;        // for messages
  };
  std::vector<Part> parts;
  std::vector<std::string> variables;  // that the expressions name, in slot order
  std::vector<std::string_view> externals;
};

namespace {

// Every @name after a ${ that the query declares; the binder refuses the others.
std::vector<std::string> declared_variables(std::string_view text, const Query* query) {
  std::vector<std::string> names;
  if (!query) return names;
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    Token token = Lexer(text, at).next();
    if (token.kind != Token::Kind::variable || !query->declares(token.content)) continue;
    if (std::find(names.begin(), names.end(), token.content) == names.end()) names.push_back(token.content);
  }
  return names;
}

}  // namespace

Result<Template> Template::compile(std::string_view text, SqlVersion version, const Query* query) {
  Template result;
  result.text_ = std::make_shared<const std::string>(text);
  result.version_ = version;
  if (text.find("${") == std::string_view::npos) return result;
  if (text.size() > limits::sql_bytes_max || !text::is_utf8(text)) {
    return Error{"SqlParseException", "the substitution template is too long or not UTF-8"};
  }
  auto parts = std::make_shared<Parts>();
  parts->variables = declared_variables(text, query);
  std::size_t done = 0;
  for (std::size_t open = text.find("${"); open != std::string_view::npos; open = text.find("${", done)) {
    Result<TemplateExpression> parsed = parse_template_expression(text, open + 2, version);
    if (!parsed) return parsed.error();
    if (auto refused = bind_expression(*parsed->expression, version, parts->variables, text, parts->externals)) {
      return *refused;
    }
    simplify(parsed->expression, version);
    parts->parts.push_back({std::string(text.substr(done, open - done)), std::move(parsed->expression),
                            std::string(text.substr(open, parsed->end - open))});
    done = parsed->end;
  }
  parts->parts.push_back({std::string(text.substr(done)), nullptr, ""});
  result.parts_ = std::move(parts);
  return result;
}

const std::vector<std::string_view>& Template::externals() const {
  static const std::vector<std::string_view> none;
  return parts_ ? parts_->externals : none;
}

Result<std::string> Template::render(const Message& message, const Context& context,
                                     const Variables& variables) const {
  if (!parts_) return *text_;
  Evaluator evaluator(version_, message, context);
  for (const std::string& name : parts_->variables) {
    const auto found = std::find_if(variables.begin(), variables.end(),
                                    [&](const auto& variable) { return variable.first == name; });
    evaluator.add_variable(found == variables.end() ? Value() : found->second);
  }
  std::string out;
  for (const Parts::Part& part : parts_->parts) {
    out += part.before;
    if (!part.expression) break;
    const std::optional<std::string> text = to_text(evaluator.evaluate(*part.expression), version_);
    if (evaluator.failure()) return *evaluator.failure();
    if (!text) return Error{"InvalidRequestException", "the substitution template " + part.source + " is undefined"};
    out += *text;
    if (out.size() > limits::output_bytes_max) return Error{"InvalidRequestException", "the parameter is too long"};
  }
  return out;
}

}  // namespace croft::sql
