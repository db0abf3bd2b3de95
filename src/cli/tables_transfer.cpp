// croft tables export, import
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <set>
#include <thread>

#include "cli/commands.h"
#include "cli/tables_api.h"
#include "cli/tables_csv.h"
#include "cli/tables_lines.h"
#include "cli/terminal.h"
#include "text/encoding.h"

namespace croft::cli {

namespace {

std::string items_text(std::uint64_t count) { return std::to_string(count) + (count == 1 ? " item" : " items"); }

// How far it is, on standard error: on a terminal each half second, over itself.
class Progress {
 public:
  explicit Progress(const char* doing) : doing_(doing) {}
  void tell(std::uint64_t count) {
    const auto now = std::chrono::steady_clock::now();
    if (!is_terminal_ || now - told_ < std::chrono::milliseconds(500)) return;
    std::fprintf(stderr, "\r%s %llu items", doing_, static_cast<unsigned long long>(count));
    told_ = now;
    is_dirty_ = true;
  }
  void end() {
    if (std::exchange(is_dirty_, false)) std::fputs("\r\x1b[K", stderr);
  }

 private:
  const char* doing_;
  const bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
  bool is_dirty_ = false;
};

bool is_csv(const std::string& file, const std::string& format) {
  if (!format.empty()) return format == "csv";
  return file.ends_with(".csv") || file.ends_with(".csv.gz");
}

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdout) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Error file_error(const std::string& doing, const std::string& file) {
  return {"FileNotWritten", doing + " " + (file.empty() ? "standard output" : file) + ": " + std::strerror(errno)};
}

bool write_line(std::FILE* file, const std::string& line) {
  return std::fwrite(line.data(), 1, line.size(), file) == line.size() && std::fputc('\n', file) != EOF;
}

// Items on their way into a file. CSV has to know all columns before its heading, so its items wait in a file without a
// name.
class Export {
 public:
  Export(const TablesTransferOptions& options, const TableShape& shape)
      : shape_(shape), file_(options.files.empty() ? "" : options.files.front()), is_csv_(is_csv(file_, options.form)),
        is_plain_(options.form == "plain") {}

  Result<void> open() {
    out_.reset(file_.empty() || file_ == "-" ? stdout : std::fopen(file_.c_str(), "wbx"));
    if (out_ && is_csv_) waiting_.reset(std::tmpfile());
    if (!out_ || (is_csv_ && !waiting_)) return file_error("writing", file_);
    return {};
  }
  bool add(const json::object& item) {
    if (is_csv_) columns_.see(item);
    ++count_;
    if (is_csv_) return write_line(waiting_.get(), json::dump(item));
    return write_line(out_.get(), is_plain_ ? without_controls(plain_json(item)) : json_line(json::object{{"Item", item}}));
  }
  Result<void> finish() {
    if (is_csv_ && !write_csv()) return file_error("writing", file_);
    if (std::fflush(out_.get()) != 0) return file_error("writing", file_);
    return {};
  }
  std::uint64_t count() const { return count_; }
  Error failure() const { return file_error("writing", file_); }

 private:
  bool write_csv() {
    const std::vector<CsvColumn> columns = columns_.columns(shape_.key);
    if (!write_line(out_.get(), csv_heading(columns))) return false;
    std::rewind(waiting_.get());
    std::string line;
    for (int c = 0; (c = std::fgetc(waiting_.get())) != EOF;) {
      if (c != '\n') {
        line += static_cast<char>(c);
        continue;
      }
      auto item = json::parse(line);
      if (!item || !item->is_object() || !write_line(out_.get(), csv_line(columns, item->get_object()))) return false;
      line.clear();
    }
    return std::ferror(waiting_.get()) == 0;
  }

