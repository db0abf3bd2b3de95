#include "cfn/intake.h"

#include <algorithm>
#include <cctype>

#include "cfn/errors.h"
#include "cfn/limits.h"
#include "text/encoding.h"

namespace croft::cfn {
namespace {

bool is_alpha(char c) { return std::isalpha(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 128; }
bool is_name_character(char c) {
  return is_alpha(c) || (c >= '0' && c <= '9') || c == '-';
}

Error constraint(std::string_view member, std::string_view value, std::string_view what) {
  return validation_error("1 validation error detected: Value '" + text::printable(value) + "' at '" +
                          std::string(member) + "' failed to satisfy constraint: " + std::string(what));
}

Result<void> check_texts(const std::vector<std::string>& texts) {
  const bool all_good = std::all_of(texts.begin(), texts.end(), [](const std::string& t) { return text::is_utf8(t); });
  if (all_good) return {};
  return validation_error("Input contains characters that are not valid UTF-8.");
}

Result<void> check_tags(const std::vector<Tag>& tags) {
  if (tags.size() > tags_max) {
    return validation_error("Number of tags exceeds the limit of " + std::to_string(tags_max));
  }
  for (const Tag& tag : tags) {
    if (tag.key.empty() || tag.key.size() > 128) return validation_error("Tag keys must have 1 to 128 characters");
    if (tag.value.size() > 256) return validation_error("Tag values must have at most 256 characters");
    if (tag.key.starts_with("aws:")) {
      return validation_error("aws: prefixed tag key names are not allowed for external use.");
    }
  }
  return {};
}

// "bucket" of bucket.s3.amazonaws.com, bucket.s3.region.amazonaws.com and bucket.s3-region.amazonaws.com.
std::string_view virtual_bucket(std::string_view host) {
  const bool is_amazon = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
  if (!is_amazon) return {};
  const std::size_t mark = std::min(host.find(".s3."), host.find(".s3-"));
  return mark == std::string_view::npos ? std::string_view() : host.substr(0, mark);
}

Result<ParameterTexts> given_parameters(const StackRequest& request, const Draft& draft, const Stack* current) {
  ParameterTexts given;
  for (const GivenParameter& parameter : request.parameters) {
    if (!parameter.use_previous) {
      given[parameter.key] = parameter.value.value_or("");
      continue;
    }
    if (parameter.value) {
      return validation_error("Invalid input for parameter key " + parameter.key +
                              ". Cannot specify usePreviousValue as true and non empty value for a parameter");
    }
    auto it = current ? current->source.parameters.find(parameter.key) : ParameterTexts::const_iterator();
    if (!current || it == current->source.parameters.end()) {
      // A parameter that is new in this template falls back on its default.
      const Parameter* declared = draft.written.find_parameter(parameter.key);
      if (declared && declared->default_value && current) continue;
      return validation_error("Invalid input for parameter key " + parameter.key +
                              ". Cannot specify usePreviousValue as true for a parameter key not in the previous "
                              "template");
    }
    given[parameter.key] = it->second;
  }
  return given;
}

}  // namespace

Result<void> check_name(std::string_view member, std::string_view name) {
  const bool is_good = !name.empty() && is_alpha(name[0]) && std::all_of(name.begin(), name.end(), is_name_character);
  if (!is_good) {
    return constraint(member, name, "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*");
  }
  if (name.size() > name_bytes_max) {
    return constraint(member, name, "Member must have length less than or equal to " + std::to_string(name_bytes_max));
  }
  return {};
}

Result<void> check_request(const StackRequest& request) {
  std::vector<std::string> texts = request.capabilities;
  for (const GivenParameter& parameter : request.parameters) {
    texts.push_back(parameter.key);
    texts.push_back(parameter.value.value_or(""));
  }
  for (const Tag& tag : request.tags.value_or(std::vector<Tag>())) {
    texts.push_back(tag.key);
    texts.push_back(tag.value);
  }
  for (const std::string& arn : request.notification_arns.value_or(std::vector<std::string>())) texts.push_back(arn);
  texts.push_back(request.role_arn);
  texts.push_back(request.token);
  auto checked = check_texts(texts);
  if (!checked) return checked;

  for (const std::string& capability : request.capabilities) {
    if (capability != "CAPABILITY_IAM" && capability != "CAPABILITY_NAMED_IAM" &&
        capability != "CAPABILITY_AUTO_EXPAND") {
      return constraint("capabilities", "[" + capability + "]",
                        "Member must satisfy constraint: [Member must satisfy enum value set: [CAPABILITY_IAM, "
                        "CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND]]");
    }
  }
  return check_tags(request.tags.value_or(std::vector<Tag>()));
}

Result<S3Location> template_location(std::string_view url) {
  const Error unsupported = validation_error("TemplateURL must be a supported URL.");
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return unsupported;
  const std::string_view name = url.substr(0, scheme);
  if (name != "http" && name != "https") return unsupported;
  std::string_view rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("?#"));
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return unsupported;
  const std::string_view host = rest.substr(0, slash);
  std::string_view path = rest.substr(slash + 1);

