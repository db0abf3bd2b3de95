#include "rules/actions/kafka_producer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "observe/log.h"
#include "rules/actions/kafka_library.h"
#include "rules/actions/kafka_properties.h"
#include "rules/destination_limits.h"
#include "types/timestamp.h"

namespace croft::rules {

namespace {

using Outcome = Promise<Result<void>>;

Error kafka_error(const std::string& why) {
  return {"RuleActionFailed", "Failed to send the record to Kafka. " + why, 500};
}

void log_line(const rd_kafka_t*, int, const char*, const char* text) {
  log::debug("rules", std::string("Kafka: ") + text);
}

bool is_loopback(const sockaddr* address) {
  if (address->sa_family == AF_INET) return ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr) >> 24 == 127;
  return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
}

// Brokers name one another: a cluster without TLS must not lead beyond this machine.
int connect_to_loopback(int socket, const sockaddr* address, int bytes, const char*, void*) {
  if (!is_loopback(address)) return EACCES;
  const bool is_begun = ::connect(socket, address, static_cast<socklen_t>(bytes)) == 0 || errno == EINPROGRESS;
  return is_begun ? 0 : errno;
}

// What the brokers last complained of: a record that waited in vain is told with it.
struct Complaint {
  std::mutex mutex;
  std::string text;
};

class Producer final : public KafkaProducer {
 public:
  // Reports come to reported() on the background thread, which is asked for them in place of a thread of ours.
  Producer(const KafkaLibrary& library, rd_kafka_t* handle, std::unique_ptr<Complaint> complaint)
      : library_(library), handle_(handle), complaint_(std::move(complaint)) {
    rd_kafka_queue_t* reports = library_.queue_get_main(handle_);
    rd_kafka_queue_t* background = library_.queue_get_background(handle_);
    library_.queue_forward(reports, background);
    library_.queue_destroy(background);
    library_.queue_destroy(reports);
  }

  ~Producer() override {
    end(limits::kafka_flush_time_max);
    rd_kafka_queue_t* reports = library_.queue_get_main(handle_);
    library_.queue_forward(reports, nullptr);
    library_.queue_destroy(reports);
    library_.destroy(handle_);
  }

  void end(std::chrono::milliseconds patience) override {
    if (library_.flush(handle_, static_cast<int>(patience.count())) == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    library_.purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    library_.flush(handle_, static_cast<int>(limits::kafka_purge_time_max.count()));  // the outcomes of what was purged
  }

  Task<Result<void>> send(KafkaRecord record) override {
    auto outcome = std::make_unique<Outcome>();
    const Outcome waiting = *outcome;
    rd_kafka_headers_t* headers = headers_of(record);
    const std::vector<rd_kafka_vu_t> parts = parts_of(record, headers, outcome.get());
    if (rd_kafka_error_t* failure = library_.produceva(handle_, parts.data(), parts.size())) {
      const std::string why = library_.error_string(failure);
      library_.error_destroy(failure);
      if (headers) library_.headers_destroy(headers);
      co_return kafka_error(why);
    }
    outcome.release();  // the report has it
    auto done = co_await waiting.wait();
    co_return done;
  }

  // Called on librdkafka's own thread; `complaint` is the one of the configuration.
  static void reported(rd_kafka_t*, rd_kafka_event_t* event, void* complaint) {
    const KafkaLibrary& library = **KafkaLibrary::get();
    auto& last = *static_cast<Complaint*>(complaint);
    std::lock_guard lock(last.mutex);
    if (library.event_type(event) == RD_KAFKA_EVENT_ERROR) last.text = library.event_error_string(event);
    if (library.event_type(event) == RD_KAFKA_EVENT_DR)
      while (const rd_kafka_message_t* message = library.event_message_next(event)) tell(library, *message, last.text);
    library.event_destroy(event);
  }

 private:
  // They belong to the record once it is taken; null without any.
  rd_kafka_headers_t* headers_of(const KafkaRecord& record) const {
    if (record.headers.empty()) return nullptr;
    rd_kafka_headers_t* headers = library_.headers_new(record.headers.size());
    for (const auto& [key, value] : record.headers)
      library_.header_add(headers, key.data(), static_cast<ssize_t>(key.size()), value.data(),
                          static_cast<ssize_t>(value.size()));
    return headers;
  }

  static rd_kafka_vu_t part(rd_kafka_vtype_t type) {
    rd_kafka_vu_t made{};
    made.vtype = type;
    return made;
  }
  static rd_kafka_vu_t bytes(rd_kafka_vtype_t type, const std::string& value) {
    rd_kafka_vu_t made = part(type);
    made.u.mem.ptr = const_cast<char*>(value.data());  // copied, not changed
    made.u.mem.size = value.size();
    return made;
  }
  static std::vector<rd_kafka_vu_t> parts_of(const KafkaRecord& record, rd_kafka_headers_t* headers, Outcome* outcome) {
    rd_kafka_vu_t topic = part(RD_KAFKA_VTYPE_TOPIC), partition = part(RD_KAFKA_VTYPE_PARTITION),
                  flags = part(RD_KAFKA_VTYPE_MSGFLAGS), opaque = part(RD_KAFKA_VTYPE_OPAQUE);
    topic.u.cstr = record.topic.c_str();
    partition.u.i32 = record.partition.value_or(RD_KAFKA_PARTITION_UA);
    flags.u.i = RD_KAFKA_MSG_F_COPY;
    opaque.u.ptr = outcome;
    std::vector<rd_kafka_vu_t> parts = {topic, partition, flags, opaque, bytes(RD_KAFKA_VTYPE_VALUE, record.value)};
    if (record.key) parts.push_back(bytes(RD_KAFKA_VTYPE_KEY, *record.key));
    if (headers) {
      parts.push_back(part(RD_KAFKA_VTYPE_HEADERS));
      parts.back().u.headers = headers;
    }
    return parts;
  }

  static void tell(const KafkaLibrary& library, const rd_kafka_message_t& message, const std::string& complaint) {
    const std::unique_ptr<Outcome> outcome(static_cast<Outcome*>(message._private));
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      outcome->fulfil(Result<void>());
      return;
    }
    std::string why = library.err2str(message.err);
    if (message.err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT && !complaint.empty()) why += ": " + complaint;
    outcome->fulfil(kafka_error(why));
  }

