#include "console/presence_watch.h"

#include "console/client_row.h"

namespace croft::console {

void PresenceWatch::record(broker::Record record) {
  if (changes_.is_watched()) {
    if (!record.erased_client.empty()) changes_.add(record.erased_client, forgotten_row(record.erased_client));
    if (record.row) changes_.add(record.row->client_id, client_row(*record.row));
  }
  recorder_.record(std::move(record));
}

}  // namespace croft::console
