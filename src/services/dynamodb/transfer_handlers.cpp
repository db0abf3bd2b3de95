#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "services/dynamodb/backup_operations.h"
#include "services/dynamodb/table_requests.h"
#include "services/dynamodb/transfer_operations.h"
#include "text/encoding.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::string_view export_formats[] = {"DYNAMODB_JSON", "ION"};
constexpr std::string_view export_types[] = {"FULL_EXPORT", "INCREMENTAL_EXPORT"};
constexpr std::string_view export_views[] = {"NEW_IMAGE", "NEW_AND_OLD_IMAGES"};
constexpr std::string_view sse_algorithms[] = {"AES256", "KMS"};
constexpr std::string_view input_formats[] = {"DYNAMODB_JSON", "ION", "CSV"};
constexpr std::string_view compressions[] = {"GZIP", "ZSTD", "NONE"};
constexpr std::string_view delimiters = ",;:|\t ";

gateway::Reply replied(std::string_view member, json::object content) {
  gateway::Reply reply;
  reply.output[member] = std::move(content);
  return reply;
}

void add_text(json::object& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out[name] = text;
}

// The tables of other regions and accounts are not here.
std::string table_of(const std::string& arn, const Instance& instance) {
  const std::string prefix = instance.arn("dynamodb", "table/");
  if (arn.starts_with(prefix) && arn.find('/', prefix.size()) == std::string::npos) return arn.substr(prefix.size());
  refuse({"TableNotFoundException", "Table not found: " + arn});
}

dynamo::IncrementalExport read_period(RequestReader& reader) {
  const json::object* wanted = reader.object("IncrementalExportSpecification");
  if (!wanted) refuse(dynamo::invalid_parameter("IncrementalExportSpecification is needed for an INCREMENTAL_EXPORT"));
  RequestReader one(*wanted, "incrementalExportSpecification", reader);
  const auto from = read_time(one, "ExportFromTime");
  const auto to = read_time(one, "ExportToTime");
  const std::string view = one.choice("ExportViewType", export_views).value_or("NEW_AND_OLD_IMAGES");
  if (!from) refuse(dynamo::invalid_parameter("ExportFromTime is needed for an INCREMENTAL_EXPORT"));
  return {*from, to.value_or(Timestamp::now()), view == "NEW_AND_OLD_IMAGES"};
}

dynamo::ExportTarget read_target(RequestReader& reader) {
  dynamo::ExportTarget target;
  target.bucket = reader.required_text("S3Bucket");
  target.bucket_owner = reader.text("S3BucketOwner").value_or("");
  target.prefix = reader.text("S3Prefix").value_or("");
  target.sse_algorithm = reader.choice("S3SseAlgorithm", sse_algorithms).value_or("");
  target.sse_key = reader.text("S3SseKmsKeyId").value_or("");
  while (target.prefix.ends_with('/')) target.prefix.pop_back();
  return target;
}

dynamo::ExportRequest read_export(const json::object& input, const Instance& instance) {
  RequestReader reader(input);
  const std::string arn = reader.required_text("TableArn");
  dynamo::ExportRequest request;
  request.target = read_target(reader);
  request.token = reader.text("ClientToken").value_or("");
  request.at = read_time(reader, "ExportTime");
  const std::string format = reader.choice("ExportFormat", export_formats).value_or("DYNAMODB_JSON");
  const std::string type = reader.choice("ExportType", export_types).value_or("FULL_EXPORT");
  reader.finish();
  if (format == "ION") refuse(dynamo::validation_error("ExportFormat ION is not supported"));
  if (reader.has("FilterSpecification")) refuse(dynamo::validation_error("FilterSpecification is not supported"));
  if (type == "INCREMENTAL_EXPORT") request.changes = read_period(reader);
  else if (reader.has("IncrementalExportSpecification"))
    refuse(dynamo::invalid_parameter("IncrementalExportSpecification can only be given for an INCREMENTAL_EXPORT"));
  reader.finish();
  if (request.changes && request.at) refuse(dynamo::invalid_parameter("ExportTime can only be given for a FULL_EXPORT"));
  request.table = table_of(arn, instance);
  return request;
}