  const KafkaLibrary& library_;
  rd_kafka_t* const handle_;
  const std::unique_ptr<Complaint> complaint_;
};

// What every producer has, whatever the rule says.
constexpr std::pair<const char*, const char*> own_properties[] = {
    {"client.id", "croft"},
    {"partitioner", "murmur2_random"},  // Java's, which AWS runs
    {"linger.ms", "1"},
    {"queue.buffering.max.messages", "10000"},
    {"queue.buffering.max.kbytes", "65536"},
    {"message.max.bytes", "1048576"},
    {"delivery.timeout.ms", "5000"},  // a lane waits for it
    {"socket.connection.setup.timeout.ms", "3000"},
    {"reconnect.backoff.max.ms", "1000"},
    {"log.connection.close", "false"},
};

}  // namespace

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::open(const KafkaSettings& settings) {
  const auto loaded = KafkaLibrary::get();
  if (!loaded) return loaded.error();
  const KafkaLibrary& library = **loaded;
  const auto properties = with_secrets(settings);
  if (!properties) return properties.error();
  char why[512] = {};
  rd_kafka_conf_t* conf = library.conf_new();
  const auto set = [&](const char* name, const char* value) {
    return library.conf_set(conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK;
  };
  bool is_good = true;
  for (const auto& [name, value] : own_properties) is_good = is_good && set(name, value);
  for (const auto& [name, value] : *properties) {
    is_good = is_good && set(name.c_str(), value.c_str());
    if (!is_good) {  // librdkafka's own text may repeat the value, and that may be a secret
      library.conf_destroy(conf);
      return Error{"InvalidRequestException", "The client property behind '" + name + "' is not valid.", 400};
    }
  }
  library.conf_set_log_cb(conf, log_line);
  auto complaint = std::make_unique<Complaint>();
  library.conf_set_opaque(conf, complaint.get());
  library.conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  library.conf_set_background_event_cb(conf, Producer::reported);
  if (settings.is_loopback_only) library.conf_set_connect_cb(conf, connect_to_loopback);
  rd_kafka_t* handle = is_good ? library.make(RD_KAFKA_PRODUCER, conf, why, sizeof why) : nullptr;
  if (handle) return std::unique_ptr<KafkaProducer>(std::make_unique<Producer>(library, handle, std::move(complaint)));
  library.conf_destroy(conf);
  return kafka_error(std::string("The producer could not be made: ") + why);
}

KafkaProducers::ProducerPtr KafkaProducers::known(const KafkaSettings& settings) {
  std::lock_guard lock(mutex_);
  const auto found = producers_.find(settings);
  if (found == producers_.end()) return nullptr;
  found->second.used = ++uses_;
  return found->second.producer;
}

// The caller holds mutex_. What is returned is to be let go of without it.
KafkaProducers::ProducerPtr KafkaProducers::make_room() {
  if (producers_.size() < limits::kafka_producers_max) return nullptr;
  auto oldest = producers_.begin();
  for (auto it = producers_.begin(); it != producers_.end(); ++it)
    if (it->second.used < oldest->second.used) oldest = it;
  ProducerPtr removed = std::move(oldest->second.producer);
  producers_.erase(oldest);
  return removed;
}

// On a pool thread. The last owner of a producer may be a shard, which must not wait for its end.
Result<KafkaProducers::ProducerPtr> KafkaProducers::open(const KafkaSettings& settings) {
  std::lock_guard only(opening_);
  if (auto producer = known(settings)) return producer;
  auto opened = KafkaProducer::open(settings);
  if (!opened) return opened.error();
  const ProducerPtr producer(opened->release(), [pool = &pool_](KafkaProducer* last) { pool->push([last] { delete last; }); });
  ProducerPtr removed;
  std::lock_guard lock(mutex_);
  removed = make_room();
  producers_[settings] = {producer, ++uses_};
  return producer;
}

Task<Result<KafkaProducers::ProducerPtr>> KafkaProducers::get(KafkaSettings settings) {
  if (auto producer = known(settings)) co_return producer;
  auto opened = co_await pool_.run([this, settings] { return open(settings); });
  co_return opened;
}

void KafkaProducers::close() {
  std::map<KafkaSettings, Entry> ending;
  {
    std::lock_guard lock(mutex_);
    ending.swap(producers_);
  }
  const std::int64_t over = MonoTime::now().ms + limits::kafka_flush_time_max.count();
  for (const auto& [settings, entry] : ending) {
    const std::int64_t left = std::max<std::int64_t>(over - MonoTime::now().ms, 0);
    entry.producer->end(std::chrono::milliseconds(left));
  }
}

}  // namespace croft::rules
