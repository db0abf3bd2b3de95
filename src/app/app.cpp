#include "app/app.h"

#include <unistd.h>

#include <barrier>
#include <future>

#include "app/admission.h"
#include "app/console_sources.h"
#include "app/data_copies.h"
#include "app/device_side.h"
#include "app/function_pages.h"
#include "app/gateway_files.h"
#include "app/in_process_api.h"
#include "app/instance_page.h"
#include "app/metrics.h"
#include "app/own_buckets.h"
#include "app/pages.h"
#include "app/queue_pages.h"
#include "app/rule_endpoints.h"
#include "app/rule_pages.h"
#include "app/run_folder.h"
#include "app/startup_code.h"
#include "app/statistics.h"
#include "app/table_copies.h"
#include "app/trace_pages.h"
#include "cfn/deployer.h"
#include "console/user_operations.h"
#include "dynamo/remote_tables.h"
#include "dynamo/tables.h"
#include "gateway/gateway.h"
#include "identity/access_keys.h"
#include "identity/certificate_authority.h"
#include "identity/roles.h"
#include "lambda/event_sources.h"
#include "lambda/invoker.h"
#include "net/tls.h"
#include "observe/log.h"
#include "rules/actions/dynamodb.h"
#include "rules/actions/lambda.h"
#include "rules/actions/remote_actions.h"
#include "rules/actions/republish.h"
#include "rules/actions/sqs.h"
#include "rules/local_services.h"
#include "rules/secrets.h"
#include "services/cloudformation/cloudformation.h"
#include "services/dynamodb/forwarding.h"
#include "services/dynamodb/operations.h"
#include "services/dynamodbstreams/operations.h"
#include "services/iam/iam.h"
#include "services/iot/iot.h"
#include "services/iot/logging.h"
#include "services/iot/rules.h"
#include "services/iotdata/data_plane.h"
#include "services/lambda/code_url.h"
#include "services/lambda/event_source_mappings.h"
#include "services/lambda/lambda_api.h"
#include "services/s3/s3.h"
#include "services/sqs/sqs.h"
#include "services/sts/sts.h"
#include "sqs/queues.h"
#include "things/registry.h"