  std::string_view bucket = virtual_bucket(host);
  if (bucket.empty()) {
    const std::size_t end = path.find('/');
    if (end == std::string_view::npos) return unsupported;
    bucket = path.substr(0, end);
    path = path.substr(end + 1);
  }
  if (bucket.empty() || path.empty()) return unsupported;
  return S3Location{.bucket = text::percent_decode(bucket), .key = text::percent_decode(path), .version = {}};
}

Task<Result<std::string>> template_text(Api& api, TemplateChoice choice, std::optional<std::string> previous) {
  const int count = choice.body.has_value() + choice.url.has_value() + choice.use_previous;
  if (count == 0) co_return validation_error("Either Template URL or Template Body must be specified.");
  if (count > 1) co_return validation_error("Only one of Template URL, Template Body and UsePreviousTemplate may be given.");
  if (choice.use_previous) {
    if (previous) co_return std::move(*previous);
    co_return validation_error("UsePreviousTemplate cannot be used to create a stack.");
  }
  if (choice.body) {
    if (choice.body->size() <= template_body_bytes_max) co_return std::move(*choice.body);
    co_return constraint("templateBody", choice.body->substr(0, 64),
                         "Member must have length less than or equal to " + std::to_string(template_body_bytes_max));
  }
  auto location = template_location(*choice.url);
  if (!location) co_return location.error();
  auto object = co_await api.object(location->bucket, location->key);
  if (!object) {
    co_return validation_error("S3 error: " + object.error().message +
                               "\nFor more information check "
                               "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html");
  }
  if (object->size() > template_url_bytes_max) {
    co_return validation_error("Template may not exceed " + std::to_string(template_url_bytes_max) +
                               " bytes in size.");
  }
  co_return std::move(*object);
}

Result<Proposal> propose(const StackRequest& request, std::string template_body, const Stack* current) {
  auto checked = check_request(request);
  if (!checked) return checked.error();
  auto draft = read_draft(template_body);
  if (!draft) return draft.error();
  auto given = given_parameters(request, *draft, current);
  if (!given) return given.error();
  auto bound = bound_texts(draft->written, *given);
  if (!bound) return bound.error();

  Proposal proposal{.source = {}, .draft = std::move(*draft)};
  StackSource& source = proposal.source;
  if (current) source = current->source;
  source.template_body = std::move(template_body);
  source.parameters = std::move(*bound);
  source.capabilities = request.capabilities;
  if (request.tags) source.tags = *request.tags;
  if (request.notification_arns) source.notification_arns = *request.notification_arns;
  if (!request.role_arn.empty()) source.role_arn = request.role_arn;
  return proposal;
}

}  // namespace croft::cfn
