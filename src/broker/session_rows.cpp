#include "broker/session_rows.h"

#include <unordered_map>

#include "broker/message_row.h"
#include "observe/log.h"
#include "store/big_endian.h"

namespace croft::broker {

namespace {

// Client ids have no control characters (the doorstep refuses them), so a zero byte ends one.
std::string prefix(char kind, std::string_view client_id) {
  std::string key{kind, '/'};
  key += client_id;
  return key += '\0';
}

template <class Integer>
std::string key_of(char kind, std::string_view client_id, Integer number) {
  std::string key = prefix(kind, client_id);
  put_big_endian(key, number);
  return key;
}

constexpr unsigned retain_flag = 4, released_flag = 8, shared_flag = 16, group_flag = 32;

// Flags (1 byte: QoS, retain 4, released 8, by a group 32), subscription identifier (4), with 32 the group's filter behind
// its length (2), the message. An earlier croft wrote 16, without the filter, in place of 32.
std::string row_of(const Delivery& delivery) {
  const bool released = delivery.state == Delivery::State::released;
  const unsigned flags = static_cast<unsigned>(delivery.qos) | (delivery.retain ? retain_flag : 0u) |
                         (released ? released_flag : 0u) | (delivery.group ? group_flag : 0u);
  std::string row(1, static_cast<char>(flags));
  put_big_endian<std::uint32_t>(row, delivery.identifier);
  if (delivery.group) {
    put_big_endian(row, static_cast<std::uint16_t>(delivery.group->filter.size()));
    row += delivery.group->filter;
  }
  return row += to_row(*delivery.message);
}

Result<Delivery> delivery_of(std::string_view row) {
  const Error damaged{"StoreFormat", "the row of a queued message is damaged"};
  if (row.size() < 5) return damaged;
  const auto flags = static_cast<unsigned char>(row[0]);
  if ((flags & 3) != 1 && (flags & 3) != 2) return damaged;
  const auto identifier = static_cast<std::uint32_t>(big_endian(row.substr(1, 4)));
  row.remove_prefix(5);
  std::unique_ptr<GroupPlace> group;
  if ((flags & (shared_flag | group_flag)) != 0) group = std::make_unique<GroupPlace>();
  if ((flags & group_flag) != 0) {
    const std::size_t bytes = row.size() < 2 ? SIZE_MAX : big_endian(row.substr(0, 2));
    if (row.size() < 2 || row.size() - 2 < bytes) return damaged;
    group->filter = row.substr(2, bytes);
    row.remove_prefix(2 + bytes);
  }
  auto message = message_from_row(row);
  if (!message) return message.error();
  return Delivery{.message = std::move(*message),
                  .identifier = identifier,
                  .qos = static_cast<mqtt::QoS>(flags & 3),
                  .state = (flags & released_flag) != 0 ? Delivery::State::released : Delivery::State::waiting,
                  .retain = (flags & retain_flag) != 0,
                  .group = std::move(group)};
}

// What stands behind the zero byte, when `key` belongs to the client.
bool take_suffix(std::string_view key, std::size_t bytes, std::string_view& client_id, std::uint64_t& number) {
  if (key.size() < 3 + bytes || key[key.size() - bytes - 1] != '\0') return false;
  client_id = key.substr(2, key.size() - bytes - 3);
  number = big_endian(key.substr(key.size() - bytes));
  return true;
}

// Calls visit(stored client, number, value) for each row of one kind that belongs to a session; the others are erased.
template <class Visit>
void visit_rows(Store& store, char kind, std::size_t number_bytes, std::unordered_map<std::string_view, StoredClient*>& sessions,
                Visit visit) {
  const std::string from{kind, '/'}, to{kind, '/' + 1};
  Batch strays;
  store.visit(Family::queued, from, to, false, [&](std::string_view key, std::string_view value) {
    std::string_view client_id;
    std::uint64_t number = 0;
    const bool whole = take_suffix(key, number_bytes, client_id, number);
    const auto found = whole ? sessions.find(client_id) : sessions.end();
    if (found == sessions.end()) strays.erase(Family::queued, key);
    else visit(*found->second, number, value);
    return true;
  });
  if (!strays.empty()) store.write(std::move(strays));
}

}  // namespace

namespace session_rows {

void put_delivery(Batch& batch, std::string_view client_id, Sequence number, const Delivery& delivery) {
  batch.put(Family::queued, key_of<std::uint64_t>('m', client_id, number), row_of(delivery));
}

void erase_delivery(Batch& batch, std::string_view client_id, Sequence number) {
  batch.erase(Family::queued, key_of<std::uint64_t>('m', client_id, number));
}

void put_received(Batch& batch, std::string_view client_id, std::uint16_t packet_id) {
  batch.put(Family::queued, key_of<std::uint16_t>('q', client_id, packet_id), "");
}

void erase_received(Batch& batch, std::string_view client_id, std::uint16_t packet_id) {
  batch.erase(Family::queued, key_of<std::uint16_t>('q', client_id, packet_id));
}

void erase_session(Batch& batch, std::string_view client_id) {
  for (const char kind : {'m', 'q'}) {
    const std::string from = prefix(kind, client_id);
    std::string to = from;
    to.back() = '\1';
    batch.erase_range(Family::queued, from, to);
  }
}

}  // namespace session_rows

std::vector<StoredClient> load_clients(Store& store) {
  std::vector<StoredClient> clients;
  store.visit(Family::sessions, "", "", false, [&](std::string_view client_id, std::string_view row) {
    auto state = from_row(client_id, row);
    if (state) clients.push_back({.state = std::move(*state)});
    else log::error("broker", "the session row of client '" + std::string(client_id) + "' is damaged and was left out");
    return true;
  });
  std::unordered_map<std::string_view, StoredClient*> sessions;
  for (StoredClient& client : clients)
    if (client.state.session_expiry_s > 0) sessions.emplace(client.state.client_id, &client);
  visit_rows(store, 'm', 8, sessions, [](StoredClient& client, std::uint64_t number, std::string_view value) {
    auto delivery = delivery_of(value);
    if (delivery) client.deliveries.push_back({number, std::move(*delivery)});
    else log::error("broker", "a queued message of client '" + client.state.client_id + "' is damaged and was left out");
  });
  visit_rows(store, 'q', 2, sessions, [](StoredClient& client, std::uint64_t number, std::string_view) {
    client.received_qos2.push_back(static_cast<std::uint16_t>(number));
  });
  return clients;
}

}  // namespace croft::broker
