#pragma once

#include <optional>
#include <string>

#include "mqtt/decoder.h"
#include "broker/settings.h"

namespace croft::broker {

// A connection before its CONNECT is whole: nobody yet, so nothing is remembered but the unfinished packet. It tells
// the client id, and with it the shard that will own the connection. Pure: bytes in, decision out.
class Doorstep {
 public:
  explicit Doorstep(const Settings& settings);

  struct Decision {
    std::optional<mqtt::Connect> connect;  // whole; an empty client id was replaced by an assigned one
    bool assigned_client_id = false;
    std::string rest;                      // bytes behind the CONNECT
    std::string answer;                    // of a refusal: bytes to send before closing, perhaps none
    bool refused = false;
    const char* why = "";                  // of a refusal, for the log
  };
  // Nothing while more bytes are needed.
  std::optional<Decision> feed(std::span<const char> bytes);

 private:
  Decision refuse(mqtt::ReasonCode reason, const char* why);

  const Settings& settings_;
  mqtt::Decoder decoder_;
};

}  // namespace croft::broker