  const TableShape& shape_;
  const std::string file_;
  const bool is_csv_, is_plain_;
  File out_, waiting_;
  CsvColumns columns_;
  std::uint64_t count_ = 0;
};

Result<std::uint64_t> export_items(const TableApi& api, const TableShape& shape, const TablesTransferOptions& options) {
  Export target(options, shape);
  auto opened = target.open();
  if (!opened) return opened.error();
  Progress progress("Exported");
  json::object request{{"TableName", shape.name}, {"ConsistentRead", true}};
  bool is_written = true;
  auto done = api.pages("Scan", request, SIZE_MAX, [&](const json::object& page) {
    const json::value* items = json::find(page, "Items");
    if (!items || !items->is_array()) return true;
    for (const json::value& item : items->get_array())
      if (item.is_object() && !(is_written = target.add(item.get_object()))) return false;
    progress.tell(target.count());
    return true;
  });
  progress.end();
  if (!done) return done.error();
  if (!is_written) return target.failure();
  auto finished = target.finish();
  if (!finished) return finished.error();
  return target.count();
}

// Puts items, 25 at a time. What DynamoDB leaves unprocessed is sent again.
class Import {
 public:
  Import(const TableApi& api, const TableShape& shape, bool dry_run) : api_(api), shape_(shape), dry_run_(dry_run) {}

  Result<void> add(json::object item, std::size_t bytes) {
    const std::string key = key_text(item);
    const bool is_full = batch_.size() == limits::import_batch_items || bytes_ + bytes > limits::import_batch_bytes;
    if (is_full || keys_.contains(key)) {  // a batch may not have one key twice; the later item counts
      auto sent = send();
      if (!sent) return sent;
    }
    keys_.insert(key);
    bytes_ += bytes;
    batch_.push_back(json::object{{"PutRequest", json::object{{"Item", std::move(item)}}}});
    return {};
  }
  Result<void> send() {
    if (batch_.empty()) return {};
    const std::size_t count = batch_.size();
    auto sent = dry_run_ ? Result<void>() : send_all(std::exchange(batch_, {}));
    batch_.clear();
    keys_.clear();
    bytes_ = 0;
    if (sent) count_ += count;
    return sent;
  }
  std::uint64_t count() const { return count_; }

 private:
  std::string key_text(const json::object& item) const {
    std::string text;
    for (const std::string& name : shape_.key)
      if (const json::value* value = json::find(item, name)) text += json::dump(*value);
    return text;
  }
  Result<void> send_all(json::array requests) {
    std::chrono::milliseconds wait = limits::retry_wait;
    for (int attempt = 1; attempt <= limits::attempts_max; ++attempt, wait *= 2) {
      auto answer = api_.call("BatchWriteItem", {{"RequestItems", json::object{{shape_.name, std::move(requests)}}}});
      if (!answer) return answer.error();
      json::value* left = answer->if_contains("UnprocessedItems");
      json::value* of_table = left && left->is_object() ? left->get_object().if_contains(shape_.name) : nullptr;
      if (!of_table || !of_table->is_array() || of_table->get_array().empty()) return {};
      requests = std::move(of_table->get_array());
      std::this_thread::sleep_for(wait);
    }
    const std::string left = std::to_string(requests.size());
    return Error{"UnprocessedItems", left + " items of a batch were not taken, however often they were sent"};
  }

  const TableApi& api_;
  const TableShape& shape_;
  const bool dry_run_;
  json::array batch_;
  std::set<std::string> keys_;
  std::size_t bytes_ = 0;
  std::uint64_t count_ = 0;
};

// The items of one file, whatever its form.
class Source {
 public:
  Source(Lines lines, const TableShape& shape, bool csv) : lines_(std::move(lines)), shape_(shape), is_csv_(csv) {}

  // Nothing at the end. An error is of one line and names it, unless failed() is true then.
  std::optional<Result<json::object>> next(std::size_t& bytes) {
    std::optional<std::string> line;
    do line = lines_.next();
    while (line && text::trim(*line).empty());
    if (!line && !lines_.failure().empty()) return stop({"FileNotRead", lines_.failure()});
    if (!line) return std::nullopt;
    const std::size_t number = lines_.number();
    bytes = line->size();
    auto item = is_csv_ ? csv(std::move(*line)) : read_item(*line, shape_.types, shape_.key.front());
    if (is_failed_) return Result<json::object>(item.error());
    if (item) {
      auto checked = check(*item);
      if (!checked) item = checked.error();
    }
    if (item) return item;
    return Result<json::object>(Error{item.error().code, "line " + std::to_string(number) + ": " + item.error().message});
  }
  bool failed() const { return is_failed_; }

