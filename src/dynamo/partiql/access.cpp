#include "dynamo/partiql/access.h"

#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/partiql/limits.h"

namespace croft::dynamo::partiql {

namespace {

using Kind = Condition::Kind;

Kind mirrored(Kind kind) {
  switch (kind) {
    case Kind::less: return Kind::greater;
    case Kind::less_equal: return Kind::greater_equal;
    case Kind::greater: return Kind::less;
    case Kind::greater_equal: return Kind::less_equal;
    default: return kind;
  }
}

// `path kind values` with nothing but values on the right, also when written the other way round.
struct Plain {
  Kind kind;
  const std::string* name = nullptr;  // nullptr: it is none
  std::vector<const AttributeValue*> values{};
};

Plain plain(const Condition& condition) {
  Plain out{condition.kind};
  const auto is_path = [](const Operand& o) { return !o.value && !o.size && o.path.steps.size() == 1; };
  const auto is_value = [](const Operand& o) { return o.value && !o.size; };
  const std::vector<Operand>& operands = condition.operands;
  if (operands.size() < 2) return out;
  const bool swapped = operands.size() == 2 && is_value(operands[0]) && is_path(operands[1]) &&
                       condition.kind != Kind::begins_with && condition.kind != Kind::in;
  const Operand& path = operands[swapped ? 1 : 0];
  if (!is_path(path)) return out;
  if (swapped) {
    out.kind = mirrored(condition.kind);
    out.values.push_back(operands[0].value.get());
  } else {
    for (std::size_t i = 1; i < operands.size(); ++i) {
      if (!is_value(operands[i])) return out;
      out.values.push_back(operands[i].value.get());
    }
  }
  out.name = &path.path.attribute();
  return out;
}

bool is_range(Kind kind) {
  switch (kind) {
    case Kind::equal: case Kind::less: case Kind::less_equal: case Kind::greater: case Kind::greater_equal:
    case Kind::between: case Kind::begins_with: return true;
    default: return false;
  }
}

// One alternative of a clause: what it says of the key.
struct Branch {
  const AttributeValue* partition = nullptr;
  Kind sort_operator = Kind::all;  // all: nothing said
  std::vector<const AttributeValue*> sort_values{};
  bool beside = false;  // more is said of the key than a range can tell

  bool says_nothing() const { return !partition && sort_operator == Kind::all; }
};

using Branches = std::vector<Branch>;

class BranchFinder {
 public:
  explicit BranchFinder(const KeySchema& keys) : keys_(keys) {}

  Branches of(const Condition& condition) const {
    if (condition.kind == Kind::all) return of_all(condition);
    if (condition.kind == Kind::any) return of_any(condition);
    if (condition.kind != Kind::none) {
      const Plain simple = plain(condition);
      if (simple.name && *simple.name == keys_.partition.name) return of_partition(simple);
      if (simple.name && keys_.sort && *simple.name == keys_.sort->name) return of_sort(simple);
    }
    return {Branch{.beside = names_key(condition)}};
  }

 private:
  Branches of_partition(const Plain& simple) const {
    if (simple.kind != Kind::equal && simple.kind != Kind::in) return {Branch{.beside = true}};
    Branches out;
    for (const AttributeValue* value : simple.values) out.push_back({.partition = value});
    return out;
  }

  Branches of_sort(const Plain& simple) const {
    if (is_range(simple.kind)) return {Branch{nullptr, simple.kind, simple.values}};
    if (simple.kind != Kind::in) return {Branch{.beside = true}};
    Branches out;
    for (const AttributeValue* value : simple.values) out.push_back({nullptr, Kind::equal, {value}});
    return out;
  }

  Branches of_any(const Condition& condition) const {
    Branches out;
    bool beside = false;
    for (const Condition& child : condition.children) {
      for (Branch& branch : of(child)) {
        beside |= branch.beside;
        out.push_back(std::move(branch));
      }
    }
    const bool silent = std::all_of(out.begin(), out.end(), [](const Branch& b) { return b.says_nothing(); });
    if (silent) return {Branch{.beside = beside}};
    return out;
  }

  Branches of_all(const Condition& condition) const {
    Branches out{Branch{}};
    for (const Condition& child : condition.children) {
      const Branches more = of(child);
      if (out.size() * more.size() > limits::branches_max) {
        for (Branch& branch : out) branch.beside = true;  // what the child says stays to the filter
        continue;
      }
      Branches product;
      for (const Branch& one : out) {
        for (const Branch& two : more) product.push_back(merged(one, two));
      }
      out = std::move(product);
    }
    return out;
  }

