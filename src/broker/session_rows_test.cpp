#include "broker/session_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::broker {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class SessionRows : public testing::Test {
 protected:
  void put_client(const std::string& client_id, std::uint32_t expiry_s = 60) {
    ClientState state;
    state.client_id = client_id;
    state.session_expiry_s = expiry_s;
    batch.put(Family::sessions, client_id, to_row(state));
  }
  void put_message(std::string_view client_id, Sequence number, std::string_view payload = "x") {
    session_rows::put_delivery(batch, client_id, number, {.message = make_message({.topic = "t", .payload = payload})});
  }
  std::vector<StoredClient> load() {
    store->write(std::exchange(batch, {}));
    return load_clients(*store);
  }
  std::vector<Row> rows() const { return store->scan(Family::queued, "", "", 1000); }

  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  Batch batch;
};

std::vector<Sequence> numbers(const StoredClient& client) {
  std::vector<Sequence> all;
  for (const StoredClient::Message& message : client.deliveries) all.push_back(message.number);
  return all;
}

}  // namespace

TEST_F(SessionRows, KnowTheGroupByWhichAMessageCame) {
  put_client("alice");
  const auto put = [&](Sequence number, std::unique_ptr<GroupPlace> place) {
    session_rows::put_delivery(batch, "alice", number, {.message = make_message({.topic = "t"}), .group = std::move(place)});
  };
  put(1, std::make_unique<GroupPlace>(GroupPlace{"$share/g/" + std::string(500, 't'), 9}));
  put(2, nullptr);
  store->write(std::exchange(batch, {}));
  // One of an earlier croft, and two that are damaged.
  const std::string key = rows()[1].key, plain = rows()[1].value, whole = rows()[0].value;
  const auto named = [&](char number) { return key.substr(0, key.size() - 1) + number; };
  batch.put(Family::queued, named(3), static_cast<char>(plain[0] | 16) + plain.substr(1));
  batch.put(Family::queued, named(4), whole.substr(0, 6));
  batch.put(Family::queued, named(5), whole.substr(0, 20));

  const std::vector<StoredClient> clients = load();

  ASSERT_THAT(clients, SizeIs(1));
  EXPECT_THAT(numbers(clients[0]), ElementsAre(1, 2, 3));
  const auto group = [&](std::size_t i) { return clients[0].deliveries[i].delivery.group.get(); };
  ASSERT_TRUE(group(0) && group(2));
  EXPECT_EQ(group(0)->filter, "$share/g/" + std::string(500, 't'));
  EXPECT_EQ(group(0)->row, 0u);
  EXPECT_FALSE(group(1));
  EXPECT_EQ(group(2)->filter, "");
}

