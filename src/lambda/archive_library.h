#pragma once

#include <archive.h>
#include <archive_entry.h>

namespace croft::lambda {

// The functions of libarchive that croft calls. It is loaded with the first package that is read or made: with what it
// needs (libxml2, ICU, nettle) it would be a twentieth of an idle croft's memory.
class ArchiveLibrary {
  // An address that becomes whatever function it is.
  struct Symbol {
    void* address;
    template <class Function>
    operator Function*() const {
      return reinterpret_cast<Function*>(address);
    }
  };
  // Aborts when the library lacks it, which its ABI promises not to.
  Symbol find(const char* name) const;

  void* const handle_;
  explicit ArchiveLibrary(void* handle) : handle_(handle) {}

 public:
  // Null when this machine does not have it. Threads: any; blocks on files the first time.
  static const ArchiveLibrary* get();

  decltype(archive_error_string)* error_string = find("archive_error_string");

  decltype(archive_read_new)* read_new = find("archive_read_new");
  decltype(archive_read_free)* read_free = find("archive_read_free");
  decltype(archive_read_support_format_zip_seekable)* read_support_format_zip_seekable =
      find("archive_read_support_format_zip_seekable");
  decltype(archive_read_set_options)* read_set_options = find("archive_read_set_options");
  decltype(archive_read_open_memory)* read_open_memory = find("archive_read_open_memory");
  decltype(archive_read_next_header)* read_next_header = find("archive_read_next_header");
  decltype(archive_read_data)* read_data = find("archive_read_data");

  decltype(archive_write_new)* write_new = find("archive_write_new");
  decltype(archive_write_free)* write_free = find("archive_write_free");
  decltype(archive_write_set_format_zip)* write_set_format_zip = find("archive_write_set_format_zip");
  decltype(archive_write_set_options)* write_set_options = find("archive_write_set_options");
  decltype(archive_write_set_bytes_in_last_block)* write_set_bytes_in_last_block = find("archive_write_set_bytes_in_last_block");
  decltype(archive_write_open)* write_open = find("archive_write_open");
  decltype(archive_write_header)* write_header = find("archive_write_header");
  decltype(archive_write_data)* write_data = find("archive_write_data");
  decltype(archive_write_close)* write_close = find("archive_write_close");

  decltype(archive_entry_new)* entry_new = find("archive_entry_new");
  decltype(archive_entry_free)* entry_free = find("archive_entry_free");
  decltype(archive_entry_pathname)* entry_pathname = find("archive_entry_pathname");
  decltype(archive_entry_copy_pathname)* entry_copy_pathname = find("archive_entry_copy_pathname");
  decltype(archive_entry_filetype)* entry_filetype = find("archive_entry_filetype");
  decltype(archive_entry_set_filetype)* entry_set_filetype = find("archive_entry_set_filetype");
  decltype(archive_entry_perm)* entry_perm = find("archive_entry_perm");
  decltype(archive_entry_set_perm)* entry_set_perm = find("archive_entry_set_perm");
  decltype(archive_entry_set_size)* entry_set_size = find("archive_entry_set_size");
  decltype(archive_entry_symlink)* entry_symlink = find("archive_entry_symlink");
  decltype(archive_entry_is_encrypted)* entry_is_encrypted = find("archive_entry_is_encrypted");
};

}  // namespace croft::lambda