json::object description(const dynamo::Export& one) {
  json::object out{{"ExportArn", one.arn},
                   {"ExportStatus", one.status},
                   {"StartTime", one.started.seconds()},
                   {"TableArn", one.table_arn},
                   {"TableId", one.table_id},
                   {"S3Bucket", one.target.bucket},
                   {"ExportFormat", "DYNAMODB_JSON"},
                   {"ExportType", one.changes ? "INCREMENTAL_EXPORT" : "FULL_EXPORT"}};
  if (!one.changes) out["ExportTime"] = one.at.seconds();
  add_text(out, "S3BucketOwner", one.target.bucket_owner);
  add_text(out, "S3Prefix", one.target.prefix);
  out["S3SseAlgorithm"] = one.target.sse_algorithm.empty() ? "AES256" : one.target.sse_algorithm;
  add_text(out, "S3SseKmsKeyId", one.target.sse_key);
  add_text(out, "ClientToken", one.token);
  add_text(out, "ExportManifest", one.manifest);
  add_text(out, "FailureCode", one.failure_code);
  add_text(out, "FailureMessage", one.failure_message);
  if (one.ended) out["EndTime"] = one.ended->seconds();
  if (one.status == "COMPLETED") {
    out["BilledSizeBytes"] = one.bytes;
    out["ItemCount"] = one.items;
  }
  if (one.changes) {
    out["IncrementalExportSpecification"] =
        json::object{{"ExportFromTime", one.changes->from.seconds()},
                     {"ExportToTime", one.changes->to.seconds()},
                     {"ExportViewType", one.changes->with_old_images ? "NEW_AND_OLD_IMAGES" : "NEW_IMAGE"}};
  }
  return out;
}

Task<gateway::Reply> export_table(dynamo::Exports& exports, const Instance& instance, gateway::Call& call) {
  dynamo::ExportRequest request = read_export(call.input, instance);
  const Result<dynamo::Export> begun = co_await exports.begin(std::move(request));
  co_return replied("ExportDescription", description(begun.value()));
}

Task<gateway::Reply> describe_export(dynamo::Exports& exports, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string arn = reader.required_text("ExportArn");
  reader.finish();
  co_return replied("ExportDescription", description(exports.describe(arn).value()));
}

// TableArn, the size of a page, and where it begins: behind the row that NextToken names.
struct PageAsked {
  std::string table;
  std::string after;
  std::size_t limit = 0;
};

PageAsked read_page(const json::object& input, std::string_view size, const Instance& instance) {
  RequestReader reader(input);
  const std::string arn = reader.text("TableArn").value_or("");
  constexpr auto most = static_cast<std::int64_t>(dynamo::limits::transfers_page_max);
  PageAsked page;
  page.limit = static_cast<std::size_t>(reader.integer(size, 1, most).value_or(most));
  const std::string token = reader.text("NextToken").value_or("");
  reader.finish();
  const auto after = text::from_hex(token);
  if (!after || (!token.empty() && after->find('/') == std::string::npos)) {
    refuse(dynamo::validation_error("Invalid NextToken"));
  }
  page.after = after->substr(0, after->find(' '));
  if (!arn.empty()) page.table = table_of(arn, instance);
  return page;
}

// Tokens of imports have at least 112 digits at AWS, and SDKs check it.
std::string token_of(const std::string& table, const std::string& id) {
  std::string text = table + '/' + id;
  constexpr std::size_t token_bytes = 64, group_bytes = 8;
  do text += ' ';
  while (text.size() < token_bytes || text.size() % group_bytes != 0);
  return text::hex(text);
}

