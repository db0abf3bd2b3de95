#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/partiql/parser.h"

namespace croft::dynamo::partiql {

namespace {

using Kind = Expression::Kind;

constexpr const char* aliasing = "Aliasing is not supported";

// The classes of the reference implementation's tree, which messages name.
std::string operation_name(const Expression& expression) {
  switch (expression.kind) {
    case Kind::path: return expression.path.steps.size() == 1 ? "VariableReference" : "Path";
    case Kind::parameter: return "Parameter";
    case Kind::missing: return "LiteralMissing";
    case Kind::null:
    case Kind::boolean:
    case Kind::number:
    case Kind::string:
    case Kind::ion: return "Literal";
    case Kind::list:
    case Kind::bag:
    case Kind::sequence: return "Seq";
    case Kind::tuple: return "Struct";
    case Kind::is_type: return "IsType";
    default: return "NAry";
  }
}

std::string returning_name(ReturnValues values) {
  switch (values) {
    case ReturnValues::all_old: return "ALL OLD";
    case ReturnValues::all_new: return "ALL NEW";
    case ReturnValues::updated_old: return "MODIFIED OLD";
    default: return "MODIFIED NEW";
  }
}

bool is_table_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return name.size() >= 3 && name.size() <= 255 && std::all_of(name.begin(), name.end(), fits);
}

class StatementParser : Parser {
 public:
  using Parser::Parser;

  Result<Statement> parse() {
    Statement out{statement()};
    const Result<void> finished = finish();
    if (!finished) return finished.error();
    out.parameters = parameters();
    return out;
  }

 private:
  using Action = decltype(Statement::action);

