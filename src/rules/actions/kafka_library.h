#pragma once

#include <librdkafka/rdkafka.h>

#include "types/result.h"

namespace croft::rules {

// The functions of librdkafka that croft calls. The library is loaded when the first rule sends to Kafka: a croft without
// such rules has neither its memory nor its threads.
struct KafkaLibrary {
  decltype(&rd_kafka_conf_new) conf_new;
  decltype(&rd_kafka_conf_destroy) conf_destroy;
  decltype(&rd_kafka_conf_set) conf_set;
  decltype(&rd_kafka_conf_set_events) conf_set_events;
  decltype(&rd_kafka_conf_set_opaque) conf_set_opaque;
  decltype(&rd_kafka_conf_set_background_event_cb) conf_set_background_event_cb;
  decltype(&rd_kafka_conf_set_log_cb) conf_set_log_cb;
  decltype(&rd_kafka_conf_set_connect_cb) conf_set_connect_cb;
  decltype(&rd_kafka_new) make;
  decltype(&rd_kafka_destroy) destroy;
  decltype(&rd_kafka_queue_get_main) queue_get_main;
  decltype(&rd_kafka_queue_get_background) queue_get_background;
  decltype(&rd_kafka_queue_forward) queue_forward;
  decltype(&rd_kafka_queue_destroy) queue_destroy;
  decltype(&rd_kafka_flush) flush;
  decltype(&rd_kafka_purge) purge;
  decltype(&rd_kafka_produceva) produceva;
  decltype(&rd_kafka_error_string) error_string;
  decltype(&rd_kafka_error_destroy) error_destroy;
  decltype(&rd_kafka_err2str) err2str;
  decltype(&rd_kafka_event_type) event_type;
  decltype(&rd_kafka_event_message_next) event_message_next;
  decltype(&rd_kafka_event_error_string) event_error_string;
  decltype(&rd_kafka_event_destroy) event_destroy;
  decltype(&rd_kafka_headers_new) headers_new;
  decltype(&rd_kafka_header_add) header_add;
  decltype(&rd_kafka_headers_destroy) headers_destroy;

  // Loaded once; KafkaUnavailable when this machine does not have it. Threads: any. Blocks on files.
  static Result<const KafkaLibrary*> get();
};

}  // namespace croft::rules