template <class One>
gateway::Reply page_of(std::vector<One> found, const PageAsked& page, std::string_view member,
                       json::object (*shown)(const One&)) {
  gateway::Reply reply;
  if (found.size() > page.limit) {
    found.pop_back();
    reply.output["NextToken"] = token_of(found.back().table, found.back().id);
  }
  json::array summaries;
  for (const One& one : found) summaries.push_back(shown(one));
  reply.output[member] = std::move(summaries);
  return reply;
}

json::object export_summary(const dynamo::Export& one) {
  return {{"ExportArn", one.arn},
          {"ExportStatus", one.status},
          {"ExportType", one.changes ? "INCREMENTAL_EXPORT" : "FULL_EXPORT"}};
}

Task<gateway::Reply> list_exports(dynamo::Exports& exports, const Instance& instance, gateway::Call& call) {
  const PageAsked page = read_page(call.input, "MaxResults", instance);
  co_return page_of(exports.list(page.table, page.after, page.limit + 1), page, "ExportSummaries", export_summary);
}

void read_csv(RequestReader& reader, dynamo::ImportSource& source) {
  const json::object* options = reader.object("InputFormatOptions");
  if (!options) return;
  if (!source.is_csv) refuse(dynamo::invalid_parameter("InputFormatOptions can only be given for InputFormat CSV"));
  RequestReader outer(*options, "inputFormatOptions", reader);
  const json::object* csv = outer.object("Csv");
  if (!csv) return;
  RequestReader one(*csv, "inputFormatOptions.csv", reader);
  if (const auto delimiter = one.text("Delimiter")) {
    if (delimiter->size() == 1 && delimiters.find(delimiter->front()) != std::string_view::npos)
      source.delimiter = delimiter->front();
    else one.note("'" + *delimiter + "'", "Delimiter", "Member must satisfy regular expression pattern: [,;:|\\t ]");
  }
  constexpr std::size_t header_max = 255;
  if (!one.has("HeaderList")) return;
  for (const json::value& name : one.required_array("HeaderList", 1, header_max)) {
    if (!name.is_string()) refuse(dynamo::serialization_error("NUMBER_VALUE cannot be converted to String"));
    source.header.emplace_back(name.get_string().data(), name.get_string().size());
  }
}

dynamo::ImportRequest read_import(const json::object& input, const Instance& instance) {
  RequestReader reader(input);
  dynamo::ImportRequest request;
  RequestReader bucket(reader.required_object("S3BucketSource"), "s3BucketSource", reader);
  if (reader.has("S3BucketSource")) request.source.bucket = bucket.required_text("S3Bucket");
  request.source.bucket_owner = bucket.text("S3BucketOwner").value_or("");
  request.source.prefix = bucket.text("S3KeyPrefix").value_or("");
  const std::string format = reader.required_choice("InputFormat", input_formats);
  const std::string compression = reader.choice("InputCompressionType", compressions).value_or("NONE");
  request.token = reader.text("ClientToken").value_or("");
  request.source.is_csv = format == "CSV";
  request.source.compression = compression == "GZIP"   ? dynamo::Compression::gzip
                               : compression == "ZSTD" ? dynamo::Compression::zstd
                                                       : dynamo::Compression::none;
  request.parameters = reader.required_object("TableCreationParameters");
  reader.finish();
  if (format == "ION") refuse(dynamo::validation_error("InputFormat ION is not supported"));
  read_csv(reader, request.source);
  reader.finish();
  for (std::string_view name : {"LocalSecondaryIndexes", "StreamSpecification", "Tags"}) {
    if (request.parameters.contains(name)) {
      refuse(dynamo::serialization_error("TableCreationParameters has no member " + std::string(name)));
    }
  }
  request.table = read_create_table(request.parameters, instance);
  return request;
}

json::object source_of(const dynamo::ImportSource& source) {
  json::object out{{"S3Bucket", source.bucket}};
  add_text(out, "S3BucketOwner", source.bucket_owner);
  add_text(out, "S3KeyPrefix", source.prefix);
  return out;
}