  static Branch merged(Branch one, const Branch& two) {
    one.beside |= two.beside;
    if (!one.partition) one.partition = two.partition;
    else if (two.partition && !(*one.partition == *two.partition)) one.beside = true;
    if (two.sort_operator == Kind::all) return one;
    const bool better = one.sort_operator == Kind::all || two.sort_operator == Kind::equal;
    one.beside |= one.sort_operator != Kind::all;
    if (better) {
      one.sort_operator = two.sort_operator;
      one.sort_values = two.sort_values;
    }
    return one;
  }

  bool names_key(const Condition& condition) const {
    const std::vector<const Path*> paths = condition.paths();
    return std::any_of(paths.begin(), paths.end(), [&](const Path* path) { return keys_.has(path->attribute()); });
  }

  const KeySchema& keys_;
};

Error wrong_type(const KeyAttribute& attribute) {
  return validation_error("Key attribute's data type should match its data type in table's schema: Key " +
                          attribute.name);
}

Error overlapping() {
  return validation_error("Overlapping conditions with range keys are not supported in where clause");
}

Result<KeyCondition> read_of(const Branch& branch, const KeySchema& keys) {
  if (branch.partition->type() != keys.partition.type) return wrong_type(keys.partition);
  KeyCondition out{*branch.partition, branch.sort_operator, {}};
  for (const AttributeValue* value : branch.sort_values) {
    if (value->type() != keys.sort->type) return wrong_type(*keys.sort);
    out.sort_values.push_back(*value);
  }
  if (out.sort_operator == Kind::begins_with && keys.sort->type == Type::number) {
    return validation_error("Condition on range key: " + keys.sort->name +
                            ", operator: begins_with is not valid condition");
  }
  const Result<void> checked = check_partition_value(keys.partition, out.partition);
  if (!checked) return checked.error();
  return out;
}

bool overlap(const KeyCondition& one, const KeyCondition& two) {
  const KeyCondition::Range a = one.range({}), b = two.range({});
  return std::max(a.from, b.from) < std::min(a.to, b.to);
}

bool same_partition(const KeyCondition& one, const KeyCondition& two) { return one.partition == two.partition; }

void flatten(const Condition& condition, std::vector<const Condition*>& out) {
  if (condition.kind != Kind::all) return out.push_back(&condition);
  for (const Condition& child : condition.children) flatten(child, out);
}

}  // namespace

Result<std::vector<KeyCondition>> reads_of(const Condition& where, const KeySchema& keys) {
  std::vector<KeyCondition> reads;
  const Branches branches = BranchFinder(keys).of(where);
  for (const Branch& branch : branches) {
    if (!branch.partition) return reads;
  }
  std::vector<bool> beside;
  for (const Branch& branch : branches) {
    Result<KeyCondition> read = read_of(branch, keys);
    if (!read) return read.error();
    reads.push_back(*std::move(read));
    beside.push_back(branch.beside);
  }
  // Alternatives of one partition of which one says more than a range: the partition is read once.
  std::vector<KeyCondition> out;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    bool once = false, several = false;
    for (std::size_t j = 0; j < reads.size(); ++j) {
      if (!same_partition(reads[i], reads[j])) continue;
      once |= beside[j];
      several |= j != i;
    }
    if (once && several) {
      reads[i].sort_operator = Kind::all;
      reads[i].sort_values.clear();
    }
    bool done = false;
    for (const KeyCondition& earlier : out) {
      if (!same_partition(earlier, reads[i])) continue;
      if (once) done = true;
      else if (overlap(earlier, reads[i])) return overlapping();
    }
    if (!done) out.push_back(reads[i]);
    if (out.size() > limits::reads_max) {
      return validation_error("Too many decomposed read operations for a given query.");
    }
  }
  return out;
}

KeyMatch match_key(const Condition& where, const KeySchema& keys, bool one_of_one) {
  std::vector<const Condition*> parts;
  flatten(where, parts);
  KeyMatch out;
  for (const Condition* part : parts) {
    const Plain simple = plain(*part);
    const bool equal = simple.kind == Kind::equal || (one_of_one && simple.kind == Kind::in);
    if (!simple.name || !equal || simple.values.size() != 1 || !keys.has(*simple.name)) {
      out.rest.push_back(*part);
      continue;
    }
    const AttributeValue* known = out.key.find(*simple.name);
    if (!known) {
      out.key.set(*simple.name, *simple.values[0]);
    } else if (!(*known == *simple.values[0])) {
      if (out.conflict.empty()) out.conflict = *simple.name;
      out.rest.push_back(*part);
    }
  }
  return out;
}

std::optional<Condition> KeyMatch::condition() const {
  if (rest.empty()) return std::nullopt;
  return Condition{Kind::all, rest, {}};
}

}  // namespace croft::dynamo::partiql
