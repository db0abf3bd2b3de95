#include "app/table_copies.h"

#include "services/dynamodb/backup_operations.h"
#include "services/dynamodb/transfer_operations.h"
#include "services/s3/request_reader.h"

namespace croft::app {

namespace s3 = services::s3;

// As a request without a content type would store it.
Result<std::string> TableCopies::Buckets::put(const std::string& bucket, const std::string& key, std::string body) {
  net::HttpRequest request;
  request.headers = {{"content-type", "application/octet-stream"}};
  auto attributes = s3::read_attributes(request);
  if (!attributes) return attributes.error();
  const s3::NewObject made{std::move(body), std::move(*attributes), {}, {}};
  const Result<s3::Object> stored = objects_.put(bucket, key, made, Timestamp::now());
  if (!stored) return stored.error();
  return stored->etag;
}

Result<std::vector<dynamo::ObjectStore::Listed>> TableCopies::Buckets::list(const std::string& bucket,
                                                                            const std::string& prefix,
                                                                            const std::string& after) {
  s3::ListQuery query;
  query.prefix = prefix;
  query.after = after;
  const Result<s3::Listing> listing = objects_.list(bucket, query);
  if (!listing) return listing.error();
  std::vector<Listed> found;
  for (const s3::Listing::Entry& entry : listing->entries) found.push_back({entry.key, entry.object.size});
  return found;
}

Result<std::string> TableCopies::Buckets::read(const std::string& bucket, const std::string& key, std::uint64_t from,
                                               std::uint64_t length) {
  s3::RangeRequest range;
  range.first = from;
  range.last = from + length - 1;
  Result<s3::ReadObject> read = objects_.read(bucket, key, range);
  if (!read) return read.error();
  return std::move(read->bytes);
}

TableCopies::TableCopies(const Sources& sources, const Instance& instance)
    : tables_(sources.tables),
      instance_(instance),
      buckets_(sources.objects),
      restores_(tables_, sources.store, sources.shard, sources.pool),
      backups_(tables_, sources.store, sources.shard, sources.pool, restores_, instance),
      past_(tables_, tables_.changes(), restores_, instance),
      exports_(tables_, sources.store, sources.shard, sources.pool, past_, buckets_, instance),
      imports_(tables_, sources.store, sources.shard, sources.pool, buckets_, instance) {}

void TableCopies::add_operations(gateway::Service& dynamodb) {
  services::dynamodb::add_backup_operations(dynamodb, backups_, past_, tables_);
  services::dynamodb::add_transfer_operations(dynamodb, exports_, imports_, instance_);
}

void TableCopies::start() {
  restores_.start();
  backups_.start();
  exports_.start();
  imports_.start();
}

}  // namespace croft::app
