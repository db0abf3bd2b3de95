// Shared by the registry tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "things/registry.h"

namespace croft::things {

inline const Instance test_instance{.region = "us-east-1", .account_id = "123456789012"};

// Every test has its own store; reopen() reads it as a new process would.
class RegistryTest : public testing::Test {
 protected:
  void reopen() { registry_ = Registry::open(*store_, test_instance).value(); }

  std::string certificate(char digit, CertificateStatus status = CertificateStatus::active) {
    const std::string id(64, digit);
    registry_->add_certificate({.certificate = {.id = id, .pem = "pem"}, .status = status}).value();
    return id;
  }
  std::string arn(const std::string& id) { return registry_->certificate_arn(id); }
  void thing(const std::string& name, Attributes attributes = {}) {
    registry_->create_thing({.name = name, .attributes = std::move(attributes)}).value();
  }
  static std::string allowing(const std::string& resource) {
    return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":")" + resource + "\"}}";
  }
  bool allowed(const std::string& id, const std::string& client_id, const std::string& resource) {
    const identity::PolicyVariables none;
    return registry_->policies_of(id, client_id)->decide({"iot:Publish", resource, none}).allowed();
  }
  template <class T>
  static std::string code(const Result<T>& result) {
    return result ? "" : result.error().code;
  }

  std::unique_ptr<Store> store_ = Store::open("", Store::Durability::os).value();
  std::unique_ptr<Registry> registry_ = Registry::open(*store_, test_instance).value();
};

}  // namespace croft::things
