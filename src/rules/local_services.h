#pragma once

#include <functional>
#include <list>
#include <map>
#include <mutex>

#include "dynamo/table_backend.h"
#include "lambda/functions.h"
#include "lambda/invoker.h"
#include "rules/external.h"
#include "text/json.h"
#include "things/shadows.h"

namespace croft::rules {

// Answers the external functions of SQL from the other parts of this croft.
//
// Threads: any shard. Memory: the schemas and secrets that it keeps, as far as limits.h lets it.
class LocalServices final : public ExternalServices {
 public:
  // An object of S3. The bytes are fetched only for a version that is not known yet.
  struct StoredObject {
    std::string version;  // its ETag
    std::size_t bytes = 0;
    std::function<Result<std::string>()> read;
  };
  // All that the references name outlives it.
  struct Sources {
    lambda::Functions& functions;
    lambda::Invoker& invoker;
    dynamo::TableBackend& tables;
    const things::Shadows& shadows;
    // The operation of the IoT API for one thing: DescribeThing, ListThingGroupsForThing.
    std::function<Task<Result<json::object>>(std::string operation, std::string thing)> registry;
    std::function<Result<StoredObject>(const std::string& bucket, const std::string& key)> object;
    // The current version of a secret; empty where no Secrets Manager is configured.
    std::function<Task<Result<sql::External::Secret>>(Shard& shard, std::string id)> secret;
  };
  explicit LocalServices(Sources sources);

  bool has(std::string_view function) const override { return function != "get_secret" || sources_.secret != nullptr; }
  std::string lack(std::string_view function) const override {
    return has(function) ? "" : ": the configuration names no endpoint for Secrets Manager ([services.secretsmanager])";
  }
  Task<Result<Answer>> ask(Question question, Asker asker) const override;

 private:
  using SchemaPtr = std::shared_ptr<const sql::ProtobufSchema>;
  // One for each kind of question.
  Task<Result<Answer>> answer(InvokeFunction question, Asker asker) const;
  Task<Result<Answer>> answer(ReadItem question, Asker asker) const;
  Task<Result<Answer>> answer(ReadShadow question, Asker asker) const;
  Task<Result<Answer>> answer(ReadRegistry question, Asker asker) const;
  Task<Result<Answer>> answer(ReadSecret question, Asker asker) const;
  Task<Result<Answer>> answer(ReadSchema question, Asker asker) const;
  Result<SchemaPtr> schema(const ReadSchema& wanted) const;

  // The newest of what was asked for, at most so many.
  template <class T>
  class Kept {
   public:
    explicit Kept(std::size_t max) : max_(max) {}
    const T* find(const std::string& key) const {
      const auto found = entries_.find(key);
      return found == entries_.end() ? nullptr : &found->second.value;
    }
    void put(const std::string& key, T value) {
      erase(key);
      if (entries_.size() >= max_) erase(std::string(order_.front()));
      order_.push_back(key);
      entries_.emplace(key, Entry{std::move(value), std::prev(order_.end())});
    }

   private:
    struct Entry {
      T value;
      std::list<std::string>::iterator place;
    };
    void erase(const std::string& key) {
      const auto found = entries_.find(key);
      if (found == entries_.end()) return;
      order_.erase(found->second.place);
      entries_.erase(found);
    }
    const std::size_t max_;
    std::list<std::string> order_;
    std::map<std::string, Entry> entries_;
  };
  struct KeptSchema {
    std::string version;
    SchemaPtr schema;
  };
  struct KeptSecret {
    MonoTime until;
    sql::External::Secret secret;
  };

  const Sources sources_;
  mutable std::mutex mutex_;
  mutable Kept<KeptSchema> schemas_;
  mutable Kept<KeptSecret> secrets_;
};

}  // namespace croft::rules
