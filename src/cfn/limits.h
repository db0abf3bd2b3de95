// Bounds on what a template may ask of us. Quotas: AWS CloudFormation User Guide, "Understand CloudFormation quotas".
#pragma once

#include <chrono>
#include <cstddef>

namespace croft::cfn {

inline constexpr std::size_t template_body_bytes_max = 51'200;    // TemplateBody
inline constexpr std::size_t template_url_bytes_max = 1'048'576;  // TemplateURL
inline constexpr std::size_t description_bytes_max = 1'024;
inline constexpr std::size_t parameters_max = 200;
inline constexpr std::size_t parameter_value_bytes_max = 4'096;
inline constexpr std::size_t mappings_max = 200;
inline constexpr std::size_t resources_max = 500;
inline constexpr std::size_t outputs_max = 200;
inline constexpr std::size_t logical_id_bytes_max = 255;
inline constexpr std::size_t condition_operands_max = 10;  // of Fn::And and Fn::Or

// Ours, not Amazon's: they bound memory and stack.
inline constexpr std::size_t template_depth_max = 64;             // nesting of maps and lists
inline constexpr std::size_t template_nodes_max = 200'000;        // values after aliases are expanded
inline constexpr std::size_t expanded_bytes_max = 8 * 1'048'576;  // scalar bytes after aliases are expanded
inline constexpr std::size_t resolved_bytes_max = 4 * 1'048'576;  // what functions yield in one resolve() or plan

// Stacks and what is kept about them.
inline constexpr std::size_t name_bytes_max = 128;        // of a stack or change set
inline constexpr std::size_t stacks_max = 2'000;          // quota
inline constexpr std::size_t tags_max = 50;               // quota
inline constexpr std::size_t deleted_stacks_max = 200;    // described by their ARN; Amazon keeps them 90 days
inline constexpr std::size_t change_sets_max = 100;       // of one stack, failed ones included
inline constexpr std::size_t events_max = 5'000;          // of one stack; the oldest go
inline constexpr std::size_t page_items = 100;            // in one answer of a paginated operation
inline constexpr std::size_t reason_bytes_max = 4'096;    // of a status, which may quote a service's message

// A provider asks again whether what it made is ready, this often and this many times.
inline constexpr std::chrono::milliseconds settle_turn{10};
inline constexpr int settle_turns_max = 500;
// A table that is elsewhere takes seconds, an index minutes: the pauses double up to the longest.
inline constexpr std::chrono::milliseconds table_settle_pause_max{1'000};
inline constexpr int table_settle_turns_max = 1'800;

// CreateStack, ExecuteChangeSet and their like answer once the stack is at rest, or after this long: the tools ask for
// the status at once and then only every 30 seconds, so a deployment that is over by then saves its user that wait.
inline constexpr std::chrono::milliseconds answer_after_max{3'000};

}  // namespace croft::cfn
