#include <set>

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "services/dynamodb/expression_parameters.h"
#include "services/dynamodb/item_requests.h"
#include "services/dynamodb/legacy_parameters.h"
#include "services/dynamodb/request_reader.h"
#include "services/dynamodb/request_shapes.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::size_t shown_bytes_max = 1000;

// "requestItems.tab.member": an entry of RequestItems as messages name it.
std::string entry(std::string_view table) {
  return "requestItems." + std::string(table) + ".member";
}

// The name that a key of RequestItems gives, which may be an ARN; "" when it is none.
std::string table_named(std::string_view key) {
  json::object input;
  input["TableName"] = json::string(key);
  try {
    RequestReader reader(input);
    std::string name = reader.table_name();
    reader.finish();
    return name;
  } catch (const ApiError&) {
    return {};
  }
}

const json::object& tables_asked(RequestReader& reader, std::string_view operation) {
  const json::object& tables = reader.required_object("RequestItems");
  if (reader.has("RequestItems") && tables.empty()) {
    refuse(dynamo::validation_error("The requestItems parameter is required for " + std::string(operation)));
  }
  for (const auto& [name, wanted] : tables) {
    if (!table_named(name).empty()) continue;
    reader.note("'{" + std::string(name) + "}'", "RequestItems",
                "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must "
                "have length greater than or equal to 3, Member must satisfy regular expression pattern: "
                "[a-zA-Z0-9_.-]+]");
  }
  return tables;
}

const json::object& structure(const json::value& value) {
  if (!value.is_object()) refuse(dynamo::serialization_error("Unexpected value type in payload"));
  return value.get_object();
}

const json::array& write_requests(const json::value& value) {
  if (!value.is_array()) refuse(dynamo::serialization_error("Unexpected field type"));
  return value.get_array();
}

dynamo::BatchWrite::Request write_request(const json::value& document) {
  RequestReader reader(structure(document));
  const json::object* put = reader.object("PutRequest");
  const json::object* erase = reader.object("DeleteRequest");
  if (put) {
    dynamo::Item item = dynamo::item(put->at("Item")).value();
    check_attribute_names(item).value();
    return {std::move(item), {}};
  }
  return {std::nullopt, dynamo::item(erase->at("Key")).value()};
}

// "'{tab=[...]}'", as messages show the requests of a table; the beginning of them says which they are.
std::string shown(std::string_view table, const json::array& requests) {
  std::string text = json::dump(requests);
  if (text.size() > shown_bytes_max) text.resize(shown_bytes_max);
  return "'{" + std::string(table) + "=" + text + "}'";
}

// How many requests a table has, and what each must have.
void note_write_requests(RequestReader& reader, const json::object& tables) {
  for (const auto& [name, value] : tables) {
    const json::array& requests = write_requests(value);
    if (requests.empty() || requests.size() > dynamo::limits::batch_write_requests_max) {
      reader.note(shown(name, requests), "RequestItems",
                  "Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must "
                  "have length greater than or equal to 1]");
    }
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const std::string path = entry(name) + "." + std::to_string(i + 1) + ".member";
      RequestReader request(structure(requests[i]), path, reader);
      if (const json::object* erase = request.object("DeleteRequest")) {
        RequestReader(*erase, path + ".deleteRequest", reader).required_object("Key");
      }
      if (const json::object* put = request.object("PutRequest")) {
        RequestReader(*put, path + ".putRequest", reader).required_object("Item");
      }
    }
  }
}

// A request is a put or a deletion; AWS has one text for none and both.
void check_write_request(const json::value& document) {
  RequestReader request(structure(document));
  if (request.has("PutRequest") != request.has("DeleteRequest")) return;
  refuse(
      dynamo::validation_error("Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
                               "the supported datatypes"));
}

void note_keys(RequestReader& reader, const json::object& tables) {
  for (const auto& [name, wanted] : tables) {
    RequestReader part(structure(wanted), entry(name), reader);
    part.required_array("Keys", 1, dynamo::limits::batch_get_keys_max);
    note_attributes_to_get(part);
  }
}

// All tables of a request choose attributes in the same way.
void check_projections(const json::object& tables) {
  bool expression = false, legacy = false;
  for (const auto& [name, wanted] : tables) {
    RequestReader part(structure(wanted));
    expression |= part.has("ProjectionExpression");
    legacy |= part.has("AttributesToGet");
  }
  if (!expression || !legacy) return;
  refuse(dynamo::validation_error(
      "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
      "{AttributesToGet} Expression parameters: {ProjectionExpression}"));
}

std::vector<dynamo::Item> distinct_keys(const json::array& documents) {
  std::vector<dynamo::Item> keys;
  std::set<std::string> unique;
  for (const json::value& document : documents) {
    keys.push_back(dynamo::item(document).value());
    std::string text;
    dynamo::append_json(text, keys.back());
    if (!unique.insert(std::move(text)).second) {
      refuse(dynamo::validation_error("Provided list of item keys contains duplicates"));
    }
  }
  return keys;
}

Read<dynamo::BatchGet> batch_get_of(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::BatchGet> out;
  out.capacity = read_capacity(reader);
  const json::object& tables = tables_asked(reader, "BatchGetItem");
  note_keys(reader, tables);
  reader.finish();
  check_projections(tables);
  std::size_t total = 0;
  for (const auto& [name, wanted] : tables) {
    RequestReader part_reader(structure(wanted));
    dynamo::BatchGet::Part part{table_named(name), {}, {}, part_reader.flag("ConsistentRead")};
    ExpressionParameters expressions(part_reader, {"ProjectionExpression"}, {"AttributesToGet"});
    part.projection = expressions.projection();
    expressions.finish();
    part.keys = distinct_keys(*part_reader.array("Keys"));
    total += part.keys.size();
    if (total > dynamo::limits::batch_get_keys_max) {
      refuse(dynamo::validation_error("Too many items requested for the BatchGetItem call"));
    }
    out.request.parts.push_back(std::move(part));
  }
  return out;
}

Read<dynamo::BatchWrite> batch_write_of(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::BatchWrite> out;
  out.capacity = read_capacity(reader);
  out.collection_size = read_collection_size(reader);
  const json::object& tables = tables_asked(reader, "BatchWriteItem");
  note_write_requests(reader, tables);
  reader.finish();
  std::size_t total = 0;
  for (const auto& [name, value] : tables) {
    const json::array& requests = write_requests(value);
    total += requests.size();
    for (const json::value& request : requests) check_write_request(request);
    dynamo::BatchWrite::Part part{table_named(name), {}};
    out.names.add(part.table, std::string(name));
    for (const json::value& request : requests) part.requests.push_back(write_request(request));
    out.request.parts.push_back(std::move(part));
  }
  if (total > dynamo::limits::batch_write_requests_max) {
    refuse(dynamo::validation_error("Too many items requested for the BatchWriteItem call"));
  }
  return out;
}

}  // namespace

Read<dynamo::BatchGet> read_batch_get(const json::object& input) {
  return typed(input, shapes::batch_get_item, batch_get_of);
}

Read<dynamo::BatchWrite> read_batch_write(const json::object& input) {
  return typed(input, shapes::batch_write_item, batch_write_of);
}

}  // namespace croft::services::dynamodb
