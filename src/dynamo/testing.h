// What the tests of dynamo and of its service share: values from literals, and awaiting from a test's thread.
#pragma once

#include <gtest/gtest.h>

#include <future>

#include "dynamo/attribute_json.h"
#include "dynamo/expressions/placeholders.h"
#include "shard/shard.h"

namespace croft::dynamo::testing {

inline json::value parsed(std::string_view text) { return json::parse(text).value(); }

// An item from DynamoDB JSON; single quotes stand for double ones.
inline Item item_of(std::string text) {
  for (char& c : text) c = c == '\'' ? '"' : c;
  return item(parsed(text)).value();
}

inline std::string text_of(const Item& item) {
  std::string out;
  append_json(out, item);
  for (char& c : out) c = c == '"' ? '\'' : c;
  return out;
}

// Placeholders from JSON in single quotes; "" for none.
inline Placeholders placeholders(std::string names, std::string values) {
  for (char& c : names) c = c == '\'' ? '"' : c;
  for (char& c : values) c = c == '\'' ? '"' : c;
  const json::value n = names.empty() ? json::value() : parsed(names);
  const json::value v = values.empty() ? json::value() : parsed(values);
  return Placeholders::read(names.empty() ? nullptr : &n, values.empty() ? nullptr : &v).value();
}

// A shard of its own, on which a test awaits tasks.
class TaskRunner {
 public:
  TaskRunner() : shard_(0, "test") { shard_.start(); }
  ~TaskRunner() { shard_.stop(); }

  template <class T>
  T operator()(Task<T> task) {
    std::promise<T> result;
    std::future<T> future = result.get_future();
    shard_.spawn(finish(std::move(task), result));
    return future.get();
  }

 private:
  template <class T>
  static Task<void> finish(Task<T> task, std::promise<T>& result) {
    try {
      T value = co_await std::move(task);
      result.set_value(std::move(value));
    } catch (...) {
      result.set_exception(std::current_exception());
    }
  }

  Shard shard_;
};

}  // namespace croft::dynamo::testing
