#include "lambda/archive_library.h"

#include <dlfcn.h>

#include "observe/log.h"
#include "types/assert.h"

namespace croft::lambda {

static constexpr const char* file_name = "libarchive.so.13";

ArchiveLibrary::Symbol ArchiveLibrary::find(const char* name) const {
  void* address = dlsym(handle_, name);
  CROFT_ASSERT(address != nullptr);
  return {address};
}

const ArchiveLibrary* ArchiveLibrary::get() {
  static const ArchiveLibrary* const loaded = []() -> const ArchiveLibrary* {
    void* handle = dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
    if (handle) return new ArchiveLibrary(handle);  // for good
    log::error("lambda", std::string("packages of functions cannot be read: ") + dlerror());
    return nullptr;
  }();
  return loaded;
}

}  // namespace croft::lambda
