#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace croft {

// The executor of one shard's loop. The concrete type: the type-erased one costs more memory in every coroutine.
using Executor = boost::asio::io_context::executor_type;

// A coroutine that runs on one shard. `co_await` stands alone: it fills a named local or is the whole statement.
template <class T = void>
using Task = boost::asio::awaitable<T, Executor>;

}  // namespace croft