 private:
  Result<json::object> stop(Error error) {
    is_failed_ = true;
    return error;
  }
  Result<json::object> csv(std::string line) {
    const auto more = [this] { return lines_.next(); };
    if (columns_.empty()) {
      if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
      auto heading = csv_cells(std::move(line), more);
      if (!heading) return stop(heading.error());
      auto columns = csv_columns(*heading, shape_.types);
      if (!columns) return stop(columns.error());
      columns_ = *columns;
      std::optional<std::string> first = lines_.next();
      if (!first) return stop({"InvalidCsv", "there is nothing below the heading"});
      line = std::move(*first);
    }
    auto cells = csv_cells(std::move(line), more);
    if (!cells) return stop(cells.error());
    return csv_item(columns_, *cells);
  }
  Result<void> check(const json::object& item) const {
    for (const std::string& name : shape_.key) {
      const json::value* value = json::find(item, name);
      const std::string& type = shape_.types.find(name)->second;
      if (!value) return Error{"InvalidItem", "the key " + name + " is missing"};
      if (!is_attribute(*value) || value->get_object().begin()->key() != type)
        return Error{"InvalidItem", "the key " + name + " has to be of type " + type};
    }
    return {};
  }

  Lines lines_;
  const TableShape& shape_;
  const bool is_csv_;
  std::vector<CsvColumn> columns_;
  bool is_failed_ = false;
};

// Everything of one file. `faults` counts the bad lines of a dry run, which tells them and goes on.
Result<void> import_file(const std::string& file, const TableShape& shape, const TablesTransferOptions& options,
                         Import& target, Progress& progress, std::size_t& faults) {
  auto lines = Lines::open(file);
  if (!lines) return lines.error();
  Source source(std::move(*lines), shape, is_csv(file, options.form));
  std::size_t bytes = 0;
  while (auto item = source.next(bytes)) {
    if (!*item) {
      const Error error{item->error().code, file + ": " + item->error().message};
      if (!options.dry_run || source.failed()) return error;
      if (++faults <= limits::faults_shown_max) fail(error);
      continue;
    }
    auto added = target.add(std::move(**item), bytes);
    if (!added) return added.error();
    progress.tell(target.count());
  }
  return target.send();
}

}  // namespace

int tables_export(const TablesTransferOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const TableApi api(*place);
  auto shape = api.table(options.table);
  if (!shape) return fail(shape.error());
  auto count = export_items(api, *shape, options);
  if (!count) return fail(count.error());
  std::fprintf(stderr, "Exported %s of %s\n", items_text(*count).c_str(), shown(options.table).c_str());
  return 0;
}

int tables_import(const TablesTransferOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const TableApi api(*place);
  auto shape = api.table(options.table);
  if (!shape) return fail(shape.error());
  Import target(api, *shape, options.dry_run);
  Progress progress(options.dry_run ? "Read" : "Imported");
  std::size_t faults = 0;
  Result<void> done;
  for (const std::string& file : options.files) {
    done = import_file(file, *shape, options, target, progress, faults);
    if (!done) break;
  }
  progress.end();
  if (!done) fail(done.error());
  const std::string items = items_text(target.count());
  const std::string summary = options.dry_run ? items + " could be imported into " + options.table + "; nothing was written"
                                              : "Imported " + items + " into " + options.table;
  std::fprintf(stderr, "%s\n", shown(summary).c_str());
  if (faults > 0) std::fprintf(stderr, "%zu lines have faults\n", faults);
  return done && faults == 0 ? 0 : 1;
}

}  // namespace croft::cli
