#include <array>

#include "dynamo/attribute_json.h"
#include "dynamo/expressions/condition.h"
#include "dynamo/expressions/parser.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

using Kind = Condition::Kind;

constexpr std::string_view keywords[] = {"AND", "OR", "NOT", "BETWEEN", "IN"};

struct Function {
  std::string_view name;
  Kind kind;
  std::size_t operands;
};
constexpr Function functions[] = {
    {"attribute_exists", Kind::attribute_exists, 1}, {"attribute_not_exists", Kind::attribute_not_exists, 1},
    {"attribute_type", Kind::attribute_type, 2},     {"begins_with", Kind::begins_with, 2},
    {"contains", Kind::contains, 2},
};
constexpr std::string_view size_function = "size";
constexpr std::string_view redundant_parentheses = "The expression has redundant parentheses;";

std::string misused(std::string_view function) {
  return "The function is not allowed to be used this way in an expression; function: " + std::string(function);
}

std::optional<Kind> comparator(const Token& token) {
  for (Kind kind : {Kind::equal, Kind::not_equal, Kind::less, Kind::less_equal, Kind::greater, Kind::greater_equal}) {
    if (token.is(operator_name(kind))) return kind;
  }
  return std::nullopt;
}

// As messages print a value: AttributeValue: {S:b}
std::string shown(const AttributeValue& value) {
  std::string text = "{" + std::string(type_name(value.type())) + ":";
  if (const std::string* s = value.get<std::string>()) text += *s;
  else if (const Number* n = value.get<Number>()) text += n->text();
  else append_json(text, value);
  return "AttributeValue: " + text + "}";
}

// What a parenthesis may hold: a condition, or an operand whose operator is still to come.
struct Term {
  std::optional<Operand> operand;
  Condition condition;
  std::string_view function;  // when it is nothing but a function's call
  bool grouped = false;       // when it is nothing but a pair of parentheses
};

// Precedence, strongest first: comparison, NOT, AND, OR. A parenthesis may begin an operand or a condition, so every
// level hands on operands as they are and condition() refuses the ones that stay alone.
class ConditionParser : Parser {
 public:
  ConditionParser(std::string_view kind, std::string_view text, Placeholders& placeholders)
      : Parser(kind, text, keywords, placeholders), checks_parentheses_(kind != "KeyConditionExpression") {}

  Result<Condition> parse() {
    Condition parsed = condition(disjunction());
    const Result<void> finished = finish();
    if (!finished) return finished.error();
    return parsed;
  }

 private:
  Condition condition(Term term);
  Term disjunction() { return joined(Kind::any, "OR", &ConditionParser::conjunction); }
  Term conjunction() { return joined(Kind::all, "AND", &ConditionParser::negation); }
  Term joined(Kind kind, std::string_view keyword, Term (ConditionParser::*part)());
  Term negation();
  Term comparison();
  Term primary();
  Term group();
  Term call();

  Operand operand(Term term);
  Operand next_operand() { return operand(primary()); }
  Condition compared(Kind kind, Operand left);
  Condition between(Operand left);
  Condition in(Operand left);

  std::vector<Operand> arguments(std::string_view function);
  void check_call(const Function& function, const std::vector<Operand>& arguments);
  void check_distinct(Kind kind, const std::vector<Operand>& operands);
  void check_comparable(Kind kind, const Operand& operand);
  void check_bounds(const Operand& lower, const Operand& upper);
  void note_operand_type(std::string_view name, Type type);

  const bool checks_parentheses_;
};

Condition ConditionParser::condition(Term term) {
  if (!term.operand) return std::move(term.condition);
  if (term.operand->size) {
    note(Fault::misused_function, misused(size_function));
    return {};
  }
  syntax_error();
  return {};
}

Term ConditionParser::joined(Kind kind, std::string_view keyword, Term (ConditionParser::*part)()) {
  Term first = (this->*part)();
  if (!peek().is(keyword)) return first;
  Condition all{kind, {}, {}};
  all.children.push_back(condition(std::move(first)));
  while (accept(keyword)) {
    count_operator();
    all.children.push_back(condition((this->*part)()));
  }
  return {std::nullopt, std::move(all), {}, false};
}