namespace croft::app {

namespace {

constexpr std::size_t pool_threads = 4;
constexpr std::chrono::milliseconds stop_patience{3'000};
constexpr std::chrono::milliseconds tls_handshake_patience{10'000};
constexpr std::size_t gateway_bodies_bytes_max = std::size_t{512} << 20;  // four of the largest

std::string url_of(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

// Waits on the calling thread for a task that runs on `shard`.
template <class T>
Task<void> give(Task<T> task, std::promise<T>& result) {
  T value = co_await std::move(task);
  result.set_value(std::move(value));
}
Task<Done> done_after(Task<void> task) {
  co_await std::move(task);
  co_return Done{};
}
// What was given to the pool touches what is destroyed before it. All its threads meet behind that.
void finish(Pool& pool) {
  auto met = std::make_shared<std::barrier<>>(pool_threads + 1);
  for (std::size_t n = 0; n < pool_threads; ++n) pool.push([met] { met->arrive_and_wait(); });
  met->arrive_and_wait();
}
void wait_for(Shard& shard, Task<void> task) {
  std::promise<Done> result;
  shard.spawn(give(done_after(std::move(task)), result));
  result.get_future().wait();
}

lambda::CredentialsSource credentials_from(identity::AccessKeys& keys, const identity::Roles& roles) {
  return [&keys, &roles](const std::string& role_arn, const std::string& function) {
    auto role = roles.find_by_arn(role_arn);
    const identity::SessionRequest request{.role_arn = role_arn,
                                           .role_id = role ? role->id : std::string(),
                                           .session_name = function,
                                           .lifetime = std::chrono::hours(12),
                                           .for_function = true};
    const identity::Session session = keys.issue_session(request, Timestamp::now());
    return lambda::Credentials{session.credentials.access_key_id, session.credentials.secret_access_key,
                               session.credentials.session_token};
  };
}

lambda::Settings lambda_settings(const Config& config, const std::string& folder, const std::string& gateway_url) {
  lambda::Settings settings;
  settings.instance = config.instance;
  settings.data_path = folder;
  settings.endpoint_url = gateway_url;
  return settings;
}

std::vector<std::string> certificate_names() {
  std::vector<std::string> names{"localhost"};
  const std::string host = local_host_name();
  if (!host.empty() && host != "localhost") names.push_back(host);
  return names;
}

bool is_address(const std::string& name) {
  return name.find(':') != std::string::npos || name.find_first_not_of("0123456789.") == std::string::npos;
}

// Whether tables that are elsewhere take croft's key is known, and told, before the first row is missed.
Task<void> greet_tables(remote::RemoteServices& services, Shard& shard) {
  const std::string place = services.find(remote::tables_service)->endpoint;
  dynamo::RemoteTables tables(services);
  auto greeted = co_await tables.greet(shard);
  if (greeted) {
    log::info("tables", "tables are at " + place + "; those of the data folder are left as they are");
    co_return;
  }
  const Error& why = greeted.error();
  log::error("tables", "tables are at " + place + ", which answers " + why.code + ": " + why.message);
}

}  // namespace

// Everything, in the order in which it is built; destroyed from the end.
struct App::Parts {
  Parts(Config wanted, std::unique_ptr<RunFolder> folder, std::unique_ptr<Store> opened);

  Result<void> open_gateway_port();
  Result<void> open_gateway_tls_port();
  Result<identity::IssuedCertificate> server_certificate() const;
  // In the order in which build() calls them.
  Result<void> build();
  Result<void> open_registry();
  void build_functions();
  Result<void> build_rules();
  Result<void> build_remote(rules::ActionTypes& actions);
  void build_devices();
  void add_iot();
  void add_services();
  void add_table_services();
  void add_data_plane();
  void add_every_page();
  void add_console(std::string token_of_metrics);
  rules::LocalServices::Sources external_sources();
  Result<DeviceSide::TlsContexts> tls_contexts();
  gateway::Service add(gateway::Service service);
  std::string device_host() const;
  Endpoints endpoints() const;
  Result<void> serve();
  void stop();

  const Config config;
  const std::unique_ptr<RunFolder> run_folder;
  const std::unique_ptr<Store> store;
  net::BodyBudget bodies{gateway_bodies_bytes_max};  // outlives the connections, which are the shard's
  Shard api{1'000, "api"};
  Pool pool{pool_threads};
  std::unique_ptr<net::Listener> gateway_listener, gateway_tls_listener;
  std::string gateway_url;

  identity::AccessKeys keys;
  identity::Roles roles;
  console::Users users;
  console::Sessions sessions;
  std::unique_ptr<identity::CertificateAuthority> authority;
  std::unique_ptr<things::Registry> registry;
  dynamo::Tables tables;
  services::s3::Objects objects;
  sqs::Queues queues;
  TableCopies table_copies;
  DataCopies data_copies;

  std::unique_ptr<lambda::CodeArchives> archives;
  std::unique_ptr<lambda::Functions> functions;
  std::unique_ptr<lambda::FunctionLogs> logs;
  std::unique_ptr<lambda::Invoker> invoker;
  std::unique_ptr<lambda::EventSources> event_sources;

  std::unique_ptr<remote::RemoteServices> remote;
  std::unique_ptr<dynamo::TableBackend> table_backend;  // of rules: `tables`, or where [tables] says they are
  std::unique_ptr<RuleEndpoints> rule_endpoints;
  things::Shadows shadows;
  std::unique_ptr<rules::LocalServices> external;
  std::unique_ptr<rules::Engine> engine;
  trace::Traces traces;
  trace::Timelines timelines;
  console::PresenceChanges presence_changes;
  console::ItemChanges item_changes;
  console::CallRing calls;
  RefusalBooks refusals;
  std::unique_ptr<CustomAuthorizers> authorizers;
  std::unique_ptr<Admission> admission;
  std::unique_ptr<things::IotLog> iot_log;
  std::unique_ptr<rules::RuleLog> rule_log;
  std::unique_ptr<DeviceSide> devices;

  std::unique_ptr<services::iot::Iot> iot;
  std::unique_ptr<services::iotdata::DataPlane> data_plane;
  std::unique_ptr<services::LambdaApi> lambda_api;
  std::unique_ptr<InProcessApi> in_process;
  std::unique_ptr<cfn::Deployer> deployer;
  std::unique_ptr<gateway::Gateway> gateway;
  std::unique_ptr<gateway::Gateway> device_gateway;  // what devices reach by HTTPS: their data plane, and nothing unsigned
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<console::Access> access;
  std::unique_ptr<console::SignIn> sign_in;
  std::unique_ptr<ConsoleSources> console_sources;
  std::unique_ptr<console::Console> console;
  net::HttpHandler handler, device_handler;
};

App::Parts::Parts(Config wanted, std::unique_ptr<RunFolder> folder, std::unique_ptr<Store> opened)
    : config(std::move(wanted)),
      run_folder(std::move(folder)),
      store(std::move(opened)),
      keys(*store, config.instance),
      roles(*store, config.instance),
      users(*store),
      tables(*store, config.instance),
      objects(*store),
      queues(api, *store, config.instance),
      table_copies({tables, *store, objects, api, pool}, config.instance),
      data_copies(*store, pool, run_folder->path(), config.instance),
      shadows(*store) {}

// Functions reach the gateway over HTTP also where nobody else is to: by a port of the loopback interface that nobody is told.
// Without one their SDKs would go to AWS.
Result<void> App::Parts::open_gateway_port() {
  const std::string address = config.gateway_port ? config.gateway_address() : "127.0.0.1";
  auto listener = net::Listener::open(api, address, config.gateway_port.value_or(0), nullptr, false);
  if (!listener) return listener.error();
  gateway_listener = std::move(*listener);
  gateway_url = "http://" + url_of(address, gateway_listener->port());
  return {};
}

// Names what devices and browsers may know this machine by.
Result<identity::IssuedCertificate> App::Parts::server_certificate() const {
  std::vector<std::string> names = certificate_names(), addresses{"127.0.0.1", "::1"}, listening{config.listen};
  if (config.gateway_tls_port) listening.push_back(config.gateway_tls_address());
  for (const std::string& listen : listening) {
    const bool any = listen == "0.0.0.0" || listen == "::";
    for (const std::string& address : any ? local_addresses() : std::vector<std::string>{listen})
      if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
  }
  for (const std::string& name : config.server_names) (is_address(name) ? addresses : names).push_back(name);
  return authority->server(names, addresses, Timestamp::now());
}

Result<void> App::Parts::open_gateway_tls_port() {
  if (!config.gateway_tls_port) return {};
  auto certificate = server_certificate();
  if (!certificate) return certificate.error();
  auto tls = gateway_tls(config, *certificate);
  if (!tls) return tls.error();
  auto listener = net::Listener::open(api, config.gateway_tls_address(), *config.gateway_tls_port, std::move(*tls), false);
  if (!listener) return listener.error();
  gateway_tls_listener = std::move(*listener);
  return {};
}

Result<DeviceSide::TlsContexts> App::Parts::tls_contexts() {
  DeviceSide::TlsContexts contexts;
  if (!config.mqtts_port && !config.device_port && !config.https_port) return contexts;
  auto certificate = server_certificate();
  if (!certificate) return certificate.error();
  using Demand = net::TlsContext::Certificate;
  net::TlsContext::Server settings{.certificate_pem = certificate->certificate_pem,
                                   .key_pem = certificate->private_key_pem,
                                   .judge = [this](const net::ClientCertificate& c) { return admission->is_active(c); },
                                   .alpn = {}};
  net::TlsContext::Server mqtts = settings, device = settings;
  mqtts.alpn = {alpn_mqtt_certificate, alpn_mqtt_authorizer};
  device.alpn = {alpn_mqtt_certificate, alpn_http_certificate, alpn_mqtt_authorizer};
  device.certificate = Demand::optional;
  device.certificate_for = {{alpn_mqtt_certificate, Demand::required},
                            {alpn_http_certificate, Demand::required},
                            {alpn_mqtt_authorizer, Demand::not_asked}};
  const std::pair<net::TlsContext::Server*, std::shared_ptr<net::TlsContext>*> made[] = {
      {&mqtts, &contexts.mqtts}, {&device, &contexts.device}, {&settings, &contexts.https}};
  for (const auto& [wanted, context] : made) {
    auto built = net::TlsContext::server(std::move(*wanted));
    if (!built) return built.error();
    *context = std::move(*built);
  }
  return contexts;
}

// Adds a service for deployments too.
gateway::Service App::Parts::add(gateway::Service service) {
  in_process->add(service);
  gateway->add(service);
  return service;
}

// On the gateway by signed requests; where devices come in with TLS by client certificates too. There signatures are asked
// for whatever the settings say, because the network can be anyone's, and a WebSocket with neither is judged at its CONNECT.
// Names as in iotdevicegateway's documentation and in the models of iot-data. Source: AWS IoT developer guide, "Device
// communication protocols"; mqttv3.1 is what the first JavaScript device SDK asks for.
void App::Parts::add_data_plane() {
  device_gateway = std::make_unique<gateway::Gateway>(config.instance, keys, gateway::Gateway::Settings{true});
  data_plane = std::make_unique<services::iotdata::DataPlane>(devices->hub(), *registry, devices->shadows(), config.broker);
  gateway::WebSocketEntry entry{.path = "/mqtt",
                                .signing_names = {"iotdevicegateway", "iotdata"},
                                .subprotocols = {"mqtt", "mqttv3.1"},
                                .open = [this](net::Transport transport) { devices->take(std::move(transport)); }};
  gateway->add_websocket(entry);
  gateway->add(services::iotdata::data_service(*data_plane));
  entry.takes_unsigned = true;
  device_gateway->add_websocket(std::move(entry));
  device_gateway->add(services::iotdata::data_service(
      *data_plane, [this](const net::HttpRequest& request) { return authorizers->admit(request); }));
}

// What the external functions of SQL ask.
rules::LocalServices::Sources App::Parts::external_sources() {
  rules::LocalServices::Sources sources{
      .functions = *functions, .invoker = *invoker, .tables = *table_backend, .shadows = shadows};
  sources.registry = [this](std::string operation, std::string thing) {
    return on<Result<json::object>>(api, [this, operation = std::move(operation), thing = std::move(thing)] {
      return in_process->call("iot", operation, {{"thingName", thing}});
    });
  };
  sources.object = [this](const std::string& bucket, const std::string& key) -> Result<rules::LocalServices::StoredObject> {
    auto head = objects.head(bucket, key);
    if (!head) return head.error();
    return rules::LocalServices::StoredObject{.version = head->etag, .bytes = head->size, .read = [this, bucket, key] {
      return objects.get(bucket, key);
    }};
  };
  if (config.remote.services.contains("secretsmanager"))
    sources.secret = [this](Shard& shard, std::string id) { return rules::current_secret(*remote, shard, std::move(id)); };
  return sources;
}

Result<void> App::Parts::build() {
  if (auto opened = open_registry(); !opened) return opened.error();
  build_functions();
  if (auto built = build_rules(); !built) return built.error();
  build_devices();
  gateway = std::make_unique<gateway::Gateway>(config.instance, keys, gateway::Gateway::Settings{config.signatures});
  in_process = std::make_unique<InProcessApi>(objects);
  add_iot();
  add_services();
  Instance reachable = config.instance;
  reachable.endpoint_url = gateway_url;
  deployer = std::make_unique<cfn::Deployer>(api, *store, *in_process, std::move(reachable));
  gateway->add(services::cloudformation::cloudformation_service(*deployer));
  add_data_plane();
  gateway->trace_to(traces);
  invoker->trace_to(traces);
  add_every_page();
  auto token = metrics_token(config);
  if (!token) return token.error();
  add_console(std::move(*token));
  return {};
}

Result<void> App::Parts::open_registry() {
  const std::string folder = run_folder->path();
  auto opened = config.ephemeral ? identity::CertificateAuthority::ephemeral(folder + "/ca.pem")
                                 : identity::CertificateAuthority::open(folder + "/ca");
  if (!opened) return opened.error();
  authority = std::move(*opened);
  auto registered = things::Registry::open(*store, config.instance);
  if (!registered) return registered.error();
  registry = std::move(*registered);
  return {};
}

void App::Parts::build_functions() {
  const std::string folder = run_folder->path();
  archives = std::make_unique<lambda::CodeArchives>(*store, pool, folder + "/functions");
  functions = std::make_unique<lambda::Functions>(*store, *archives, config.instance);
  logs = std::make_unique<lambda::FunctionLogs>(config.ephemeral ? std::string() : folder + "/logs");
  invoker = std::make_unique<lambda::Invoker>(api, pool, *functions, *logs, lambda_settings(config, folder, gateway_url),
                                              folder + "/runtimes", folder + "/tmp", credentials_from(keys, roles));
  event_sources = std::make_unique<lambda::EventSources>(api, *functions, *invoker, queues);
}

Result<void> App::Parts::build_rules() {
  rules::ActionTypes actions;
  if (auto built = build_remote(actions); !built) return built.error();
  rules::add_lambda_action(actions, *functions, *invoker, *table_backend);
  rules::add_dynamodb_actions(actions, *table_backend);
  rules::add_republish_action(actions);
  rules::add_sqs_action(actions, queues);
  external = std::make_unique<rules::LocalServices>(external_sources());
  actions.use(*external);
  rules::add_remote_actions(actions, *remote, put_into(objects, *store));
  engine = std::make_unique<rules::Engine>(*store, config.instance, std::move(actions), config.rules_max);
  return {};
}

// What is elsewhere, and how rules get there.
Result<void> App::Parts::build_remote(rules::ActionTypes& actions) {
  const std::string folder = run_folder->path();
  auto endpoints = RuleEndpoints::open(config, *store, api, pool, folder, gateway_url,
                                       [this]() -> remote::RemoteServices& { return *remote; });
  if (!endpoints) return endpoints.error();
  rule_endpoints = std::move(*endpoints);
  rule_endpoints->add_actions(actions);
  remote::Settings elsewhere = config.remote;
  if (!config.authorities.empty()) elsewhere.trust_anchors_file = folder + "/authorities.pem";  // rule_endpoints wrote it
  remote = std::make_unique<remote::RemoteServices>(std::move(elsewhere));
  if (remote->find(remote::tables_service)) table_backend = std::make_unique<dynamo::RemoteTables>(*remote);
  else table_backend = std::make_unique<dynamo::LocalTables>(tables);
  return {};
}

void App::Parts::build_devices() {
  authorizers = std::make_unique<CustomAuthorizers>(api, *registry, refusals.clients,
                                                    authorizer_call(*registry, *functions, *invoker));
  admission = std::make_unique<Admission>(*registry, *authorizers, refusals, sessions);
  iot_log = std::make_unique<things::IotLog>(*store, run_folder->path() + "/iot.log");
  rule_log = std::make_unique<rules::RuleLog>(*iot_log, config.instance);
  devices = std::make_unique<DeviceSide>(config, *store, *admission, *engine, *rule_log, shadows, presence_changes,
                                         presence::Told{&traces, &timelines});
}

// What devices may call this machine; the server's certificate has it.
std::string App::Parts::device_host() const {
  return config.listen == "0.0.0.0" || config.listen == "::" ? local_host_name() : config.listen;
}

void App::Parts::add_iot() {
  iot = std::make_unique<services::iot::Iot>(
      *registry, *authority, pool, services::iot::Endpoints{.data = device_host()},
      [this](things::Authorizer authorizer, services::iot::AuthorizerTest test) {
        return authorizers->test(std::move(authorizer), std::move(test));
      });
  gateway::Service iot_rows = services::iot::iot_service(*iot);
  services::iot::add_rule_operations(iot_rows, {*engine, *store, roles});
  rule_endpoints->add_operations(iot_rows);
  services::iot::add_logging_operations(iot_rows, *iot_log);
  gateway->add_page("/confirmdestination/", rule_endpoints->confirmation_page(), gateway::PageKind::open);
  add(std::move(iot_rows));
}

void App::Parts::add_services() {
  lambda_api = std::make_unique<services::LambdaApi>(
      *functions, *invoker, *logs, [this](const std::string& bucket, const std::string& key) { return objects.get(bucket, key); },
      [this](const net::HttpRequest& request, const std::string& path) {
        return services::presigned_code_url({keys.root(), config.instance.region, gateway_url}, request, path, Timestamp::now());
      });
  gateway::Service lambda_rows = lambda_api->service();
  services::add_event_source_operations(lambda_rows, *event_sources);
  add(std::move(lambda_rows));
  add_table_services();
  gateway::Service own = data_copies.service();
  console::add_user_operations(own, {users, sessions, *store, pool, config.instance});
  gateway->add(std::move(own));
  add(services::s3::s3_service(objects, *store, pool, config.instance));
  add(services::sts::sts_service(keys, roles, config.instance));
  add(services::iam::iam_service(roles, *store));
  gateway->add(gateway::in_query_form(add(services::sqs::sqs_service(queues, gateway_url)), services::sqs::api_version,
                                      services::sqs::xml_namespace));
}

void App::Parts::add_table_services() {
  if (!remote->find(remote::tables_service)) {
    gateway::Service dynamodb = services::dynamodb::dynamodb_service(tables, config.instance);
    table_copies.add_operations(dynamodb);
    add(std::move(dynamodb));
    add(services::dynamodbstreams::dynamodbstreams_service(tables));
    event_sources->use(tables);
    return;
  }
  add(services::dynamodb::forwarded_dynamodb_service(*remote, api, config.instance));
  add(services::dynamodb::forwarded_streams_service(*remote, api));
}

void App::Parts::add_every_page() {
  add_pages(*gateway, *devices);
  add_function_pages(*gateway, *functions, *invoker, *logs, api);
  add_refusals_page(*gateway, refusals, *registry);
  add_trace_page(*gateway, *devices, api);
  add_event_trace_pages(*gateway, {traces, timelines, *devices, *logs, refusals.clients});
  add_log_page(*gateway, *iot_log);
  add_rule_pages(*gateway, *engine);
  add_queue_pages(*gateway, queues);
  metrics =
      std::make_unique<Metrics>(Metrics::Sources{api, *store, *devices, *engine, *invoker, *gateway, *device_gateway, *remote});
  gateway->add_page("/_croft/instance", [this, started = Timestamp::now()](net::HttpRequest) -> Task<net::HttpResponse> {
    co_return instance_page(config, endpoints(), device_host(), authority->pem(), started);
  });
  gateway->add_page("/metrics", [this](net::HttpRequest) { return metrics->page(); });
}

// Who may use it, and croft's other pages with it.
void App::Parts::add_console(std::string token_of_metrics) {
  access = std::make_unique<console::Access>(
      console::Access::Settings{config.gateway_address(), config.gateway_tls_address(), config.console_sign_in_always,
                                std::move(token_of_metrics)},
      users, sessions);
  gateway->guard_pages([this](const net::HttpRequest& request, gateway::PageKind kind) { return access->guard(request, kind); });
  sign_in = std::make_unique<console::SignIn>(users, sessions);
  console_sources = std::make_unique<ConsoleSources>(*devices, *gateway, keys, config.instance);
  console = std::make_unique<console::Console>(api, *console_sources, presence_changes, calls,
                                               console::Console::People{*access, sessions, *sign_in}, config.instance);
  presence_changes.tell([this] { console->wake(); });
  item_changes.tell([this] { console->wake(); });
  tables.watch_with(item_changes);
  const remote::ServiceSettings* elsewhere = remote->find(remote::tables_service);
  console_sources->show_tables(item_changes, elsewhere ? elsewhere->endpoint : "");
  gateway->watch_calls([this](const gateway::ServedCall& call) {
    calls.add(call, Timestamp::now());
    console->wake();
  });
  gateway->add_page("/_croft/console", [this](net::HttpRequest request) { return console->answer(std::move(request)); },
                    gateway::PageKind::open);  // it asks `access` itself
  gateway->send_browsers_to(std::string(console::page_prefix));
}

// Anybody may connect here: the handshake has its own time, and what is not a whole request yet a common limit.
static Task<void> serve_by_tls(net::Transport transport, Shard& shard, const net::HttpHandler& handler, net::BodyBudget& bodies) {
  transport.expire_after(tls_handshake_patience);
  const bool is_known = co_await transport.handshake(shard.read_buffer());
  if (!is_known) co_return;
  co_await net::serve_http(std::move(transport), handler, net::limits::http_idle_max, net::limits::http_body_bytes_max, &bodies);
}

static Task<void> release_startup_code_later() {
  constexpr std::chrono::milliseconds until_ready{200};
  co_await sleep_for(until_ready);
  release_startup_code();
}

Result<void> App::Parts::serve() {
  handler = [this](net::HttpRequest request) { return gateway->handle(std::move(request)); };
  device_handler = [this](net::HttpRequest request) { return device_gateway->handle(std::move(request)); };
  auto tls = tls_contexts();
  if (!tls) return tls.error();
  if (auto bound = devices->bind(std::move(*tls)); !bound) return bound.error();
  if (auto opened = open_gateway_tls_port(); !opened) return opened.error();
  api.start();
  if (auto used = functions->code_in_use()) wait_for(api, archives->sweep(std::move(*used)));
  else log::error("app", used.error().message + "; unused packages are kept");
  api.spawn(release_startup_code_later());
  api.post([this] { table_copies.start(); });
  api.post([this] { invoker->start(); });
  api.post([this] { queues.start(); });
  tables.streams().set({.shard_ms = config.stream_shard_s * 1'000, .kept_ms = config.stream_kept_s * 1'000});
  if (config.throttle_tables) tables.enforce_throughput(std::make_unique<dynamo::ThroughputLimits>());
  api.post([this] { tables.start(api); });
  api.post([this] { event_sources->start(); });
  api.post([this] { authorizers->start(); });
  api.post([this] { deployer->start(); });
  api.post([this] { rule_endpoints->start(); });
  if (remote->find(remote::tables_service)) api.spawn(greet_tables(*remote, api));
  metrics->start();
  console->start();
  if (config.sys_interval_s > 0) api.spawn(publish_statistics(*devices, std::chrono::seconds(config.sys_interval_s)));
  devices->recover();
  gateway_listener->start([this](net::Transport transport) { api.spawn(net::serve_http(std::move(transport), handler)); });
  if (gateway_tls_listener)
    gateway_tls_listener->start(
        [this](net::Transport transport) { api.spawn(serve_by_tls(std::move(transport), api, handler, bodies)); });
  devices->accept(device_handler);
  return {};
}

// Of what is open now.
Endpoints App::Parts::endpoints() const {
  Endpoints out;
  if (config.gateway_port) out.gateway = gateway_url;
  if (gateway_tls_listener) out.gateway_tls = "https://" + url_of(config.gateway_tls_address(), gateway_tls_listener->port());
  const bool any = config.gateway_tls_address() == "0.0.0.0" || config.gateway_tls_address() == "::";
  if (out.gateway.empty() && gateway_tls_listener)  // under a name that the certificate has
    out.gateway = "https://" + url_of(any ? "127.0.0.1" : config.gateway_tls_address(), gateway_tls_listener->port());
  if (auto port = devices->mqtt_port()) out.mqtt = url_of(config.mqtt_address(), *port);
  if (auto port = devices->mqtts_port()) out.mqtts = url_of(config.listen, *port);
  if (auto port = devices->device_port()) out.device = url_of(config.listen, *port);
  if (auto port = devices->https_port()) out.https = url_of(config.listen, *port);
  out.ca = run_folder->path() + (config.ephemeral ? "/ca.pem" : "/ca/ca.pem");
  out.pid = ::getpid();
  return out;
}

void App::Parts::stop() {
  devices->stop(stop_patience);
  api.post([this] { event_sources->stop(); });
  wait_for(api, queues.stop());
  wait_for(api, invoker->stop());
  api.stop();
  finish(pool);
  rule_endpoints->close_connections();
  remote->close_connections();
  store->drain();
}

App::App(std::unique_ptr<Parts> parts, Endpoints endpoints) : parts_(std::move(parts)), endpoints_(std::move(endpoints)) {}

Result<std::unique_ptr<App>> App::start(Config config) {
  auto folder = RunFolder::open(config);
  if (!folder) return folder.error();
  auto store = Store::open(config.ephemeral ? std::string() : (*folder)->path(),
                           config.durability.value_or(Store::Durability::fsync));
  if (!store) return store.error();
  auto parts = std::make_unique<Parts>(std::move(config), std::move(*folder), std::move(*store));
  if (auto opened = parts->open_gateway_port(); !opened) return opened.error();
  if (auto built = parts->build(); !built) return built.error();
  if (auto served = parts->serve(); !served) return served.error();

  const Config& settings = parts->config;
  Endpoints endpoints = parts->endpoints();
  const identity::Credentials root = parts->keys.root();
  const std::string& path = parts->run_folder->path();
  if (auto written = write_credentials(path, root.access_key_id, root.secret_access_key, settings.instance.region); !written)
    return written.error();
  if (auto written = write_endpoints(path, endpoints); !written) return written.error();
  return std::unique_ptr<App>(new App(std::move(parts), std::move(endpoints)));
}

App::~App() {
  remove_endpoints(parts_->run_folder->path());
  parts_->stop();
}

}  // namespace croft::app
