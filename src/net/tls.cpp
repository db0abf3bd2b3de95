#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>

#include "net/byte_queue.h"
#include "net/certificate_keys.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "types/assert.h"

namespace croft::net {

namespace {

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using BioPtr = std::unique_ptr<BIO, Freeing<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Freeing<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Freeing<SSL_CTX_free>>;
using SessionPtr = std::unique_ptr<SSL_SESSION, Freeing<SSL_SESSION_free>>;

constexpr unsigned char session_id_context[] = "croft";
constexpr std::size_t certificate_id_length = 64;

std::string openssl_reason() {
  char text[256] = "unknown";
  const unsigned long code = ERR_peek_last_error();
  if (code) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

Error refusal(const std::string& what) { return {"TlsConfiguration", what + ": " + openssl_reason()}; }

BioPtr memory(std::string_view bytes) { return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }

ClientCertificate certificate_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  ClientCertificate out;
  if (length > 0) {
    out.id = text::hex(text::sha256({reinterpret_cast<char*>(der), static_cast<std::size_t>(length)}));
    OPENSSL_free(der);
  }
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  out.common_name = name;
  return out;
}

// ALPN's wire form: each name behind its length.
std::string alpn_wire(const std::vector<std::string>& names) {
  std::string wire;
  for (const std::string& name : names) {
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

struct HandshakeCounts {
  std::atomic<std::uint64_t> full{0}, resumed{0}, failed{0};
};

class Context final : public TlsContext {
 public:
  Handshakes handshakes() const override { return {counts->full, counts->resumed, counts->failed}; }

  const std::shared_ptr<HandshakeCounts> counts = std::make_shared<HandshakeCounts>();
  ContextPtr ssl;
  bool is_server = false;
  CertificateJudge judge;
  std::string alpn;
  std::map<std::string, TlsContext::Certificate> certificate_for;
  std::string server_name;
};

int verify_mode(TlsContext::Certificate certificate) {
  switch (certificate) {
    case TlsContext::Certificate::required:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    case TlsContext::Certificate::optional:
      return SSL_VERIFY_PEER;
    case TlsContext::Certificate::not_asked:
      break;
  }
  return SSL_VERIFY_NONE;
}

int judge_certificate(X509_STORE_CTX* chain, void* argument) {
  const auto* context = static_cast<const Context*>(argument);
  X509* leaf = X509_STORE_CTX_get0_cert(chain);
  if (leaf && context->judge(certificate_of(leaf))) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
  return 0;
}

int select_alpn(SSL* ssl, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                unsigned int offered_length, void* argument) {
  const auto* context = static_cast<const Context*>(argument);
  unsigned char* chosen = nullptr;
  const int result = SSL_select_next_proto(&chosen, out_length, reinterpret_cast<const unsigned char*>(context->alpn.data()),
                                           static_cast<unsigned int>(context->alpn.size()), offered, offered_length);
  *out = chosen;
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  const auto demand = context->certificate_for.find(std::string(reinterpret_cast<const char*>(chosen), *out_length));
  if (demand != context->certificate_for.end() && context->judge) SSL_set_verify(ssl, verify_mode(demand->second), nullptr);
  return SSL_TLSEXT_ERR_OK;
}

Result<void> use_identity(SSL_CTX* ssl, std::string_view certificate_pem, std::string_view key_pem) {
  BioPtr chain = memory(certificate_pem);
  X509Ptr leaf(PEM_read_bio_X509_AUX(chain.get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(ssl, leaf.get()) != 1) return refusal("the certificate cannot be used");
  while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) SSL_CTX_add0_chain_cert(ssl, next);
  ERR_clear_error();
  KeyPtr key(PEM_read_bio_PrivateKey(memory(key_pem).get(), nullptr, nullptr, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(ssl, key.get()) != 1) return refusal("the private key cannot be used");
  if (SSL_CTX_check_private_key(ssl) != 1) return refusal("the private key does not belong to the certificate");
  return {};
}

void set_common(SSL_CTX* ssl) {
  SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
  SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
}

}  // namespace

static int take_certificate_out(SSL* ssl, void*);

Result<std::shared_ptr<TlsContext>> TlsContext::server(Server settings) {
  read_certificate_keys_directly();
  auto context = std::make_shared<Context>();
  context->ssl.reset(SSL_CTX_new(TLS_server_method()));
  context->is_server = true;
  SSL_CTX* ssl = context->ssl.get();
  set_common(ssl);
  SSL_CTX_set_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(ssl, 0);  // of TLS 1.3: TlsEngine::offer_ticket
  SSL_CTX_set_session_ticket_cb(ssl, take_certificate_out, nullptr, nullptr);
  SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);  // tickets carry the sessions; the cache would keep certificates
  SSL_CTX_set_session_id_context(ssl, session_id_context, sizeof session_id_context);
  if (auto used = use_identity(ssl, settings.certificate_pem, settings.key_pem); !used) return used.error();
  if (settings.judge) {
    context->judge = std::move(settings.judge);
    context->certificate_for = std::move(settings.certificate_for);
    SSL_CTX_set_verify(ssl, verify_mode(settings.certificate), nullptr);
    SSL_CTX_set_cert_verify_callback(ssl, judge_certificate, context.get());
  }
  if (!settings.alpn.empty()) {
    context->alpn = alpn_wire(settings.alpn);
    SSL_CTX_set_alpn_select_cb(ssl, select_alpn, context.get());
  }
  return std::shared_ptr<TlsContext>(std::move(context));
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(Client settings) {
  auto context = std::make_shared<Context>();
  context->ssl.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* ssl = context->ssl.get();
  set_common(ssl);
  BioPtr roots = memory(settings.ca_pem);
  bool any = false;
  while (X509Ptr root{PEM_read_bio_X509(roots.get(), nullptr, nullptr, nullptr)}) {
    any = X509_STORE_add_cert(SSL_CTX_get_cert_store(ssl), root.get()) == 1 || any;
  }
  if (settings.system_roots) any = SSL_CTX_set_default_verify_paths(ssl) == 1;
  ERR_clear_error();
  if (!any) return Error{"TlsConfiguration", "the CA file holds no certificate"};
  SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  if (!settings.certificate_pem.empty()) {
    if (auto used = use_identity(ssl, settings.certificate_pem, settings.key_pem); !used) return used.error();
  }
  if (!settings.alpn.empty()) {
    const std::string wire = alpn_wire(settings.alpn);
    SSL_CTX_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(wire.data()), static_cast<unsigned int>(wire.size()));
  }
  context->server_name = settings.server_name;
  return std::shared_ptr<TlsContext>(std::move(context));
}

namespace {

// OpenSSL's way to our own buffers. Its memory BIOs keep what they once held, some kilobytes a connection.
struct Buffers {
  ByteQueue input;     // ciphertext that OpenSSL did not take yet
  std::string output;  // ciphertext to be sent
};

int bio_read(BIO* bio, char* to, int size) {
  ByteQueue& input = static_cast<Buffers*>(BIO_get_data(bio))->input;
  BIO_clear_retry_flags(bio);
  if (input.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(input.size(), static_cast<std::size_t>(size));
  std::copy_n(input.data(), count, to);
  input.consume(count);
  return static_cast<int>(count);
}

int bio_write(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  static_cast<Buffers*>(BIO_get_data(bio))->output.append(from, static_cast<std::size_t>(size));
  return size;
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

// Owned by whoever gets it.
BIO* bio_over(Buffers& buffers) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "croft buffers");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  BIO* bio = BIO_new(method);
  CROFT_ASSERT(bio != nullptr);
  BIO_set_data(bio, &buffers);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace

struct TlsEngine::Impl {
  SSL* ssl = nullptr;
  Buffers buffers;
  std::string waiting;    // plaintext written before the handshake was over
  unsigned reads = 0;     // of plaintext, up to ticket_after_reads
  std::shared_ptr<HandshakeCounts> counts;  // null: counted, or nothing to count
  bool begun = false;
  ~Impl() {
    if (counts && begun) counts->failed.fetch_add(1, std::memory_order_relaxed);
    SSL_free(ssl);
  }

  void end_handshake();
  void offer_ticket();
};

// A session's DER without the certificate in it, which is its element [3] (ssl/ssl_asn1.c of OpenSSL); empty when it cannot
// be read.
static std::string without_certificate(const unsigned char* der, long length) {
  constexpr int peer = 3;
  long size = 0;
  int tag = 0, kind = 0;
  const unsigned char* at = der;
  if (ASN1_get_object(&at, &size, &tag, &kind, length) & 0x80) return {};
  std::string elements;
  elements.reserve(static_cast<std::size_t>(length));  // one copy of the session's secret, wiped below
  for (const unsigned char* const end = at + size; at < end;) {
    const unsigned char* const element = at;
    if (ASN1_get_object(&at, &size, &tag, &kind, end - at) & 0x80) return {};
    at += size;
    if (kind != V_ASN1_CONTEXT_SPECIFIC || tag != peer) elements.append(element, at);
  }
  std::string out(static_cast<std::size_t>(ASN1_object_size(1, static_cast<int>(elements.size()), V_ASN1_SEQUENCE)), 0);
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  ASN1_put_object(&to, 1, static_cast<int>(elements.size()), V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
  std::ranges::copy(elements, to);
  OPENSSL_cleanse(elements.data(), elements.size());
  return out;
}

// Puts the client's certificate out of a session and its identity in as the ticket's data: parsed it is 5 KB for as long
// as the connection lasts, and reading it again is more than half of a resumed handshake. There is no call that removes a
// session's certificate, but reading a session's DER into one replaces all that it holds (man 3 d2i_SSL_SESSION).
static void keep_identity_only(SSL_SESSION* session, const ClientCertificate& certificate) {
  const SessionPtr marked(SSL_SESSION_dup(session));
  const std::string identity = certificate.id + certificate.common_name;
  if (!marked || SSL_SESSION_set1_ticket_appdata(marked.get(), identity.data(), identity.size()) != 1) return;
  unsigned char* der = nullptr;
  const int length = i2d_SSL_SESSION(marked.get(), &der);
  if (length <= 0) return;
  std::string bare = without_certificate(der, length);
  OPENSSL_clear_free(der, static_cast<std::size_t>(length));  // the session's secret is in it
  const auto* at = reinterpret_cast<const unsigned char*>(bare.data());
  if (!bare.empty()) d2i_SSL_SESSION(&session, &at, static_cast<long>(bare.size()));
  OPENSSL_cleanse(bare.data(), bare.size());
}

// The client's, as keep_identity_only() left it or a ticket brought it.
static std::optional<ClientCertificate> identity_of(SSL_SESSION* session) {
  void* data = nullptr;
  std::size_t length = 0;
  if (!session || SSL_SESSION_get0_ticket_appdata(session, &data, &length) != 1 || length < certificate_id_length) return std::nullopt;
  const std::string_view identity(static_cast<const char*>(data), length);
  return ClientCertificate{std::string(identity.substr(0, certificate_id_length)),
                           std::string(identity.substr(certificate_id_length))};
}

// A ticket in the handshake would slow a storm of connects, so only a client that goes on after its first message gets one.
static constexpr unsigned ticket_after_reads = 2;

void TlsEngine::Impl::offer_ticket() {
  if (reads >= ticket_after_reads || ++reads < ticket_after_reads) return;
  if (!SSL_is_server(ssl) || SSL_version(ssl) < TLS1_3_VERSION) return;
  if (SSL_new_session_ticket(ssl) == 1) SSL_do_handshake(ssl);
  ERR_clear_error();
}

// When a ticket is about to be made, which for TLS 1.2 is in the handshake, and when a handshake is over.
static int take_certificate_out(SSL* ssl, void*) {
  X509* certificate = SSL_session_reused(ssl) == 0 ? SSL_get0_peer_certificate(ssl) : nullptr;
  if (certificate) keep_identity_only(SSL_get_session(ssl), certificate_of(certificate));
  return 1;
}

// The two keys of the handshake's Diffie-Hellman exchange stay with a connection, which needs them no more: 400 bytes, and a
// private key. There is no call that takes them out. A key that is told to be of no type drops what it holds, and reports
// that there is no such type (man 3 EVP_PKEY_set_type).
static void drop_exchange_keys(SSL* ssl) {
  EVP_PKEY* own = nullptr;
  EVP_PKEY* theirs = nullptr;
  if (SSL_get_tmp_key(ssl, &own) == 1) EVP_PKEY_set_type(own, EVP_PKEY_NONE);
  if (SSL_get_peer_tmp_key(ssl, &theirs) == 1) EVP_PKEY_set_type(theirs, EVP_PKEY_NONE);
  EVP_PKEY_free(own);
  EVP_PKEY_free(theirs);
  ERR_clear_error();
}

// Once for each connection of a server, when its handshake is over.
void TlsEngine::Impl::end_handshake() {
  if (!counts || SSL_is_init_finished(ssl) == 0) return;
  (SSL_session_reused(ssl) ? counts->resumed : counts->full).fetch_add(1, std::memory_order_relaxed);
  counts.reset();
  drop_exchange_keys(ssl);
  take_certificate_out(ssl, nullptr);
}

static bool is_address(const std::string& name) {
  return name.find(':') != std::string::npos || name.find_first_not_of("0123456789.") == std::string::npos;
}

TlsEngine::TlsEngine(const TlsContext& base) : impl_(std::make_unique<Impl>()) {
  const auto& context = static_cast<const Context&>(base);
  impl_->ssl = SSL_new(context.ssl.get());
  CROFT_ASSERT(impl_->ssl != nullptr);
  BIO* bio = bio_over(impl_->buffers);
  SSL_set_bio(impl_->ssl, bio, bio);
  if (context.is_server) {
    impl_->counts = context.counts;
    SSL_set_accept_state(impl_->ssl);
    return;
  }
  SSL_set_connect_state(impl_->ssl);
  if (is_address(context.server_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(impl_->ssl), context.server_name.c_str());
  } else {
    SSL_set_tlsext_host_name(impl_->ssl, context.server_name.c_str());
    SSL_set1_host(impl_->ssl, context.server_name.c_str());
  }
}

TlsEngine::~TlsEngine() { ERR_clear_error(); }

void TlsEngine::feed(std::span<const char> ciphertext) {
  impl_->begun |= !ciphertext.empty();
  impl_->buffers.input.append({ciphertext.data(), ciphertext.size()});
}

// Whether more ciphertext helps; otherwise the connection is over and failure() says why.
bool TlsEngine::wants_more(int why) {
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return true;
  if (why == SSL_ERROR_SSL) {
    const long verdict = SSL_get_verify_result(impl_->ssl);
    failure_ = openssl_reason();
    if (verdict != X509_V_OK) failure_ += std::string(" (") + X509_verify_cert_error_string(verdict) + ")";
  }
  return false;
}

std::optional<bool> TlsEngine::handshake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(impl_->ssl);
  impl_->end_handshake();
  if (done == 1) return true;
  return wants_more(SSL_get_error(impl_->ssl, done)) ? std::optional(false) : std::nullopt;
}

std::optional<std::size_t> TlsEngine::read(std::span<char> plain) {
  ERR_clear_error();
  const int got = SSL_read(impl_->ssl, plain.data(), static_cast<int>(plain.size()));
  const int why = SSL_get_error(impl_->ssl, got);  // before anything else touches the error queue
  impl_->end_handshake();
  if (is_established() && !impl_->waiting.empty()) write(std::exchange(impl_->waiting, {}));
  if (got > 0) {
    impl_->offer_ticket();
    return static_cast<std::size_t>(got);
  }
  return wants_more(why) ? std::optional<std::size_t>(0) : std::nullopt;
}

void TlsEngine::write(std::string_view plain) {
  if (!is_established()) {
    impl_->waiting += plain;
    if (SSL_is_init_finished(impl_->ssl) == 0) SSL_do_handshake(impl_->ssl);
    ERR_clear_error();
    return;
  }
  while (!plain.empty()) {
    const int put = SSL_write(impl_->ssl, plain.data(), static_cast<int>(std::min<std::size_t>(plain.size(), 16384)));
    if (put <= 0) {
      ERR_clear_error();
      return;
    }
    plain.remove_prefix(static_cast<std::size_t>(put));
  }
}

void TlsEngine::close_notify() {
  if (is_established()) SSL_shutdown(impl_->ssl);
  ERR_clear_error();
}

std::string TlsEngine::take_output() {
  return std::exchange(impl_->buffers.output, {});
}

bool TlsEngine::is_established() const { return SSL_is_init_finished(impl_->ssl) != 0; }

void TlsEngine::describe(Peer& peer) const {
  peer.tls = true;
  if (const char* name = SSL_get_servername(impl_->ssl, TLSEXT_NAMETYPE_host_name)) peer.server_name = name;
  const unsigned char* alpn = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(impl_->ssl, &alpn, &length);
  if (alpn) peer.alpn.assign(reinterpret_cast<const char*>(alpn), length);
  // A resumed session brings the certificate of its first handshake, also where this one asks for none.
  if (SSL_get_verify_mode(impl_->ssl) == SSL_VERIFY_NONE) return;
  X509* certificate = SSL_get0_peer_certificate(impl_->ssl);
  peer.certificate = certificate ? certificate_of(certificate) : identity_of(SSL_get_session(impl_->ssl));
}

}  // namespace croft::net
