#include "dynamo/expressions/parser.h"
#include "dynamo/expressions/update.h"

namespace croft::dynamo {

namespace {

constexpr std::string_view keywords[] = {"SET", "REMOVE", "ADD", "DELETE"};

bool is_set(Type type) { return type == Type::string_set || type == Type::number_set || type == Type::binary_set; }

// The names of types in the messages of ADD and DELETE.
std::string_view long_name(Type type) {
  constexpr std::string_view names[] = {"STRING", "NUMBER", "BINARY",     "BOOLEAN",    "NULL",
                                        "MAP",    "LIST",   "STRING_SET", "NUMBER_SET", "BINARY_SET"};
  return names[static_cast<std::size_t>(type)];
}

constexpr std::string_view too_many_parentheses = "The expression has redundant parentheses;";

std::string misused(std::string_view function) {
  return "The function is not allowed to be used this way in an expression; function: " + std::string(function);
}

class UpdateParser : Parser {
 public:
  UpdateParser(std::string_view text, Placeholders& placeholders)
      : Parser("UpdateExpression", text, keywords, placeholders) {
    reserved_ = Fault::reserved_in_update;
    undefined_value_ = Fault::undefined_value_in_update;
  }

  Result<Update> parse() {
    while (peek().kind != Token::Kind::end) section();
    check_clashes(paths_in_order());
    const Result<void> finished = finish();
    if (!finished) return finished.error();
    return std::move(update_);
  }

 private:
  struct Value {
    UpdateOperand left;
    Update::Arithmetic arithmetic = Update::Arithmetic::none;
    UpdateOperand right;
  };

  void section();
  void once(std::string_view keyword);
  void set();
  Value sum();
  Path changed_path();
  std::vector<const Path*> paths_in_order() const;
  Update::Change change(std::string_view section);
  UpdateOperand operand();
  UpdateOperand call();
  void check_call(std::string_view name, const UpdateOperand& call);
  void check_number(std::string_view sign, const UpdateOperand& operand);
  void note_operand_type(std::string_view name, const AttributeValue& value);

