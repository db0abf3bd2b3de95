# Every library croft links, from Debian 12; docs/dependencies.md says what each is for.
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(LibArchive REQUIRED)  # its headers: lambda/archive_library.h loads it
find_package(GTest REQUIRED)
# RocksDB is linked in: of the shared library 9 MB are resident, of its objects a third. ThreadSanitizer has to know it by
# its file. The compressions stay shared; their development packages come with RocksDB's.
if(CROFT_TSAN)
  find_library(ROCKSDB_LIBRARY rocksdb REQUIRED)
  find_library(zstd_LIBRARY zstd REQUIRED)  # croft's own use: imports
  list(APPEND ROCKSDB_LIBRARY ${zstd_LIBRARY})
else()
  find_library(ROCKSDB_ARCHIVE librocksdb.a REQUIRED)
  set(ROCKSDB_LIBRARY ${ROCKSDB_ARCHIVE})
  foreach(compression snappy lz4 zstd bz2)
    find_library(${compression}_LIBRARY ${compression} REQUIRED)
    list(APPEND ROCKSDB_LIBRARY ${${compression}_LIBRARY})
  endforeach()
endif()
find_library(RE2_LIBRARY re2 REQUIRED)

add_library(croft_libraries INTERFACE)
target_include_directories(croft_libraries INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(croft_libraries INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE TOML_EXCEPTIONS=0)
target_link_libraries(croft_libraries INTERFACE
  Threads::Threads OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB Boost::json spdlog::spdlog yaml-cpp ${CMAKE_DL_LIBS}
  ${ROCKSDB_LIBRARY} ${RE2_LIBRARY})
