// croft: one binary for the server (`croft serve`) and for the tools that talk to it.

#include <string>
#include <string_view>
#include <vector>

#include "app/serve.h"
#include "cli/run.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "serve") return croft::app::serve(std::vector<std::string>(argv + 2, argv + argc));
  return croft::cli::run(argc, argv);
}
