// Several connections talk to one Core. Each chunk of the input is a control byte, a length and bytes: the control
// byte chooses a connection to feed, or a step of the world around it. The script asserts that what the core sends
// decodes, that nothing is sent behind a close, and that the recorded events of each client alternate.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core_script.h"
#include "broker/doorstep.h"
#include "observe/log.h"

namespace {

using namespace croft;
using broker::ConnectionId;

constexpr std::size_t connections_max = 4;
constexpr std::size_t chunks_max = 300;

class Fuzz {
 public:
  void chunk(unsigned control, std::string_view bytes) {
    const std::size_t slot = control % connections_max;
    switch (control / connections_max % 16) {
      case 0:
        slots_[slot] = enter(bytes, mqtt::Version::v3_1_1, slot);
        break;
      case 1:
        slots_[slot] = enter(bytes, mqtt::Version::v5, slot);
        break;
      case 2:
        knock(bytes, slot);
        break;
      case 3:
        script_.commit();
        break;
      case 4:
        if (slots_[slot] != 0) script_.lose(slots_[slot]);
        break;
      case 5:
        script_.pass(bytes.empty() ? 1 : static_cast<unsigned char>(bytes[0]));
        break;
      case 6:
        script_.crash();
        slots_.assign(connections_max, 0);
        break;
      default:
        if (slots_[slot] != 0) script_.receive(slots_[slot], bytes);
        break;
    }
  }
  void finish() {
    script_.commit();
    script_.core().stop(script_.now);
    CROFT_ASSERT(script_.core().connection_count() == 0);
  }

 private:
  // A CONNECT with options from the first byte; two slots share a client id.
  ConnectionId enter(std::string_view bytes, mqtt::Version version, std::size_t slot) {
    const unsigned options = bytes.empty() ? 0 : static_cast<unsigned char>(bytes[0]);
    mqtt::Connect packet{.version = version,
                         .clean_start = (options & 1) != 0,
                         .keep_alive_s = 30,
                         .client_id = slot < 2 ? "shared" : "own-" + std::to_string(slot)};
    if (options & 2) packet.will = mqtt::Will{.topic = "will", .payload = "gone", .retain = (options & 4) != 0};
    if (version == mqtt::Version::v5) {
      if (options & 8) packet.properties.edit().session_expiry_interval = 600;
      if (options & 16) packet.properties.edit().receive_maximum = 2;
      if (options & 32) packet.properties.edit().maximum_packet_size = 512;
    }
    return script_.begin(std::move(packet));
  }
  // The input's own CONNECT, as a stranger sends it.
  void knock(std::string_view bytes, std::size_t slot) {
    broker::Doorstep doorstep(script_.settings);
    auto decision = doorstep.feed({bytes.data(), bytes.size()});
    if (!decision || !decision->connect) return;
    slots_[slot] = script_.begin(std::move(*decision->connect), decision->assigned_client_id);
    script_.receive(slots_[slot], decision->rest);
  }

  broker::Script script_;
  std::vector<ConnectionId> slots_ = std::vector<ConnectionId>(connections_max, 0);
};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  log::start(log::Level::off);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Fuzz fuzz;
  for (std::size_t chunk = 0; chunk < chunks_max && rest.size() >= 2; ++chunk) {
    const auto control = static_cast<unsigned char>(rest[0]);
    const std::size_t length = std::min<std::size_t>(static_cast<unsigned char>(rest[1]), rest.size() - 2);
    const std::string bytes(rest.substr(2, length));  // freed at once: nothing may refer to it
    rest.remove_prefix(2 + length);
    fuzz.chunk(control, bytes);
  }
  fuzz.finish();
  return 0;
}
