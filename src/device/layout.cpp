#include "device/layout.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "text/json.h"

namespace croft::device {

namespace fs = std::filesystem;

namespace {

// Finds its own folder through links, so that it works from ggc/core and by any other name. The program's path is
// that of the installation; a croft that has moved since is looked for in PATH.
constexpr std::string_view script = R"sh(#!/bin/sh
# Starts and stops the device daemon of this folder: greengrassd {start|stop|restart|status} or --version.
core=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "$core/../..")
croft=@PROGRAM@
[ -x "$croft" ] || croft=croft
exec "$croft" device greengrassd --dir "$root" "$@"
)sh";

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Error unwritable(const std::string& path) {
  return {"FileUnwritable", "cannot write " + path + ": " + std::strerror(errno)};
}

// Never follows or replaces what is there.
Result<void> write_new(const std::string& path, std::string_view text, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return unwritable(path);
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const Error error = unwritable(path);
  if (::close(file) != 0 || !written) return error;
  return {};
}

Result<void> link_to(const std::string& target, const std::string& path) {
  if (::symlink(target.c_str(), path.c_str()) != 0 && errno != EEXIST) return unwritable(path);
  return {};
}

Result<void> make_folders(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure) return Error{"FileUnwritable", "cannot create " + folder + ": " + failure.message()};
  }
  return {};
}

std::string with_newline(std::string pem) {
  if (!pem.ends_with('\n')) pem += '\n';
  return pem;
}

std::string file_stem(const Install& install) {
  return install.certificate_id.substr(0, 10);
}

}  // namespace

std::string package_folder(const std::string& root) {
  return root + "/ggc/packages/" + std::string(core_version);
}

std::string config_text(const Install& install) {
  const std::string certs = "file://" + install.root + "/certs/";
  const std::string key = certs + file_stem(install) + ".private.key";
  const std::string certificate = certs + file_stem(install) + ".cert.pem";
  const json::object document{
      {"coreThing", json::object{{"thingArn", install.thing_arn},
                                 {"iotHost", install.host},
                                 {"ggHost", install.host},
                                 {"iotMqttPort", install.port},
                                 {"keepAlive", 600}}},
      {"runtime", json::object{{"cgroup", json::object{{"useSystemd", "yes"}}}}},
      {"managedRespawn", false},
      {"pidFileDirectory", install.root + "/ggc/var/run"},
      {"crypto",
       json::object{{"principals", json::object{{"SecretsManager", json::object{{"privateKeyPath", key}}},
                                                {"IoTCertificate", json::object{{"privateKeyPath", key},
                                                                                {"certificatePath", certificate}}}}},
                    {"caPath", certs + "root.ca.pem"}}}};
  return json::pretty(document) + '\n';
}

Result<void> check_root_is_free(const std::string& root) {
  std::error_code ignored;
  for (const std::string& path : {root + "/config/config.json", root + "/ggc/core/greengrassd"}) {
    if (fs::exists(fs::symlink_status(path, ignored))) {
      return Error{"InstallExists", path + " exists: a device is installed there, and nothing is overwritten", 409};
    }
  }
  const std::string certs = root + "/certs";
  if (fs::exists(certs, ignored) && !fs::is_empty(certs, ignored)) {
    return Error{"InstallExists", certs + " is not empty, and nothing is overwritten", 409};
  }
  return {};
}

Result<void> write_install(const Install& install) {
  if (auto free = check_root_is_free(install.root); !free) return free.error();
  if (auto made = make_folders({install.root + "/certs", install.root + "/config"}); !made) return made.error();
  struct File {
    std::string path, text;
    mode_t mode;
  };
  const std::string stem = install.root + "/certs/" + file_stem(install);
  const File files[] = {{stem + ".private.key", with_newline(install.private_key_pem), 0600},
                        {stem + ".public.key", with_newline(install.public_key_pem), 0644},
                        {stem + ".cert.pem", with_newline(install.certificate_pem), 0644},
                        {install.root + "/certs/root.ca.pem", with_newline(install.ca_pem), 0644},
                        {install.root + "/config/config.json", config_text(install), 0644}};
  for (const File& file : files) {
    if (auto written = write_new(file.path, file.text, file.mode); !written) return written.error();
  }
  return write_programs(install.root, install.program);
}

Result<void> write_programs(const std::string& root, const std::string& program) {
  const std::string core = root + "/ggc/core";
  const std::string package = package_folder(root);
  if (auto made = make_folders({core, package + "/bin", root + "/ggc/var/log/system", root + "/ggc/var/run"});
      !made) {
    return made.error();
  }
  std::string greengrassd(script);
  greengrassd.replace(greengrassd.find("@PROGRAM@"), 9, shell_quoted(program));
  if (auto written = write_new(core + "/greengrassd", greengrassd, 0755); !written) return written.error();
  if (auto linked = link_to("greengrassd", core + "/greengrass"); !linked) return linked.error();
  if (auto linked = link_to("../../core/greengrassd", package + "/greengrassd"); !linked) return linked.error();
  return link_to(program, package + "/bin/daemon");
}

}  // namespace croft::device
