#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace croft::rules::limits {

// AWS IoT Core quotas, "Rules engine": HTTP actions and VPC destinations.
inline constexpr std::size_t destinations_max = 1'000;
inline constexpr std::size_t vpc_destinations_max = 5;
inline constexpr std::size_t url_bytes_max = 2'000;
inline constexpr std::size_t http_headers_max = 100;
inline constexpr std::size_t http_header_key_bytes_max = 256;
inline constexpr std::size_t http_header_value_bytes_max = 16 * 1024;  // AWS names none
inline constexpr std::uint16_t http_ports[] = {443, 8443};
inline constexpr std::chrono::milliseconds http_time_max{3'000};  // all tries of one request together
inline constexpr int http_tries_max = 3;
inline constexpr std::size_t http_retry_answer_bytes_max = 16'384;  // after a longer one there is no other try

// "The token is valid for three days."
inline constexpr std::chrono::milliseconds confirmation_token_life = std::chrono::hours(72);
inline constexpr std::size_t confirmation_token_bytes = 48;
inline constexpr std::size_t confirmation_token_bytes_max = 2'048;  // of the API
inline constexpr std::chrono::milliseconds confirmation_time_max{5'000};
inline constexpr std::size_t subnets_max = 16;              // of a VPC destination; AWS names none
inline constexpr std::size_t answer_bytes_max = 64 * 1024;  // read of what an endpoint of a rule answers

// What waits in open batches of one action; more is refused.
inline constexpr std::size_t batched_messages_max = 10'000;

// Kafka. Source: AWS IoT developer guide, "Apache Kafka"; IoT API model.
inline constexpr std::uint16_t kafka_port_min = 9'000, kafka_port_max = 9'100;
inline constexpr std::size_t kafka_headers_max = 100;
inline constexpr std::size_t kafka_header_bytes_max = 16'384;            // a key or a value
inline constexpr std::size_t kafka_store_bytes_max = 65 * 1024;          // of a truststore or keystore, as text
inline constexpr std::size_t kafka_topic_bytes_max = 249;                // Kafka's own
inline constexpr std::size_t kafka_producers_max = 32;                   // each has threads of its own
inline constexpr std::chrono::milliseconds kafka_flush_time_max{1'000};  // at the end; of all producers together
inline constexpr std::chrono::milliseconds kafka_purge_time_max{200};

// InfluxDB. Source: AWS IoT developer guide, "InfluxDB".
inline constexpr std::size_t influx_columns_max = 250;  // tags and fields of a point

}  // namespace croft::rules::limits
