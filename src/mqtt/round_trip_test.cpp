// What the encoder writes, the decoder reads: every packet, both versions, in pieces of every size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "mqtt/sample_packets.h"

namespace croft::mqtt {
namespace {

using Side = Decoder::Side;
using testing::ElementsAre;
using testing::IsEmpty;

class RoundTrip : public testing::TestWithParam<std::tuple<Side, Version>> {
 protected:
  Side side() const { return std::get<0>(GetParam()); }
  Version version() const { return std::get<1>(GetParam()); }
  Decoder decoder() const { return samples::decoder(side(), version()); }
  std::vector<Packet> all() const { return samples::packets(side(), version()); }
};

TEST_P(RoundTrip, EveryPacketIsReadAsItWasWritten) {
  for (const Packet& packet : all()) {
    Decoder decoder = this->decoder();
    std::vector<Packet> out;

    const auto fault = decoder.feed(samples::encoded(packet, version()), out);

    ASSERT_FALSE(fault) << fault->what << ", packet " << packet.index();
    EXPECT_THAT(out, ElementsAre(packet)) << packet.index();
  }
}

TEST_P(RoundTrip, AnUnfinishedPacketYieldsNothingAndNoFault) {
  for (const Packet& packet : all()) {
    const std::string bytes = samples::encoded(packet, version());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      Decoder decoder = this->decoder();
      std::vector<Packet> out;

      EXPECT_FALSE(decoder.feed(std::string_view(bytes).substr(0, cut), out));
      EXPECT_THAT(out, IsEmpty());
      EXPECT_EQ(decoder.feed(std::string_view(bytes).substr(cut), out), std::nullopt);
      EXPECT_THAT(out, ElementsAre(packet));
    }
  }
}

TEST_P(RoundTrip, ABodyCutShortEndsInAFaultOrAShorterPacketThatRoundTrips) {
  for (const Packet& packet : all()) {
    const std::string bytes = samples::encoded(packet, version());
    const std::size_t header_bytes = bytes.size() < 130 ? 2 : 3;
    const std::string body = bytes.substr(header_bytes);
    for (std::size_t cut = 0; cut < body.size(); ++cut) {
      Decoder decoder = this->decoder();
      std::vector<Packet> out;

      const auto fault = decoder.feed(samples::packet(bytes[0], body.substr(0, cut)), out);

      ASSERT_EQ(out.size(), fault ? 0u : 1u);
      if (fault) continue;
      std::vector<Packet> again;
      ASSERT_FALSE(this->decoder().feed(samples::encoded(out[0], version()), again));
      EXPECT_EQ(again, out);
    }
  }
}

TEST_P(RoundTrip, PiecesOfAnySizeGiveWhatTheWholeGives) {
  std::string stream;
  for (const Packet& packet : all()) stream += samples::encoded(packet, version());

  for (const std::size_t piece : {1u, 2u, 3u, 5u, 7u, 64u, 1000u}) {
    Decoder decoder = this->decoder();
    std::vector<Packet> out;
    for (std::size_t at = 0; at < stream.size(); at += piece)
      ASSERT_FALSE(decoder.feed(std::string_view(stream).substr(at, piece), out));

    EXPECT_EQ(out, all()) << "pieces of " << piece;
  }
}

TEST_P(RoundTrip, ChangingAnyByteNeverYieldsAPacketThatDoesNotRoundTrip) {
  for (const Packet& packet : all()) {
    const std::string bytes = samples::encoded(packet, version());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const int value : {0x00, 0x01, 0x02, 0x23, 0x7F, 0x80, 0xC0, 0xFF}) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(value);
        Decoder decoder = this->decoder();
        std::vector<Packet> out;
        decoder.feed(changed, out);

        for (const Packet& read : out) {
          const auto* connect = std::get_if<Connect>(&read);
          std::vector<Packet> again;
          const std::string rewritten = samples::encoded(read, connect ? connect->version : version());
          ASSERT_FALSE(this->decoder().feed(rewritten, again));
          EXPECT_THAT(again, ElementsAre(read));
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RoundTrip,
                         testing::Combine(testing::Values(Side::server, Side::client),
                                          testing::Values(Version::v3_1_1, Version::v5)));

}  // namespace
}  // namespace croft::mqtt
