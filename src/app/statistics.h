#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "app/device_side.h"

namespace croft::app {

// Topics below $SYS/broker/ and their values, by mosquitto's names as far as croft counts the same.
// Source: mosquitto(8), "Broker status".
std::vector<std::pair<std::string, std::string>> statistics(const std::vector<DeviceSide::ShardFigures>& shards,
                                                            std::size_t retained_messages, std::int64_t uptime_s);

// Publishes them every `interval`, as messages of the service that are not kept: a subscriber gets them at the next
// one. On any shard; `devices` outlives its loop.
Task<void> publish_statistics(DeviceSide& devices, std::chrono::seconds interval);

}  // namespace croft::app