Term ConditionParser::negation() {
  if (!peek().is("NOT")) return comparison();
  take();
  count_operator();
  Condition negated{Kind::none, {}, {}};
  if (enter(redundant_parentheses)) negated.children.push_back(condition(negation()));
  leave();
  return {std::nullopt, std::move(negated), {}, false};
}

Term ConditionParser::comparison() {
  Term left = primary();
  const std::optional<Kind> kind = comparator(peek());
  if (!kind && !peek().is("BETWEEN") && !peek().is("IN")) {
    if (!left.function.empty()) end_condition();
    return left;
  }
  if (!left.operand && left.function.empty()) {
    syntax_error();
    return left;
  }
  count_operator();
  const Token token = take();
  Condition compared = kind                  ? this->compared(*kind, operand(std::move(left)))
                       : token.is("BETWEEN") ? between(operand(std::move(left)))
                                             : in(operand(std::move(left)));
  end_condition();
  return {std::nullopt, std::move(compared), {}, false};
}

Term ConditionParser::primary() {
  if (peek().is("(")) return group();
  if (at_function()) return call();
  Term term;
  if (peek().kind == Token::Kind::value_placeholder) term.operand = Operand::of(value());
  else term.operand = Operand::of(path());
  return term;
}

Term ConditionParser::group() {
  expect("(");
  Term inner;
  if (enter(redundant_parentheses)) inner = disjunction();
  leave();
  expect(")");
  if (inner.grouped && checks_parentheses_) note(Fault::parentheses, std::string(redundant_parentheses));
  inner.grouped = true;
  return inner;
}

Term ConditionParser::call() {
  const std::string_view name = take().text;
  std::vector<Operand> operands = arguments(name);
  count_operator();
  Term term;
  if (failed()) return term;
  if (name == size_function) {
    check_call({size_function, Kind::all, 1}, operands);
    term.operand = std::move(operands.front());
    term.operand->size = true;
    return term;
  }
  for (const Function& function : functions) {
    if (name != function.name) continue;
    check_call(function, operands);
    operands.resize(function.operands, Operand::of(std::make_shared<const AttributeValue>()));
    term.condition = {function.kind, {}, std::move(operands)};
    term.function = function.name;
    return term;
  }
  const bool of_updates = name == "if_not_exists" || name == "list_append";
  note(Fault::unknown_function,
       of_updates ? "The function is not allowed in a condition expression; function: " + std::string(name)
                  : "Invalid function name; function: " + std::string(name));
  term.function = name;
  return term;
}

std::vector<Operand> ConditionParser::arguments(std::string_view function) {
  std::vector<Operand> operands;
  expect("(");
  if (enter(misused(function))) {
    do operands.push_back(next_operand());
    while (accept(","));
  }
  leave();
  expect(")");
  return operands;
}

// A condition where an operand must be: a function that has no value, or a syntax error.
Operand ConditionParser::operand(Term term) {
  if (term.operand) return *std::move(term.operand);
  if (term.function.empty()) syntax_error();
  else {
    note(Fault::misused_function, misused(term.function));
  }
  return Operand::of(std::make_shared<const AttributeValue>());
}

Condition ConditionParser::compared(Kind kind, Operand left) {
  Condition out{kind, {}, {}};
  out.operands.push_back(std::move(left));
  out.operands.push_back(next_operand());
  check_distinct(kind, out.operands);
  for (const Operand& operand : out.operands) check_comparable(kind, operand);
  return out;
}

Condition ConditionParser::between(Operand left) {
  Condition out{Kind::between, {}, {}};
  out.operands.push_back(std::move(left));
  out.operands.push_back(next_operand());
  expect("AND");
  if (failed()) return out;
  out.operands.push_back(next_operand());
  for (const Operand& operand : out.operands) check_comparable(Kind::between, operand);
  check_bounds(out.operands[1], out.operands[2]);
  return out;
}