  Update update_;
  std::vector<std::string_view> seen_;
  std::vector<Path> changed_;  // in the order of the text, in which clashes are told
};

Path UpdateParser::changed_path() {
  changed_.push_back(path());
  return changed_.back();
}

std::vector<const Path*> UpdateParser::paths_in_order() const {
  std::vector<const Path*> out;
  for (const Path& path : changed_) out.push_back(&path);
  return out;
}

void UpdateParser::once(std::string_view keyword) {
  for (std::string_view seen : seen_) {
    if (seen == keyword) {
      return note(Fault::section,
                  "The \"" + std::string(keyword) + "\" section can only be used once in an update expression;");
    }
  }
  seen_.push_back(keyword);
}

void UpdateParser::section() {
  for (std::string_view keyword : keywords) {
    if (!accept(keyword)) continue;
    once(keyword);
    do {
      count_operator();
      if (keyword == "SET") set();
      else if (keyword == "REMOVE") update_.removes.push_back(changed_path());
      else if (keyword == "ADD") update_.adds.push_back(change(keyword));
      else update_.deletes.push_back(change(keyword));
    } while (accept(","));
    return;
  }
  syntax_error();
}

void UpdateParser::set() {
  Update::Set set;
  set.path = changed_path();
  expect("=");
  if (failed()) return;
  Value value = sum();
  set.left = std::move(value.left);
  set.arithmetic = value.arithmetic;
  set.right = std::move(value.right);
  update_.sets.push_back(std::move(set));
}

// Parentheses may hold the whole sum or an operand of it.
UpdateParser::Value UpdateParser::sum() {
  Value value;
  if (accept("(")) {
    if (enter(too_many_parentheses)) value = sum();
    leave();
    expect(")");
    if (value.arithmetic != Update::Arithmetic::none) return value;
  } else {
    value.left = operand();
  }
  const std::string_view sign = peek().text;
  if (accept("+")) value.arithmetic = Update::Arithmetic::plus;
  else if (accept("-")) value.arithmetic = Update::Arithmetic::minus;
  if (value.arithmetic == Update::Arithmetic::none) return value;
  count_operator();
  value.right = operand();
  check_number(sign, value.left);
  check_number(sign, value.right);
  return value;
}

// The operand of ADD and DELETE is a value, nothing else.
Update::Change UpdateParser::change(std::string_view section) {
  Update::Change change;
  change.path = changed_path();
  if (peek().kind != Token::Kind::value_placeholder) {
    syntax_error();
    return change;
  }
  change.value = value();
  const Type type = change.value->type();
  if (!is_set(type) && (section == "DELETE" || type != Type::number)) {
    note(Fault::changed_type, "Incorrect operand type for operator or function; operator: " + std::string(section) +
                                  ", operand type: " + std::string(long_name(type)) + ", typeSet: ALLOWED_FOR_" +
                                  std::string(section) + "_OPERAND");
  }
  return change;
}

UpdateOperand UpdateParser::operand() {
  UpdateOperand operand;
  if (accept("(")) {
    if (enter(too_many_parentheses)) operand = this->operand();
    leave();
    expect(")");
    return operand;
  }
  if (at_function()) return call();
  if (peek().kind == Token::Kind::value_placeholder) {
    operand.value = value();
  } else {
    operand.kind = UpdateOperand::Kind::path;
    operand.path = path();
  }
  return operand;
}

UpdateOperand UpdateParser::call() {
  const std::string_view name = take().text;
  count_operator();
  UpdateOperand call;
  expect("(");
  if (enter(misused(name))) {
    do call.arguments.push_back(operand());
    while (accept(","));
  }
  leave();
  expect(")");
  if (!failed()) check_call(name, call);
  call.kind = name == "list_append" ? UpdateOperand::Kind::list_append : UpdateOperand::Kind::if_not_exists;
  return call;
}

void UpdateParser::check_call(std::string_view name, const UpdateOperand& call) {
  if (name != "if_not_exists" && name != "list_append") {
    for (std::string_view of_conditions :
         {"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"}) {
      if (name == of_conditions) {
        return note(Fault::unknown_function,
                    "The function is not allowed in an update expression; function: " + std::string(name));
      }
    }
    return note(Fault::unknown_function, "Invalid function name; function: " + std::string(name));
  }
  if (call.arguments.size() != 2) {
    return note(Fault::operand,
                "Incorrect number of operands for operator or function; operator or function: " + std::string(name) +
                    ", number of operands: " + std::to_string(call.arguments.size()));
  }
  if (name == "if_not_exists") {
    if (call.arguments[0].kind != UpdateOperand::Kind::path) {
      note(Fault::operand, "Operator or function requires a document path; operator or function: if_not_exists");
    }
    return;
  }
  for (const UpdateOperand& argument : call.arguments) {
    if (argument.kind == UpdateOperand::Kind::list_append) note(Fault::misused_function, misused(name));
    if (argument.value && argument.value->type() != Type::list) note_operand_type(name, *argument.value);
  }
}

void UpdateParser::check_number(std::string_view sign, const UpdateOperand& operand) {
  if (operand.value && operand.value->type() != Type::number) note_operand_type(sign, *operand.value);
  if (operand.kind == UpdateOperand::Kind::list_append) note_operand_type(sign, AttributeValue{List{}});
}

void UpdateParser::note_operand_type(std::string_view name, const AttributeValue& value) {
  note(Fault::operand, "Incorrect operand type for operator or function; operator or function: " + std::string(name) +
                           ", operand type: " + std::string(type_name(value.type())));
}

}  // namespace

Result<Update> Update::parse(std::string_view text, Placeholders& placeholders) {
  return UpdateParser(text, placeholders).parse();
}

}  // namespace croft::dynamo