  Action statement();
  Action other();
  Select select();
  void columns(Select& out);
  void column(Select& out, const Expression& expression);
  void order(Select& out);
  void unsupported_clause(std::string_view name);
  Source select_source();
  Action insert();
  Action update();
  Action from_first();
  Action erase();
  void actions(UpdateStatement& out);
  ReturnValues returning();
  std::optional<Expression> where();
  Source source(const Path& path);
  Source manipulated();
  void alias();
};

auto StatementParser::statement() -> Action {
  if (accept("select")) return select();
  if (accept("insert", "into")) return insert();
  if (accept("update")) return update();
  if (accept("delete")) return erase();
  if (accept("from")) return from_first();
  if (peek().is("exists") && peek(1).is("(") && peek(2).is("select")) {
    take(), take(), take();
    Exists out{select()};
    expect(")", "Expected )");
    return out;
  }
  return other();
}

auto StatementParser::other() -> Action {
  const bool drop = peek().is("drop");
  if ((drop || peek().is("create")) && (peek(1).is("table") || peek(1).is("index"))) {
    take();
    const std::string what = take().is("table") ? "Table" : "Index";
    while (!at_end()) take();
    refuse("Unsupported operation: " + std::string(drop ? "Drop" : "Create") + what);
  } else {
    const Expression alone = expression();
    refuse("Unsupported operation: " + operation_name(alone));
  }
  return Select{};
}

Select StatementParser::select() {
  Select out;
  if (peek().is("value") || peek().is("pivot")) {
    refuse("Select projection doesn't support value or pivot keywords");
    take();
  }
  if (peek().is("distinct")) unsupported_clause("DISTINCT");
  columns(out);
  expect("from", "Expected FROM after SELECT list");
  if (failed()) return out;
  out.source = select_source();
  out.where = where();
  if (accept("group", "by")) unsupported_clause("GROUP BY");
  if (accept("having")) unsupported_clause("HAVING");
  if (accept("order", "by")) order(out);
  if (accept("limit")) unsupported_clause("LIMIT");
  return out;
}

// What follows the clause's name, which is taken but for DISTINCT.
void StatementParser::unsupported_clause(std::string_view name) {
  const Position at = peek().at;
  if (!accept("distinct")) {
    do expression();
    while (accept(","));
  }
  refuse("Unsupported clause: " + std::string(name) + at.text());
}

void StatementParser::columns(Select& out) {
  bool star = false;
  std::size_t count = 0;
  do {
    ++count;
    if (accept("*")) {
      star = true;
      continue;
    }
    column(out, expression());
    if (accept("as") || peek().is_name()) {
      if (!peek().is_name()) return fail("Expected identifier for alias");
      take();
      refuse(aliasing);
    }
  } while (accept(","));
  if (star && count > 1) refuse("Other attributes should not be present in the projection when '*' is used.");
}

// A column is named by its path from the last name on: m.k[0] is k[0].
void StatementParser::column(Select& out, const Expression& expression) {
  if (failed()) return;
  if (expression.kind != Kind::path) return refuse("Unexpected path component" + expression.at.text());
  const std::vector<Path::Step>& steps = expression.path.steps;
  std::size_t from = steps.size() - 1;
  while (!std::holds_alternative<std::string>(steps[from])) --from;
  std::string name = std::get<std::string>(steps[from]);
  for (std::size_t i = from + 1; i < steps.size(); ++i) {
    name += "[" + std::to_string(std::get<std::size_t>(steps[i])) + "]";
  }
  for (const Column& other : out.columns) {
    if (other.name == name) refuse("Duplicate identifiers in select clause: " + name);
  }
  out.columns.push_back({expression.path, std::move(name)});
}

void StatementParser::order(Select& out) {
  do {
    const Expression by = expression();
    if (failed()) return;
    const bool descending = accept("desc");
    if (!descending) accept("asc");
    if (by.kind != Kind::path || by.path.steps.size() != 1) {
      refuse("Argument to ORDER BY must be of type VariableReference. Type: " + operation_name(by));
      continue;
    }
    out.order.push_back({by.path, descending});
  } while (accept(","));
}

Source StatementParser::select_source() {
  const Expression from = expression();
  if (failed()) return {};
  if (peek().is(",") || peek().is("join") || peek(1).is("join")) {
    refuse("Only select from a single table or index is supported.");
    while (!at_end()) take();
  }
  if (peek().is("as") || peek().is_name()) alias();
  if (from.kind == Kind::list) refuse("Invalid list expression in source.");
  else if (from.kind != Kind::path) refuse("Unexpected from source");
  else return source(from.path);
  return {};
}

Source StatementParser::source(const Path& path) {
  Source out;
  for (const Path::Step& step : path.steps) {
    const std::string* name = std::get_if<std::string>(&step);
    if (!name) refuse("Unexpected path component");
    else if (name->empty()) refuse("Path component cannot be an empty string");
    else (&step == &path.steps.front() ? out.table : out.index) = *name;
  }
  if (path.steps.size() > 2) refuse("A path may contain at most 2 components in the FROM clause");
  if (!is_table_name(out.table)) {
    refuse("Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', '_', '.'.");
  }
  return out;
}

void StatementParser::alias() {
  accept("as");
  if (!peek().is_name()) return fail("Expected identifier for alias");
  take();
  refuse(aliasing);
}

Source StatementParser::manipulated() {
  const Path path = simple_path();
  if (failed()) return {};
  return source(path);
}

std::optional<Expression> StatementParser::where() {
  if (!accept("where")) return std::nullopt;
  return expression();
}

auto StatementParser::insert() -> Action {
  Insert out{manipulated(), {}};
  if (!out.source.index.empty()) {
    refuse("FROM clause may only contain a single table name in data manipulation statements");
  }
  if (!accept("value")) accept("values");
  out.item = expression();
  if (accept("at")) {
    expression();
    refuse("AT is not supported in insert statements.");
  }
  if (accept("on", "conflict")) {
    if (accept("where")) expression();
    if (!accept("do", "nothing")) fail("invalid ON CONFLICT syntax");
    refuse("Unsupported clause: ON CONFLICT");
  }
  if (returning() != ReturnValues::none) refuse("RETURNING is not supported in INSERT");
  if (out.item.kind == Kind::bag || out.item.kind == Kind::list || out.item.kind == Kind::sequence) {
    refuse("Unsupported operation: Inserting multiple items in a single statement is not supported, use \"INSERT INTO "
           "tableName VALUE item\" instead");
  } else if (out.item.kind != Kind::tuple && out.item.kind != Kind::parameter) {
    refuse("Unsupported format in item expression. Please use struct format {...} to express item values for insert "
           "statement.");
  }
  return out;
}

auto StatementParser::update() -> Action {
  UpdateStatement out{manipulated()};
  if (peek().is("as") || peek().is_name()) alias();
  actions(out);
  out.where = where();
  out.returning = returning();
  return out;
}

// FROM table WHERE key SET ..., as PartiQL wrote it first.
auto StatementParser::from_first() -> Action {
  UpdateStatement out{manipulated()};
  if (peek().is("as") || peek().is_name()) alias();
  out.where = where();
  actions(out);
  out.returning = returning();
  return out;
}

void StatementParser::actions(UpdateStatement& out) {
  while (!failed()) {
    if (accept("remove")) {
      out.actions.emplace_back(simple_path());
    } else if (accept("set")) {
      do {
        UpdateStatement::Set set{simple_path(), {}};
        expect("=", "Expected '=' in assignment");
        set.value = expression();
        out.actions.emplace_back(std::move(set));
      } while (accept(","));
    } else {
      break;
    }
  }
  if (out.actions.empty()) fail("Expected data manipulation");
}

auto StatementParser::erase() -> Action {
  expect("from", "Expected FROM after DELETE");
  Delete out{manipulated()};
  if (peek().is("as") || peek().is_name()) alias();
  out.where = where();
  out.returning = returning();
  if (out.returning != ReturnValues::none && out.returning != ReturnValues::all_old) {
    refuse("Invalid returning clause: RETURNING " + returning_name(out.returning) +
           " *. Only RETURNING ALL OLD * is allowed in DELETE statements.");
  }
  return out;
}

ReturnValues StatementParser::returning() {
  if (!accept("returning")) return ReturnValues::none;
  const bool all = peek().is("all"), old = peek(1).is("old");
  if ((!all && !peek().is("modified")) || (!old && !peek(1).is("new"))) {
    fail("Expected ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause");
    return ReturnValues::none;
  }
  take(), take();
  if (!accept("*")) {
    expression();
    refuse("Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause");
  }
  if (accept(",")) {
    while (!at_end()) take();
    refuse("Invalid syntax with multiple returning elements in RETURNING clause");
  }
  if (all) return old ? ReturnValues::all_old : ReturnValues::all_new;
  return old ? ReturnValues::updated_old : ReturnValues::updated_new;
}

}  // namespace

const Source& Statement::source() const {
  if (const Select* select = std::get_if<Select>(&action)) return select->source;
  if (const Exists* exists = std::get_if<Exists>(&action)) return exists->select.source;
  if (const Insert* insert = std::get_if<Insert>(&action)) return insert->source;
  if (const UpdateStatement* update = std::get_if<UpdateStatement>(&action)) return update->source;
  return std::get<Delete>(action).source;
}

Result<Statement> parse(std::string_view text) {
  std::optional<std::vector<Token>> read = tokens(text);
  if (!read) return validation_error("Statement wasn't well formed, can't be processed: ");
  return StatementParser(*std::move(read)).parse();
}

}  // namespace croft::dynamo::partiql