TEST_F(SessionRows, GiveBackWhatWasStored) {
  put_client("alice");
  session_rows::put_delivery(batch, "alice", 7,
                             {.message = make_message({.topic = "t", .payload = "7", .qos = mqtt::QoS::exactly_once}),
                              .identifier = 268'435'455,
                              .qos = mqtt::QoS::exactly_once,
                              .state = Delivery::State::released,
                              .retain = true});
  put_message("alice", 300, "300");
  put_message("alice", 255, "255");
  for (std::uint16_t packet_id : {65'535, 1, 256}) session_rows::put_received(batch, "alice", packet_id);

  const std::vector<StoredClient> clients = load();

  ASSERT_THAT(clients, SizeIs(1));
  EXPECT_THAT(numbers(clients[0]), ElementsAre(7, 255, 300));
  const Delivery& first = clients[0].deliveries[0].delivery;
  EXPECT_EQ(first.message->payload(), "7");
  EXPECT_EQ(first.identifier, 268'435'455u);
  EXPECT_EQ(first.qos, mqtt::QoS::exactly_once);
  EXPECT_EQ(first.state, Delivery::State::released);
  EXPECT_TRUE(first.retain);
  const Delivery& last = clients[0].deliveries[2].delivery;
  EXPECT_EQ(last.qos, mqtt::QoS::at_least_once);
  EXPECT_EQ(last.state, Delivery::State::waiting);
  EXPECT_FALSE(last.retain);
  EXPECT_THAT(clients[0].received_qos2, ElementsAre(1, 256, 65'535));
}

TEST_F(SessionRows, WhatIsErasedIsGoneAndNothingElse) {
  put_client("alice");
  put_message("alice", 1);
  put_message("alice", 2);
  session_rows::put_received(batch, "alice", 5);
  session_rows::put_received(batch, "alice", 6);
  session_rows::erase_delivery(batch, "alice", 1);
  session_rows::erase_received(batch, "alice", 6);

  const std::vector<StoredClient> clients = load();

  EXPECT_THAT(numbers(clients[0]), ElementsAre(2));
  EXPECT_THAT(clients[0].received_qos2, ElementsAre(5));
}

// Ids that begin alike, and a message number that looks like a separator.
TEST_F(SessionRows, ASessionIsErasedWithoutItsNeighbours) {
  for (const char* id : {"a", "a/b", "ab", "\xc2\x80"}) {
    put_client(id);
    put_message(id, 0);
    put_message(id, 0x0101010101010101);
    session_rows::put_received(batch, id, 0x0100);
  }
  session_rows::erase_session(batch, "a");

  const std::vector<StoredClient> clients = load();

  ASSERT_THAT(clients, SizeIs(4));
  for (const StoredClient& client : clients) {
    const bool erased = client.state.client_id == "a";
    EXPECT_THAT(client.deliveries, SizeIs(erased ? 0 : 2)) << client.state.client_id;
    EXPECT_THAT(client.received_qos2, SizeIs(erased ? 0 : 1)) << client.state.client_id;
  }
}

TEST_F(SessionRows, RowsWithoutASessionAreErased) {
  put_client("stays");
  put_client("ended", 0);
  for (const char* id : {"stays", "ended", "never was"}) {
    put_message(id, 3);
    session_rows::put_received(batch, id, 3);
  }
  batch.put(Family::queued, "m/short", "x");
  batch.put(Family::queued, "q/", "");
  batch.put(Family::queued, "event/0000000000000001", "of another folder");

  const std::vector<StoredClient> clients = load();

  for (const StoredClient& client : clients)
    EXPECT_THAT(client.deliveries, SizeIs(client.state.client_id == "stays" ? 1 : 0)) << client.state.client_id;
  std::vector<std::string> keys;
  for (const Row& row : rows()) keys.push_back(row.key);
  EXPECT_THAT(keys, ElementsAre("event/0000000000000001", std::string("m/stays\0\0\0\0\0\0\0\0\3", 16),
                                std::string("q/stays\0\0\3", 10)));
}

TEST_F(SessionRows, ADamagedRowIsLeftOutWhereverItIsCut) {
  put_client("alice");
  put_message("alice", 1, "whole");
  ASSERT_THAT(load(), SizeIs(1));
  const Row whole = rows().front();
  for (std::size_t length = 0; length < whole.value.size(); ++length) {
    batch.put(Family::queued, whole.key, whole.value.substr(0, length));
    put_message("alice", 2);
    const std::vector<StoredClient> clients = load();
    EXPECT_THAT(numbers(clients[0]), ElementsAre(2)) << length;
  }
}

TEST_F(SessionRows, ADamagedClientIsLeftOutWithItsMessages) {
  put_client("alice");
  put_message("alice", 1);
  batch.put(Family::sessions, "bob", "{\"c\":");
  put_message("bob", 1);

  const std::vector<StoredClient> clients = load();

  ASSERT_THAT(clients, SizeIs(1));
  EXPECT_EQ(clients[0].state.client_id, "alice");
  EXPECT_THAT(rows(), SizeIs(1)) << "bob's are erased";
}

}  // namespace croft::broker