Condition ConditionParser::in(Operand left) {
  Condition out{Kind::in, {}, {}};
  out.operands = arguments("IN");
  if (out.operands.size() > limits::in_operands_max) {
    fail("Too many operands for the operator or function; operator or function: IN, number of operands: " +
         std::to_string(out.operands.size()));
  }
  out.operands.insert(out.operands.begin(), std::move(left));
  return out;
}

void ConditionParser::note_operand_type(std::string_view name, Type type) {
  note(Fault::operand, "Incorrect operand type for operator or function; operator or function: " + std::string(name) +
                           ", operand type: " + std::string(type_name(type)));
}

void ConditionParser::check_distinct(Kind kind, const std::vector<Operand>& operands) {
  if (operands.size() != 2 || operands[0].value || operands[1].value || operands[0].size != operands[1].size) return;
  if (operands[0].path != operands[1].path) return;
  note(Fault::distinct,
       "The first operand must be distinct from the remaining operands for this operator or function; operator: " +
           std::string(operator_name(kind)) + ", first operand: " + operands[0].path.text());
}

void ConditionParser::check_comparable(Kind kind, const Operand& operand) {
  if (!operand.value || operand.size || kind == Kind::equal || kind == Kind::not_equal) return;
  const Type type = operand.value->type();
  if (type != Type::string && type != Type::number && type != Type::binary)
    note_operand_type(operator_name(kind), type);
}

void ConditionParser::check_bounds(const Operand& lower, const Operand& upper) {
  if (!lower.value || !upper.value || lower.size || upper.size) return;
  const std::string bounds =
      "lower bound operand: " + shown(*lower.value) + ", upper bound operand: " + shown(*upper.value);
  const std::optional<std::strong_ordering> order = compare(*lower.value, *upper.value);
  if (!order) {
    note(Fault::operand, "The BETWEEN operator requires same data type for lower and upper bounds; " + bounds);
  } else if (*order > 0) {
    note(Fault::operand,
         "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " + bounds);
  }
}

void ConditionParser::check_call(const Function& function, const std::vector<Operand>& arguments) {
  if (arguments.size() != function.operands) {
    return note(Fault::operand_count,
                "Incorrect number of operands for operator or function; operator or function: " +
                    std::string(function.name) + ", number of operands: " + std::to_string(arguments.size()));
  }
  const AttributeValue* first = arguments[0].value && !arguments[0].size ? arguments[0].value.get() : nullptr;
  const AttributeValue* last =
      arguments.back().value && !arguments.back().size ? arguments.back().value.get() : nullptr;
  if (function.operands == 2) check_distinct(function.kind, arguments);
  if (function.name == size_function) {
    const bool sizeless =
        first && (first->type() == Type::number || first->type() == Type::boolean || first->type() == Type::null);
    if (sizeless) note_operand_type(function.name, first->type());
  } else if (function.operands == 1 && (arguments[0].value || arguments[0].size)) {
    note(Fault::operand,
         "Operator or function requires a document path; operator or function: " + std::string(function.name));
  } else if (function.kind == Kind::begins_with) {
    for (const AttributeValue* value : {first, last}) {
      if (value && value->type() != Type::string && value->type() != Type::binary)
        note_operand_type(function.name, value->type());
    }
  } else if (function.kind == Kind::attribute_type) {
    if (!last || last->type() != Type::string) {
      note(Fault::operand,
           "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: " +
               std::string(last ? type_name(last->type()) : "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"));
    } else if (!type_named(*last->get<std::string>())) {
      note(Fault::operand, "Invalid attribute type name found; type: " + *last->get<std::string>() +
                               ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
    }
  }
}

}  // namespace

Result<Condition> Condition::parse(std::string_view kind, std::string_view text, Placeholders& placeholders) {
  return ConditionParser(kind, text, placeholders).parse();
}

}  // namespace croft::dynamo
