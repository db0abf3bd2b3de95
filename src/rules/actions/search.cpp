// openSearch and elasticsearch. Source: AWS IoT developer guide, "OpenSearch" and "OpenSearch (deprecated form)"; OpenSearch
// documentation, "Index document".
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

constexpr RemoteKind open_search{"OpenSearchAction", "openSearch", "es", "Failed to put the document into the OpenSearch domain"};
constexpr RemoteKind elasticsearch{"ElasticsearchAction", "elasticsearch", "es",
                                   "Failed to put the document into the Elasticsearch domain"};

struct Document {
  sql::Template index, type, id;
};

// The rule's own endpoint is checked for its form and not asked: documents go where the configuration says, so that a
// template with a domain at AWS can be tried against one on this machine.
class Search final : public RemoteAction {
 public:
  Search(const RemoteKind& kind, sql::Template endpoint, Document document, remote::RemoteServices& services)
      : RemoteAction(kind, std::move(endpoint), services), document_(std::move(document)) {}

  Task<Result<void>> run(const Firing& firing) const override {
    if (!firing.output.is_json()) co_return invalid_request("The payload is not JSON and cannot be a document.");
    remote::Request request{.method = "PUT",
                            .path = {},
                            .query = {},
                            .headers = {{"content-type", "application/json"}},
                            .body = firing.output.payload().str(),
                            .endpoint = {}};
    for (const sql::Template* part : {&document_.index, &document_.type, &document_.id}) {
      auto rendered = render(*part, firing);
      if (!rendered) co_return rendered.error();
      const bool is_name = !rendered->empty() && *rendered != "." && *rendered != "..";
      if (!is_name) co_return invalid_request("'" + *rendered + "' cannot be part of a document's address.");
      request.path += '/' + text::percent_encode(*rendered);
    }
    auto answer = co_await ask(firing, std::move(request));
    if (!answer) co_return answer.error();
    co_return Result<void>();
  }

 private:
  const Document document_;
};

Result<std::unique_ptr<Action>> compile(const RemoteKind& kind, const json::object& parameters, const ActionContext& context,
                                        remote::RemoteServices& services) {
  if (auto there = require_endpoint(kind, services); !there) return there.error();
  auto endpoint = required_template(parameters, "endpoint", context);
  if (!endpoint) return endpoint.error();
  const std::string& text = endpoint->text();
  if (!text.starts_with("https://") && !text.starts_with("http://") && !text.starts_with("${"))
    return invalid_request("1 validation error detected: Value '" + text +
                           "' at 'endpoint' failed to satisfy constraint: Member must "
                           "satisfy regular expression pattern: https?://.*");
  std::vector<sql::Template> texts;
  for (const char* name : {"index", "type", "id"}) {
    auto part = required_template(parameters, name, context);
    if (!part) return part.error();
    texts.push_back(std::move(*part));
  }
  auto role = required_role(parameters);
  if (!role) return role.error();
  return std::make_unique<Search>(kind, std::move(*endpoint), Document{texts[0], texts[1], texts[2]}, services);
}

}  // namespace

void add_search_actions(ActionTypes& types, remote::RemoteServices& services) {
  for (const RemoteKind* kind : {&open_search, &elasticsearch})
    types.add(std::string(kind->type), [&services, kind](const json::object& p, const ActionContext& context) {
      return compile(*kind, p, context, services);
    });
}

}  // namespace croft::rules
