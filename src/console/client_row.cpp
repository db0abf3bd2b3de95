#include "console/client_row.h"

#include "text/json.h"

namespace croft::console {

namespace {

class Row {
 public:
  void text(std::string_view value) {
    next();
    json::append_string(out_, value);
  }
  void number(std::int64_t value) {
    next();
    out_ += std::to_string(value);
  }
  std::string take() { return std::move(out_) + ']'; }

 private:
  void next() {
    if (out_.size() > 1) out_ += ',';
  }
  std::string out_ = "[";
};

std::string_view name_of(mqtt::Version version) { return version == mqtt::Version::v5 ? "5.0" : "3.1.1"; }

}  // namespace

std::string client_row(const broker::ClientState& client) {
  Row row;
  row.text(client.client_id);
  row.number(client.connected ? 1 : 0);
  row.number(client.since.ms);
  row.text(client.connected ? "" : broker::name(client.reason));
  row.number(static_cast<std::int64_t>(client.version));
  row.text(client.address);
  row.text(client.principal);
  row.text(client.thing_name);
  row.number(client.keep_alive_s);
  row.text(name_of(client.protocol));
  row.number(client.session_expiry_s);
  row.number(static_cast<std::int64_t>(client.subscriptions.size()));
  return row.take();
}

std::string forgotten_row(std::string_view client_id) {
  Row row;
  row.text(client_id);
  row.number(-1);
  return row.take();
}

}  // namespace croft::console
