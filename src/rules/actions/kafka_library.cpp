#include "rules/actions/kafka_library.h"

#include <dlfcn.h>

namespace croft::rules {

namespace {

constexpr const char* file_name = "librdkafka.so.1";

// Fills one member; false when the library lacks the function.
template <class Function>
bool find(void* library, const char* name, Function& into) {
  into = reinterpret_cast<Function>(dlsym(library, name));
  return into != nullptr;
}

Result<KafkaLibrary> load() {
  void* library = dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
  if (!library) return Error{"KafkaUnavailable", std::string("librdkafka is not installed on this machine: ") + dlerror(), 500};
  KafkaLibrary found{};
  const bool is_whole =
      find(library, "rd_kafka_conf_new", found.conf_new) && find(library, "rd_kafka_conf_destroy", found.conf_destroy) &&
      find(library, "rd_kafka_conf_set", found.conf_set) && find(library, "rd_kafka_conf_set_events", found.conf_set_events) &&
      find(library, "rd_kafka_conf_set_background_event_cb", found.conf_set_background_event_cb) &&
      find(library, "rd_kafka_conf_set_log_cb", found.conf_set_log_cb) &&
      find(library, "rd_kafka_conf_set_connect_cb", found.conf_set_connect_cb) && find(library, "rd_kafka_new", found.make) &&
      find(library, "rd_kafka_destroy", found.destroy) && find(library, "rd_kafka_queue_get_main", found.queue_get_main) &&
      find(library, "rd_kafka_queue_get_background", found.queue_get_background) &&
      find(library, "rd_kafka_queue_forward", found.queue_forward) &&
      find(library, "rd_kafka_queue_destroy", found.queue_destroy) && find(library, "rd_kafka_flush", found.flush) &&
      find(library, "rd_kafka_purge", found.purge) && find(library, "rd_kafka_produceva", found.produceva) &&
      find(library, "rd_kafka_error_string", found.error_string) &&
      find(library, "rd_kafka_error_destroy", found.error_destroy) && find(library, "rd_kafka_err2str", found.err2str) &&
      find(library, "rd_kafka_event_type", found.event_type) &&
      find(library, "rd_kafka_event_message_next", found.event_message_next) &&
      find(library, "rd_kafka_event_error_string", found.event_error_string) &&
      find(library, "rd_kafka_conf_set_opaque", found.conf_set_opaque) &&
      find(library, "rd_kafka_event_destroy", found.event_destroy) && find(library, "rd_kafka_headers_new", found.headers_new) &&
      find(library, "rd_kafka_header_add", found.header_add) && find(library, "rd_kafka_headers_destroy", found.headers_destroy);
  if (!is_whole) return Error{"KafkaUnavailable", std::string(file_name) + " is too old: it lacks functions", 500};
  return found;
}

}  // namespace

Result<const KafkaLibrary*> KafkaLibrary::get() {
  static const Result<KafkaLibrary> loaded = load();
  if (!loaded) return loaded.error();
  return &*loaded;
}

}  // namespace croft::rules
