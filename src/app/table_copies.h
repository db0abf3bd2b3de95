#pragma once

#include "dynamo/backups.h"
#include "dynamo/exports.h"
#include "dynamo/imports.h"
#include "dynamo/recovery.h"
#include "gateway/service.h"
#include "services/s3/objects.h"

namespace croft::app {

// What makes tables, or objects, out of tables: backups and their restores, point-in-time recovery, exports and imports.
class TableCopies {
 public:
  struct Sources {
    dynamo::Tables& tables;
    Store& store;
    services::s3::Objects& objects;
    Shard& shard;  // background work runs here and on the pool
    Pool& pool;
  };
  // All outlive it; nothing of the pool's work is left when it goes.
  TableCopies(const Sources& sources, const Instance& instance);

  void add_operations(gateway::Service& dynamodb);
  // On the shard, before requests: what a crash left half made goes on, or goes.
  void start();

 private:
  // croft's own buckets.
  class Buckets final : public dynamo::ObjectStore {
   public:
    explicit Buckets(services::s3::Objects& objects) : objects_(objects) {}
    Result<std::string> put(const std::string& bucket, const std::string& key, std::string body) override;
    Result<std::vector<Listed>> list(const std::string& bucket, const std::string& prefix,
                                     const std::string& after) override;
    Result<std::string> read(const std::string& bucket, const std::string& key, std::uint64_t from,
                             std::uint64_t length) override;

   private:
    services::s3::Objects& objects_;
  };

  dynamo::Tables& tables_;
  const Instance instance_;
  Buckets buckets_;
  dynamo::Restores restores_;
  dynamo::Backups backups_;
  dynamo::PointInTime past_;
  dynamo::Exports exports_;
  dynamo::Imports imports_;
};

}  // namespace croft::app
