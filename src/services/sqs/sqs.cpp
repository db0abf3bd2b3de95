#include "services/sqs/sqs.h"

#include <memory>

#include "services/sqs/operations.h"

namespace croft::services::sqs {

namespace {

// Source: the model of botocore 1.29, whose SQS speaks the query protocol.
std::vector<gateway::FlatMember> inputs() {
  return {{"Attributes", "Attribute", "Name", "Value"},
          {"Tags", "Tag", "Key", "Value"},
          {"MessageAttributes", "MessageAttribute", "Name", "Value"},
          {"MessageSystemAttributes", "MessageSystemAttribute", "Name", "Value"},
          {"AttributeNames", "AttributeName", "", ""},
          {"MessageSystemAttributeNames", "MessageSystemAttributeName", "", ""},
          {"MessageAttributeNames", "MessageAttributeName", "", ""},
          {"TagKeys", "TagKey", "", ""},
          {"AWSAccountIds", "AWSAccountId", "", ""},
          {"Actions", "ActionName", "", ""},
          {"StringListValues", "StringListValue", "", ""},
          {"BinaryListValues", "BinaryListValue", "", ""},
          {"Entries", "*RequestEntry", "", ""}};
}

std::vector<gateway::FlatMember> outputs() {
  return {{"Attributes", "Attribute", "Name", "Value"},
          {"Tags", "Tag", "Key", "Value"},
          {"MessageAttributes", "MessageAttribute", "Name", "Value"},
          {"QueueUrls", "QueueUrl", "", ""},
          {"queueUrls", "QueueUrl", "", ""},
          {"Messages", "Message", "", ""},
          {"Successful", "*ResultEntry", "", ""},
          {"Results", "*ResultEntry", "", ""},
          {"Failed", "BatchResultErrorEntry", "", ""}};
}

}  // namespace

const std::vector<gateway::QueryError>& query_errors() {
  const auto prefixed = [](std::string name) { return gateway::QueryError{name, "AWS.SimpleQueueService." + name}; };
  static const std::vector<gateway::QueryError> errors = {
      {"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
       "The specified queue does not exist for this wsdl version."},
      {"QueueNameExists", "QueueAlreadyExists"},
      {"InvalidParameterValueException", "InvalidParameterValue"},
      {"MissingRequiredParameterException", "MissingParameter"},
      {"AccessDeniedException", "AccessDenied"},
      {"UnknownOperationException", "InvalidAction"},
      {"SerializationException", "MalformedInput"},
      {"MissingAuthenticationTokenException", "MissingAuthenticationToken"},
      {"IncompleteSignatureException", "IncompleteSignature"},
      {"UnrecognizedClientException", "InvalidClientTokenId"},
      {"InvalidSignatureException", "SignatureDoesNotMatch"},
      {"ExpiredTokenException", "ExpiredToken"},
      prefixed("BatchEntryIdsNotDistinct"),
      prefixed("BatchRequestTooLong"),
      prefixed("EmptyBatchRequest"),
      prefixed("InvalidBatchEntryId"),
      prefixed("MessageNotInflight"),
      prefixed("PurgeQueueInProgress"),
      prefixed("QueueDeletedRecently"),
      prefixed("TooManyEntriesInBatchRequest"),
      prefixed("UnsupportedOperation")};
  return errors;
}

gateway::Service sqs_service(croft::sqs::Queues& queues, std::string gateway_url) {
  const auto operations = std::make_shared<Operations>(queues, std::move(gateway_url));
  const auto to = [operations](Task<gateway::Reply> (Operations::*method)(gateway::Call&)) -> gateway::Handler {
    return [operations, method](gateway::Call& call) { return (operations.get()->*method)(call); };
  };
  gateway::Service service{.name = "sqs",
                           .signing_names = {"sqs"},
                           .protocol = gateway::Protocol::json_1_0,
                           .target_prefix = "AmazonSQS",
                           .xml_namespace = {}};
  service.operations = {
      {"CreateQueue", "", to(&Operations::create_queue)},
      {"GetQueueUrl", "", to(&Operations::get_queue_url)},
      {"ListQueues", "", to(&Operations::list_queues)},
      {"DeleteQueue", "", to(&Operations::delete_queue)},
      {"PurgeQueue", "", to(&Operations::purge_queue)},
      {"GetQueueAttributes", "", to(&Operations::get_queue_attributes)},
      {"SetQueueAttributes", "", to(&Operations::set_queue_attributes)},
      {"TagQueue", "", to(&Operations::tag_queue)},
      {"UntagQueue", "", to(&Operations::untag_queue)},
      {"ListQueueTags", "", to(&Operations::list_queue_tags)},
      {"ListDeadLetterSourceQueues", "", to(&Operations::list_dead_letter_source_queues)},
      {"AddPermission", "", to(&Operations::add_permission)},
      {"RemovePermission", "", to(&Operations::remove_permission)},
      {"SendMessage", "", to(&Operations::send_message)},
      {"SendMessageBatch", "", to(&Operations::send_message_batch)},
      {"ReceiveMessage", "", to(&Operations::receive_message)},
      {"DeleteMessage", "", to(&Operations::delete_message)},
      {"DeleteMessageBatch", "", to(&Operations::delete_message_batch)},
      {"ChangeMessageVisibility", "", to(&Operations::change_message_visibility)},
      {"ChangeMessageVisibilityBatch", "", to(&Operations::change_message_visibility_batch)},
      {"StartMessageMoveTask", "", to(&Operations::start_message_move_task)},
      {"ListMessageMoveTasks", "", to(&Operations::list_message_move_tasks)},
      {"CancelMessageMoveTask", "", to(&Operations::cancel_message_move_task)},
  };
  service.flat_inputs = inputs();
  service.flat_outputs = outputs();
  service.query_errors = query_errors();
  return service;
}

}  // namespace croft::services::sqs
