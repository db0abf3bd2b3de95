#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace croft::identity {

// What is known about a request: the values of policy variables and condition keys. A value; about ten entries, made
// once a connection and passed to every decision. Each connection keeps its own, so they lie packed in one string.
//
// Names are compared as IAM does, without regard to case, except for what stands in [brackets], which is an attribute
// name of a thing. A variable with no values counts as absent.
class PolicyVariables {
 public:
  // A variable's values, one at least; valid until the next set().
  class Values {
   public:
    class const_iterator {
     public:
      using value_type = std::string_view;
      using difference_type = std::ptrdiff_t;
      using iterator_category = std::forward_iterator_tag;
      using pointer = const std::string_view*;
      using reference = std::string_view;

      const_iterator() = default;
      explicit const_iterator(const char* at) : at_(at) {}
      std::string_view operator*() const;
      const_iterator& operator++();
      const_iterator operator++(int);
      bool operator==(const const_iterator&) const = default;

     private:
      const char* at_ = nullptr;
    };
    using value_type = std::string_view;

    explicit Values(std::string_view packed) : packed_(packed) {}
    const_iterator begin() const { return const_iterator(packed_.data()); }
    const_iterator end() const { return const_iterator(packed_.data() + packed_.size()); }
    std::string_view front() const { return *begin(); }

   private:
    std::string_view packed_;
  };

  PolicyVariables& set(std::string_view name, std::string_view value) { return set(name, std::span(&value, 1)); }
  PolicyVariables& set(std::string_view name, std::span<const std::string_view> values);

  // Nothing when absent. `normal_name` comes from normal().
  std::optional<Values> find(std::string_view normal_name) const;

  // The form in which names are compared.
  static std::string normal(std::string_view name);

 private:
  // Of each entry its name, how long its values are together, and each value; each text after its length.
  std::string packed_;
};

}  // namespace croft::identity
