#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/client.h"
#include "console/access.h"
#include "console/assets.h"
#include "console/call_ring.h"
#include "console/feeds.h"
#include "console/history.h"
#include "console/presence_watch.h"
#include "console/sign_in.h"
#include "gateway/service.h"
#include "identity/credentials.h"
#include "shard/task.h"
#include "types/instance.h"

namespace croft::console {

inline constexpr std::string_view page_prefix = "/_croft/console/";
inline constexpr std::string_view data_prefix = "/_croft/console/api/";

// What the console asks the rest of croft; the application connects it.
class Sources {
 public:
  virtual ~Sources() = default;
  virtual Task<Figures> figures() = 0;
  // How many shards own clients, and how many clients that one knows.
  virtual std::size_t client_shards() = 0;
  virtual Task<std::size_t> client_count(std::size_t shard) = 0;
  // Calls `visit` on that shard for each of its clients.
  using Visit = std::function<void(const broker::ClientState&)>;
  virtual Task<void> each_client(std::size_t shard, Visit visit) = 0;
  // The changes of a table's items while the log is held; nullptr: they cannot be watched.
  virtual std::shared_ptr<const ChangeLog> watch_items(const std::string& table) = 0;
  // Where tables are that are not croft's own; "" = here.
  virtual std::string tables_elsewhere() = 0;
  // An AWS call as the account's root, without a signature; of who may only read refused unless it reads. `request` has the
  // path and the headers of AWS's own.
  virtual Task<net::HttpResponse> call(Role role, std::string service, net::HttpRequest request) = 0;
  // What the asker's MQTT client signs with.
  virtual identity::Credentials mqtt_credentials(const Asker& asker) = 0;
};

// The page and what it asks: everything below /_croft/console/. README.md lists the paths.
//
// Threads: the API shard's.
class Console {
 public:
  struct People {
    const Access& access;
    Sessions& sessions;
    SignIn& sign_in;
  };
  // The references outlive it.
  Console(Shard& shard, Sources& sources, PresenceChanges& presence, const CallRing& calls, People people, Instance instance);
  Console(const Console&) = delete;

  // Counts once a second from here on.
  void start();
  Task<net::HttpResponse> answer(net::HttpRequest request);
  // Something new is in a log. Threads: any.
  void wake() { feeds_->wake(); }

 private:
  Task<net::HttpResponse> answer_api(net::HttpRequest& request);
  Task<net::HttpResponse> answer_data(std::string_view what, const Asker& asker, net::HttpRequest& request);
  Task<net::HttpResponse> begin_session(const net::HttpRequest& request);
  net::HttpResponse end_session(const net::HttpRequest& request);
  Task<net::HttpResponse> clients(const net::HttpRequest& request);
  Task<net::HttpResponse> call_aws(std::string_view rest, Role role, net::HttpRequest& request);
  net::HttpResponse mqtt_url(const Asker& asker, const net::HttpRequest& request);
  net::HttpResponse call_input(std::string_view number) const;
  net::HttpResponse about(const Asker& asker) const;
  net::HttpResponse feed(const Asker& asker, const net::HttpRequest& request);
  static Task<void> count(std::weak_ptr<History> history, Sources& sources, Sessions& sessions, std::weak_ptr<Feeds> feeds);

  Sources& sources_;
  PresenceChanges& presence_;
  const CallRing& calls_;
  const People people_;
  const Instance instance_;
  const Assets assets_;
  Shard& shard_;
  std::shared_ptr<History> history_ = std::make_shared<History>();
  std::shared_ptr<Feeds> feeds_;
};

}  // namespace croft::console
