#include <unistd.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/provisioning.h"
#include "cli/terminal.h"
#include "device/config.h"
#include "device/limits.h"

namespace croft::cli {

namespace {

// What the installation keeps pointing at: the real file, not a link that another version may take over.
std::string own_program() {
  std::error_code failure;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failure);
  return failure ? "croft" : program.string();
}

Result<HostPort> listener_of(const DeviceOptions& options, const app::Endpoints& endpoints) {
  HostPort listener{options.host, options.port};
  if (!endpoints.mqtts.empty()) {
    auto found = split_host_port(endpoints.mqtts);
    if (!found) return found.error();
    if (listener.host.empty()) listener.host = found->host;
    if (listener.port == 0) listener.port = found->port;
  }
  if (listener.port == 0) listener.port = 8883;
  if (!listener.host.empty()) return listener;
  return Error{"NotRunning",
               "the croft that was found has no MQTT listener with TLS; name one with --host and --port"};
}

}  // namespace

int device_create(const DeviceOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  device::Install install{.root = options.root, .program = own_program()};
  if (auto free = device::check_root_is_free(install.root); !free) return fail(free.error());
  auto listener = listener_of(options, place->endpoints);
  if (!listener) return fail(listener.error());
  const std::string ca_path = options.ca.empty() ? place->endpoints.ca : options.ca;
  auto ca = device::read_file(ca_path, device::limits::pem_bytes_max);
  if (!ca) return fail(ca.error());

  auto made = provision_device(AwsApi(*place), options.name);
  if (!made) return fail(made.error());
  install.thing_arn = made->thing_arn;
  install.certificate_id = made->certificate_id;
  install.certificate_pem = made->certificate_pem;
  install.private_key_pem = made->private_key_pem;
  install.public_key_pem = made->public_key_pem;
  install.ca_pem = *ca;
  install.host = listener->host;
  install.port = listener->port;
  if (auto written = device::write_install(install); !written) return fail(written.error());
  print_line("Created " + shown(options.name) + " in " + shown(install.root) + "\nCertificate " +
             shown(made->certificate_id) + "\nStart it with:\n  " + shown(install.root) +
             "/ggc/core/greengrassd start");
  return 0;
}

int device_install(const DeviceOptions& options) {
  const std::string root = options.root;
  if (auto written = device::write_programs(root, own_program()); !written) return fail(written.error());
  print_line("Start the device with:\n  " + shown(root) + "/ggc/core/greengrassd start");
  return 0;
}

}  // namespace croft::cli
