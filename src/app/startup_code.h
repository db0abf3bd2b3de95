#pragma once

namespace croft::app {

// Takes the pages of executable code out of the process's memory, once croft is ready: starting touches nearly all of it, and
// what goes on being used comes back from the page cache with its next use, some 100 us in all. Half of an idle croft's resident
// memory is such code. Does nothing under a debugger, whose breakpoints are private copies of those pages.
void release_startup_code();

}  // namespace croft::app
