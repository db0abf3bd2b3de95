#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mqtt/topic.h"

namespace croft::broker {

// A map from topic filters to values of type T, asked with topics. Insert replaces a value that compares equal by
// `same_owner(T, T)`. T is small and copyable.
//
// Cost: a match visits at most two children a level. Depth is bounded by the levels of the inserted filters, which the
// caller limits. Threads: one at a time.
template <class T>
class TopicTrie {
 public:
  // True when the filter had no value of that owner before.
  bool insert(std::string_view filter, T value) {
    Node* node = &root_;
    mqtt::Levels levels(filter);
    while (auto level = levels.next()) node = &node->child(*level);
    for (T& existing : node->values) {
      if (same_owner(existing, value)) {
        existing = std::move(value);
        return false;
      }
    }
    node->values.push_back(std::move(value));
    ++size_;
    return true;
  }

  // True when there was one.
  bool erase(std::string_view filter, const T& owner) {
    mqtt::Levels levels(filter);
    const bool erased = erase_from(root_, levels, owner);
    if (erased) --size_;
    return erased;
  }

  // Calls visit(value) for every filter that matches `topic`.
  template <class Visit>
  void match(std::string_view topic, mqtt::ParentMatch parent, Visit&& visit) const {
    match_from(root_, mqtt::Levels(topic), true, !topic.empty() && topic[0] == '$', parent, visit);
  }

  std::size_t size() const { return size_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  struct Node {
    std::unordered_map<std::string, std::unique_ptr<Node>, Hash, std::equal_to<>> literals;
    std::unique_ptr<Node> plus;
    std::unique_ptr<Node> hash;
    std::vector<T> values;

    Node& child(std::string_view level) {
      std::unique_ptr<Node>* slot = level == "+" ? &plus : level == "#" ? &hash : nullptr;
      if (!slot) {
        auto found = literals.find(level);
        if (found == literals.end()) found = literals.emplace(std::string(level), nullptr).first;
        slot = &found->second;
      }
      if (!*slot) *slot = std::make_unique<Node>();
      return **slot;
    }
    bool is_empty() const { return literals.empty() && !plus && !hash && values.empty(); }
  };

  // Removes the value and the nodes that held nothing else.
  static bool erase_from(Node& node, mqtt::Levels levels, const T& owner) {
    const auto level = levels.next();
    if (!level) {
      for (std::size_t i = 0; i < node.values.size(); ++i) {
        if (!same_owner(node.values[i], owner)) continue;
        node.values[i] = std::move(node.values.back());
        node.values.pop_back();
        return true;
      }
      return false;
    }
    if (*level == "+" || *level == "#") {
      std::unique_ptr<Node>& slot = *level == "+" ? node.plus : node.hash;
      if (!slot || !erase_from(*slot, levels, owner)) return false;
      if (slot->is_empty()) slot.reset();
      return true;
    }
    const auto found = node.literals.find(*level);
    if (found == node.literals.end() || !erase_from(*found->second, levels, owner)) return false;
    if (found->second->is_empty()) node.literals.erase(found);
    return true;
  }

  template <class Visit>
  static void match_from(const Node& node, mqtt::Levels levels, bool first, bool reserved, mqtt::ParentMatch parent,
                         Visit&& visit) {
    const auto level = levels.next();
    const bool wildcards = !(first && reserved);  // a leading wildcard does not match topics that begin with `$`
    if (!level) {
      for (const T& value : node.values) visit(value);
      if (node.hash && parent == mqtt::ParentMatch::yes)
        for (const T& value : node.hash->values) visit(value);
      return;
    }
    if (wildcards && node.hash)
      for (const T& value : node.hash->values) visit(value);
    if (wildcards && node.plus) match_from(*node.plus, levels, false, reserved, parent, visit);
    const auto found = node.literals.find(*level);
    if (found != node.literals.end()) match_from(*found->second, levels, false, reserved, parent, visit);
  }

  Node root_;
  std::size_t size_ = 0;
};

}  // namespace croft::broker