std::string log_group(const dynamo::Import& one) {
  const std::size_t service = one.arn.find(":dynamodb:"), table = one.arn.find(":table/");
  return one.arn.substr(0, service) + ":logs" + one.arn.substr(service + 9, table - service - 9) +
         ":log-group:/aws-dynamodb/imports:*";
}

json::object import_summary(const dynamo::Import& one) {
  json::object out{{"ImportArn", one.arn},
                   {"ImportStatus", one.status},
                   {"TableArn", one.table_arn},
                   {"S3BucketSource", source_of(one.source)},
                   {"CloudWatchLogGroupArn", log_group(one)},
                   {"InputFormat", one.source.is_csv ? "CSV" : "DYNAMODB_JSON"},
                   {"StartTime", one.started.seconds()}};
  if (one.ended) out["EndTime"] = one.ended->seconds();
  return out;
}

json::object description(const dynamo::Import& one) {
  constexpr const char* names[] = {"NONE", "GZIP", "ZSTD"};
  json::object out = import_summary(one);
  out["TableId"] = one.table_id;
  add_text(out, "ClientToken", one.token);
  out["ErrorCount"] = one.counts.errors;
  out["InputCompressionType"] = names[static_cast<std::size_t>(one.source.compression)];
  out["TableCreationParameters"] = one.parameters;
  out["ProcessedSizeBytes"] = one.counts.processed_bytes;
  out["ProcessedItemCount"] = one.counts.processed;
  out["ImportedItemCount"] = one.counts.imported;
  add_text(out, "FailureCode", one.failure_code);
  add_text(out, "FailureMessage", one.failure_message);
  if (!one.source.is_csv) return out;
  json::object csv{{"Delimiter", std::string(1, one.source.delimiter)}};
  if (!one.source.header.empty()) {
    json::array header;
    for (const std::string& name : one.source.header) header.emplace_back(name);
    csv["HeaderList"] = std::move(header);
  }
  out["InputFormatOptions"] = json::object{{"Csv", std::move(csv)}};
  return out;
}

Task<gateway::Reply> import_table(dynamo::Imports& imports, const Instance& instance, gateway::Call& call) {
  dynamo::ImportRequest request = read_import(call.input, instance);
  const Result<dynamo::Import> begun = co_await imports.begin(std::move(request));
  co_return replied("ImportTableDescription", description(begun.value()));
}

Task<gateway::Reply> describe_import(dynamo::Imports& imports, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string arn = reader.required_text("ImportArn");
  reader.finish();
  co_return replied("ImportTableDescription", description(imports.describe(arn).value()));
}

Task<gateway::Reply> list_imports(dynamo::Imports& imports, const Instance& instance, gateway::Call& call) {
  const PageAsked page = read_page(call.input, "PageSize", instance);
  co_return page_of(imports.list(page.table, page.after, page.limit + 1), page, "ImportSummaryList", import_summary);
}

}  // namespace

void add_transfer_operations(gateway::Service& service, dynamo::Exports& exports, dynamo::Imports& imports,
                             const Instance& instance) {
  const gateway::Operation added[] = {
      {"ExportTableToPointInTime", "",
       [&exports, instance](gateway::Call& call) { return export_table(exports, instance, call); }},
      {"DescribeExport", "", [&exports](gateway::Call& call) { return describe_export(exports, call); }},
      {"ListExports", "", [&exports, instance](gateway::Call& call) { return list_exports(exports, instance, call); }},
      {"ImportTable", "", [&imports, instance](gateway::Call& call) { return import_table(imports, instance, call); }},
      {"DescribeImport", "", [&imports](gateway::Call& call) { return describe_import(imports, call); }},
      {"ListImports", "", [&imports, instance](gateway::Call& call) { return list_imports(imports, instance, call); }},
  };
  service.operations.insert(service.operations.end(), std::begin(added), std::end(added));
}

}  // namespace croft::services::dynamodb
