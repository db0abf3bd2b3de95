#include <cstdio>
#include <fstream>

#include "cli/commands.h"
#include "cli/packaging.h"
#include "cli/terminal.h"

namespace croft::cli {

int package(const PackageOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  auto packaged = package_template(api, options.template_file, {options.bucket, options.prefix});
  if (!packaged) return fail(packaged.error());
  if (options.output.empty()) {
    std::fwrite(packaged->text.data(), 1, packaged->text.size(), stdout);
    return 0;
  }
  std::ofstream file(options.output, std::ios::binary | std::ios::trunc);
  file << packaged->text;
  file.close();
  if (!file) return fail({"FileUnwritable", "cannot write " + options.output});
  print_line("Packaged " + options.template_file + " as " + options.output + ". Deploy it with:\n  croft deploy " +
             options.output + " --stack-name NAME");
  return 0;
}

}  // namespace croft::cli
