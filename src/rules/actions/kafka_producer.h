#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shard/pool.h"
#include "shard/promise.h"
#include "types/result.h"

namespace croft::rules {

struct KafkaRecord {
  std::string topic;
  std::optional<std::string> key;
  std::optional<std::int32_t> partition;  // nothing: by the key, as Java's producer does
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
};

// How a producer reaches its cluster.
struct KafkaSettings {
  std::map<std::string, std::string> properties;  // in librdkafka's names and forms
  std::map<std::string, std::string> secrets;     // in AWS's: stores, passwords
  bool is_loopback_only = false;                  // without TLS no broker beyond this machine is connected to

  friend auto operator<=>(const KafkaSettings&, const KafkaSettings&) = default;
};

// One producer of librdkafka: its own threads, a bounded queue, acknowledgements as its settings ask for them.
//
// Threads: any. The destructor does what end() does.
class KafkaProducer {
 public:
  // KafkaUnavailable, InvalidRequestException for settings that cannot be used. Blocks.
  static Result<std::unique_ptr<KafkaProducer>> open(const KafkaSettings& settings);
  virtual ~KafkaProducer() = default;

  // Ends when the brokers have acknowledged the record, or it failed.
  virtual Task<Result<void>> send(KafkaRecord record) = 0;
  // Waits so long for what is under way and lets the rest fail; every send() has its outcome then. Blocks.
  virtual void end(std::chrono::milliseconds patience) = 0;
};

// The producers in use, one for each settings; the one that was not used for longest goes first.
//
// Threads: any.
class KafkaProducers {
 public:
  using ProducerPtr = std::shared_ptr<KafkaProducer>;
  explicit KafkaProducers(Pool& pool) : pool_(pool) {}

  Task<Result<ProducerPtr>> get(KafkaSettings settings);
  // Ends all of them; every send() has its outcome when it returns. Blocks.
  void close();

 private:
  struct Entry {
    ProducerPtr producer;
    std::uint64_t used = 0;
  };
  ProducerPtr known(const KafkaSettings& settings);
  Result<ProducerPtr> open(const KafkaSettings& settings);
  ProducerPtr make_room();

  Pool& pool_;
  std::mutex opening_;  // taken on pool threads alone, before the other
  std::mutex mutex_;
  std::map<KafkaSettings, Entry> producers_;
  std::uint64_t uses_ = 0;
};

}  // namespace croft::rules
