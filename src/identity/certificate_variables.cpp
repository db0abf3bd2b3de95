#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/x509v3.h>

#include <map>

#include "identity/certificate.h"
#include "identity/openssl_pem.h"
#include "identity/policy_limits.h"
#include "text/encoding.h"

namespace croft::identity {

namespace {

using Found = std::map<std::string, std::vector<std::string>>;  // variable name -> its values in order

struct Attribute {
  int nid;
  const char* name;
};
constexpr Attribute subject_attributes[] = {
    {NID_dnQualifier, "DistinguishedNameQualifier"},
    {NID_countryName, "Country"},
    {NID_organizationName, "Organization"},
    {NID_organizationalUnitName, "OrganizationalUnit"},
    {NID_stateOrProvinceName, "State"},
    {NID_commonName, "CommonName"},
    {NID_serialNumber, "SerialNumber"},
    {NID_title, "Title"},
    {NID_surname, "Surname"},
    {NID_givenName, "GivenName"},
    {NID_initials, "Initials"},
    {NID_pseudonym, "Pseudonym"},
    {NID_generationQualifier, "GenerationQualifier"},
};

std::string utf8(const ASN1_STRING* string) {
  unsigned char* bytes = nullptr;
  const int size = ASN1_STRING_to_UTF8(&bytes, string);
  if (size < 0) return {};
  std::string text(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

bool may_be_substituted(const std::string& value) {
  return !value.empty() && value.size() <= limits::certificate_value_bytes_max &&
         value.find_first_of("*$+?#") == std::string::npos && text::is_utf8(value);
}

void read_name(const X509_NAME* name, const std::string& prefix, Found& found) {
  for (const Attribute& attribute : subject_attributes) {
    int at = -1;
    while ((at = X509_NAME_get_index_by_NID(name, attribute.nid, at)) >= 0) {
      found[prefix + attribute.name].push_back(utf8(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))));
    }
  }
}

std::string directory_name(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string ip_address(const ASN1_OCTET_STRING* bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  const int size = ASN1_STRING_length(bytes);
  if (size == 4) inet_ntop(AF_INET, ASN1_STRING_get0_data(bytes), text, sizeof text);
  if (size == 16) inet_ntop(AF_INET6, ASN1_STRING_get0_data(bytes), text, sizeof text);
  return text;
}

void read_alternative_names(const X509& certificate, int extension, const std::string& prefix, Found& found) {
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, extension, nullptr, nullptr));
  if (!names) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    switch (name->type) {
      case GEN_EMAIL:
        found[prefix + "RFC822Name"].push_back(utf8(name->d.rfc822Name));
        break;
      case GEN_DNS:
        found[prefix + "DNSName"].push_back(utf8(name->d.dNSName));
        break;
      case GEN_DIRNAME:
        found[prefix + "DirectoryName"].push_back(directory_name(name->d.directoryName));
        break;
      case GEN_URI:
        found[prefix + "UniformResourceIdentifier"].push_back(utf8(name->d.uniformResourceIdentifier));
        break;
      case GEN_IPADD:
        found[prefix + "IPAddress"].push_back(ip_address(name->d.iPAddress));
        break;
      default:
        break;
    }
  }
  GENERAL_NAMES_free(names);
}

std::string serial_number(const X509& certificate) {
  BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr);
  if (!number) return {};
  char* hex = BN_bn2hex(number);
  std::string text = hex ? text::lower(hex) : "";
  OPENSSL_free(hex);
  BN_free(number);
  return text;
}

}  // namespace

void set_certificate_variables(std::string_view pem, PolicyVariables& variables) {
  const CertificatePtr certificate = certificate_from_pem(pem);
  if (!certificate) return;

  Found found;
  read_name(X509_get_subject_name(certificate.get()), "iot:Certificate.Subject.", found);
  read_name(X509_get_issuer_name(certificate.get()), "iot:Certificate.Issuer.", found);
  read_alternative_names(*certificate, NID_subject_alt_name, "iot:Certificate.Subject.AlternativeName.", found);
  read_alternative_names(*certificate, NID_issuer_alt_name, "iot:Certificate.Issuer.AlternativeName.", found);
  found["iot:Certificate.SerialNumber"].push_back(serial_number(*certificate));

  std::vector<std::string_view> available;
  for (auto& [name, values] : found) {
    if (values.size() > limits::certificate_values_max) values.resize(limits::certificate_values_max);
    std::vector<std::string_view> safe;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!may_be_substituted(values[i])) continue;
      safe.push_back(values[i]);
      variables.set(i == 0 ? name : name + "." + std::to_string(i), values[i]);
    }
    if (safe.empty()) continue;
    available.push_back(name);
    variables.set(name + ".List", safe);
  }
  variables.set("iot:Certificate.AvailableKeys", available);
  variables.set("iot:CertificateId", certificate_id(to_der(*certificate)));
}

}  // namespace croft::identity
