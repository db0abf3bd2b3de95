#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "net/http_codec.h"
#include "net/listener.h"
#include "net/tls.h"
#include "net/url.h"

namespace croft::net {

namespace {

using namespace std::chrono_literals;

// What a server does with one connection: an answer for each request, as raw bytes, and then?
struct Script {
  enum class Then { stay, close, close_when_asked };
  std::vector<std::string> answers;
  Then then = Then::stay;
};

// A server that follows one script for each connection, the last one for all further ones.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<Script> scripts, std::shared_ptr<TlsContext> tls = nullptr) : scripts_(std::move(scripts)) {
    listener_ = Listener::open(shard_, "127.0.0.1", 0, std::move(tls), false).value();
    listener_->start([this](Transport transport) {
      const Script& script = scripts_[std::min<std::size_t>(connections_, scripts_.size() - 1)];
      ++connections_;
      shard_.spawn(follow(std::move(transport), script));
    });
    shard_.start();
  }
  ~ScriptedServer() { shard_.stop(); }

  std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(listener_->port());
  }
  int connections() const { return connections_; }
  int requests() const { return requests_; }

 private:
  Task<void> follow(Transport transport, Script script) {
    HttpDecoder decoder(HttpDecoder::Side::server);
    std::vector<char> scratch(16 * 1024);
    std::size_t next = 0;
    for (;;) {
      if (next == script.answers.size() && script.then == Script::Then::close) break;
      const std::span<const char> bytes = co_await transport.read(scratch);
      if (bytes.empty()) co_return;
      decoder.feed(bytes);
      if (!decoder.is_complete()) continue;
      decoder.take_request();
      ++requests_;
      if (next < script.answers.size())
        transport.send(script.answers[next++]);
      else if (script.then == Script::Then::close_when_asked)
        break;
    }
    transport.close();
  }

  Shard shard_{1, "server"};
  std::unique_ptr<Listener> listener_;
  std::vector<Script> scripts_;
  std::atomic<int> connections_{0}, requests_{0};
};

std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Task<void> ask(HttpClient& client, HttpCall call, std::chrono::milliseconds timeout,
               std::shared_ptr<std::promise<Result<HttpResponse>>> promise) {
  auto result = co_await client.request(std::move(call), timeout);
  promise->set_value(std::move(result));
}

// A client on a shard of its own, asked from the test's thread.
class AskingClient {
 public:
  explicit AskingClient(HttpClient::Options options = {}) : client_(std::make_unique<HttpClient>(shard_, std::move(options))) {
    shard_.start();
  }
  ~AskingClient() { shard_.stop(); }

  std::future<Result<HttpResponse>> start(HttpCall call, std::chrono::milliseconds timeout = 5s) {
    auto promise = std::make_shared<std::promise<Result<HttpResponse>>>();
    shard_.spawn(ask(*client_, std::move(call), timeout, promise));
    return promise->get_future();
  }
  Result<HttpResponse> get(const std::string& url) { return start({"GET", url, {}, {}}).get(); }
  Result<HttpResponse> post(const std::string& url) { return start({"POST", url, {}, "x"}).get(); }
  std::string error_of(HttpCall call, std::chrono::milliseconds timeout = 5s) {
    const auto result = start(std::move(call), timeout).get();
    return result ? "status " + std::to_string(result->status) : result.error().code;
  }

  HttpClient::Figures figures() {
    std::promise<HttpClient::Figures> promise;
    shard_.post([&] { promise.set_value(client_->figures()); });
    return promise.get_future().get();
  }
  // The client goes on its shard while requests run.
  void destroy_client() {
    std::promise<void> done;
    shard_.post([&] {
      client_.reset();
      done.set_value();
    });
    done.get_future().wait();
  }
  // After what is ready on the shard has run.
  void settle_until(const std::function<bool(HttpClient::Figures)>& settled) {
    for (int i = 0; i < 2'000 && !settled(figures()); ++i) usleep(1'000);
    EXPECT_TRUE(settled(figures()));
  }

 private:
  Shard shard_{0, "client"};
  std::unique_ptr<HttpClient> client_;
};

// A certificate authority of one certificate, for `name` (DNS:… or IP:…), as PEM, and its key.
std::pair<std::string, std::string> self_signed(const std::string& name) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  for (const auto& [kind, value] :
       {std::pair<int, std::string>(NID_subject_alt_name, name), {NID_basic_constraints, "critical,CA:TRUE"}}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());
  const auto text = [](auto write) {
    BIO* out = BIO_new(BIO_s_mem());
    write(out);
    char* bytes = nullptr;
    const long length = BIO_get_mem_data(out, &bytes);
    std::string pem(bytes, static_cast<std::size_t>(length));
    BIO_free(out);
    return pem;
  };
  auto certificate_pem = text([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
  auto key_pem = text([&](BIO* out) { PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {certificate_pem, key_pem};
}

// An HTTPS server whose certificate says `name`, and a file with that certificate as the only authority.
struct SecureServer {
  explicit SecureServer(const std::string& name) : SecureServer(self_signed(name)) {}
  explicit SecureServer(const std::pair<std::string, std::string>& identity)
      : server(
            {Script{{answer("one"), answer("two")}}},
            TlsContext::server({.certificate_pem = identity.first, .key_pem = identity.second, .judge = {}, .alpn = {"http/1.1"}})
                .value()) {
    std::ofstream(anchors) << identity.first;
  }
  ~SecureServer() { std::filesystem::remove(anchors); }

  const std::string anchors = std::filesystem::temp_directory_path() / ("croft-anchors-" + std::to_string(getpid()) + ".pem");
  ScriptedServer server;
};

}  // namespace

TEST(Url, IsTakenApart) {
  const Url url = parse_url("HTTPS://Example.COM:8443/a%20b?x=1#part").value();
  EXPECT_TRUE(url.secure);
  EXPECT_EQ(url.authority(), "example.com:8443");
  EXPECT_EQ(url.path, "/a%20b");
  EXPECT_EQ(url.query, "x=1");

  EXPECT_EQ(parse_url("https://example.com").value().authority(), "example.com");
  EXPECT_EQ(parse_url("http://[::1]:81?q").value().authority(), "[::1]:81");
  EXPECT_EQ(parse_url("http://h:80/").value().authority(), "h");
}

TEST(Url, RefusesWhatNoRequestLineOrHostHeaderMayHold) {
  for (const char* bad : {"", "ftp://h/", "http://", "http:///x", "http://h:0/", "http://h:70000/", "http://h:1x/", "http://u@h/",
                          "http://h/a b", "http://h/\r\nx: y", "http://h\xc3\xa4/", "http://[::1/", "http://[x]/", "//h/"})
    EXPECT_FALSE(parse_url(bad)) << bad;
}

TEST(HttpClient, UsesAConnectionAgain) {
  ScriptedServer server({Script{{answer("one"), answer("two")}}});
  AskingClient client;

  EXPECT_EQ(client.get(server.url() + "/1")->body, "one");
  EXPECT_EQ(client.post(server.url() + "/2")->body, "two");

  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(client.figures().idle, 1u);
}

TEST(HttpClient, ReadsChunksInterimAnswersAndBodiesThatEndWithTheStream) {
  ScriptedServer server({Script{{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
                                 "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"}},
                         Script{{"HTTP/1.1 200 OK\r\n\r\nuntil the end"}, Script::Then::close}});
  AskingClient client({.connections_per_origin = 2});
  auto first = client.start({"GET", server.url(), {}, {}});
  EXPECT_EQ(first.get()->body, "abcde");

  AskingClient other;
  EXPECT_EQ(other.get(server.url())->body, "until the end");
}

TEST(HttpClient, TheAnswerToAHeadHasNoBody) {
  ScriptedServer server({Script{{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", answer("next")}}});
  AskingClient client;

  EXPECT_EQ(client.start({"HEAD", server.url(), {}, {}}).get()->body, "");
  EXPECT_EQ(client.get(server.url())->body, "next");
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, TellsWhatIsNoAnswer) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x16\x03\x01 garbage\r\n\r\n", "InvalidResponse"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "InvalidResponse"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "ResponseTooLarge"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n" + std::string(200, 'x'), "ResponseTooLarge"},
      {"HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'x'), "ResponseTooLarge"},
      {"HTTP/1.1 200 OK\r\nx: " + std::string(9'000, 'h'), "ResponseTooLarge"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", "ConnectionLost"},
      {"", "ConnectionLost"}};
  for (const auto& [bytes, code] : cases) {
    ScriptedServer server({Script{{bytes}, Script::Then::close}});
    AskingClient client({.body_bytes_max = 100, .header_bytes_max = 8'192});
    EXPECT_EQ(client.error_of({"POST", server.url(), {}, "x"}), code) << bytes.substr(0, 60);
    client.settle_until([](auto figures) { return figures.connections == 0; });
  }
}

TEST(HttpClient, GivesUpInTimeAndDoesNotUseTheConnectionAgain) {
  ScriptedServer server({Script{}, Script{{answer("later")}}});
  AskingClient client;
  const auto started = std::chrono::steady_clock::now();

  EXPECT_EQ(client.error_of({"GET", server.url(), {}, {}}, 50ms), "RequestTimeout");

  EXPECT_LT(std::chrono::steady_clock::now() - started, 3s);
  EXPECT_EQ(client.get(server.url())->body, "later");
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpClient, RepeatsOnceWhatAStaleConnectionDidNotAnswer) {
  ScriptedServer server({Script{{answer("one")}, Script::Then::close_when_asked}, Script{{answer("two")}}});
  AskingClient client;
  client.get(server.url()).value();

  EXPECT_EQ(client.get(server.url())->body, "two");

  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpClient, DoesNotRepeatAPost) {
  ScriptedServer server({Script{{answer("one")}, Script::Then::close_when_asked}, Script{{answer("two")}}});
  AskingClient client;
  client.get(server.url()).value();

  EXPECT_EQ(client.error_of({"POST", server.url(), {}, "x"}), "ConnectionLost");

  EXPECT_EQ(server.requests(), 2);
}

TEST(HttpClient, DoesNotRepeatForEver) {
  ScriptedServer server({Script{{answer("one")}, Script::Then::close_when_asked}, Script{{}, Script::Then::close_when_asked}});
  AskingClient client;
  client.get(server.url()).value();

  EXPECT_EQ(client.error_of({"GET", server.url(), {}, {}}), "ConnectionLost");

  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpClient, DropsAConnectionThatItsServerClosesOrTalksOn) {
  ScriptedServer closing({Script{{answer("one")}, Script::Then::close}});
  ScriptedServer talking({Script{{answer("one") + "HTTP/1.1 200 OK\r\n"}}});
  AskingClient client;

  for (ScriptedServer* server : {&closing, &talking}) {
    EXPECT_EQ(client.get(server->url())->body, "one");
    client.settle_until([](auto figures) { return figures.connections == 0; });
    EXPECT_EQ(client.post(server->url())->body, "one");
    EXPECT_EQ(server->connections(), 2);
  }
}

TEST(HttpClient, ClosesAnIdleConnection) {
  ScriptedServer server({Script{{answer("one")}}});
  AskingClient client({.idle = 20ms});
  client.get(server.url()).value();

  client.settle_until([](auto figures) { return figures.connections == 0; });
}

TEST(HttpClient, WaitsForAConnectionInALineWithAnEnd) {
  ScriptedServer server({Script{}});
  AskingClient client({.connections_per_origin = 1, .waiting_per_origin = 1});
  auto first = client.start({"GET", server.url(), {}, {}}, 300ms);
  client.settle_until([](auto figures) { return figures.connections == 1 && figures.waiting == 0; });
  auto second = client.start({"GET", server.url(), {}, {}}, 100ms);

  EXPECT_EQ(client.error_of({"GET", server.url(), {}, {}}), "ClientBusy");

  EXPECT_EQ(second.get().error().code, "RequestTimeout");
  EXPECT_EQ(first.get().error().code, "RequestTimeout");
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, AWaitingRequestTakesTheConnectionThatIsFree) {
  ScriptedServer server({Script{{answer("one"), answer("two"), answer("three")}}});
  AskingClient client({.connections_per_origin = 1});
  std::vector<std::future<Result<HttpResponse>>> results;
  for (int i = 0; i < 3; ++i) results.push_back(client.start({"POST", server.url(), {}, "x"}));

  std::vector<std::string> bodies;
  for (auto& result : results) bodies.push_back(result.get()->body);

  EXPECT_EQ(bodies, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, EndsItsRequestsWhenItGoes) {
  ScriptedServer server({Script{}});
  AskingClient client({.connections_per_origin = 1});
  auto sent = client.start({"GET", server.url(), {}, {}});
  client.settle_until([](auto figures) { return figures.connections == 1; });
  auto waiting = client.start({"GET", server.url(), {}, {}});
  client.settle_until([](auto figures) { return figures.waiting == 1; });

  client.destroy_client();

  EXPECT_EQ(sent.get().error().code, "ClientStopped");
  EXPECT_EQ(waiting.get().error().code, "ClientStopped");
}

TEST(HttpClient, MayGoAfterItsShardIsGoneUnderItsRequests) {
  ScriptedServer server({Script{}});
  auto shard = std::make_unique<Shard>(0, "client");
  auto client = std::make_unique<HttpClient>(*shard, HttpClient::Options{.connections_per_origin = 1});
  auto promise = std::make_shared<std::promise<Result<HttpResponse>>>();
  for (int i = 0; i < 2; ++i) shard->spawn(ask(*client, {"GET", server.url(), {}, {}}, 5s, promise));
  shard->start();
  while (server.requests() == 0) usleep(1'000);

  shard->stop();
  shard.reset();

  EXPECT_EQ(client->figures().waiting, 0u);
  EXPECT_EQ(client->figures().connections, 1u) << "not told any more, and closed";
  client.reset();
  EXPECT_EQ(promise->get_future().wait_for(0s), std::future_status::timeout);
}

TEST(HttpClient, SendsNoHeaderThatIsTwo) {
  AskingClient client;

  EXPECT_EQ(client.error_of({"GET", "http://127.0.0.1:1/", {{"x", "a\r\ny: b"}}, {}}), "InvalidHeader");
  EXPECT_EQ(client.error_of({"GET", "http://127.0.0.1:1/", {{"x y", "a"}}, {}}), "InvalidHeader");
  EXPECT_EQ(client.error_of({"GET /x", "http://127.0.0.1:1/", {}, {}}), "InvalidHeader");
  EXPECT_EQ(client.error_of({"GET", "http://127.0.0.1:1/a b", {}, {}}), "InvalidUrl");
  EXPECT_EQ(client.error_of({"GET", "http://127.0.0.1:1/", {}, {}}), "ConnectionFailed");
}

TEST(HttpClient, TakesAnAuthorityFromAFile) {
  SecureServer secure("IP:127.0.0.1");
  AskingClient client({.trust_anchors_file = secure.anchors});

  EXPECT_EQ(client.get(secure.server.url("https"))->body, "one");
  EXPECT_EQ(client.post(secure.server.url("https"))->body, "two");

  EXPECT_EQ(secure.server.connections(), 1);
}

TEST(HttpClient, RefusesAnUnknownAuthorityAndAnotherName) {
  SecureServer secure("IP:127.0.0.1");
  AskingClient with_system;
  const auto unknown = with_system.get(secure.server.url("https"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "TlsFailure");
  EXPECT_THAT(unknown.error().message, testing::HasSubstr("self-signed certificate"));

  SecureServer other("DNS:elsewhere.example");
  AskingClient client({.trust_anchors_file = other.anchors});
  const auto refused = client.get(other.server.url("https"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "TlsFailure");
  EXPECT_THAT(refused.error().message, testing::HasSubstr("IP address mismatch"));
  EXPECT_EQ(other.server.requests(), 0);
}

TEST(HttpClient, SaysWhichFileOfAuthoritiesCannotBeRead) {
  AskingClient client({.trust_anchors_file = "/nonexistent.pem"});

  EXPECT_EQ(client.error_of({"GET", "https://127.0.0.1:1/", {}, {}}), "TlsConfiguration");
}

TEST(HttpClient, SpeaksPlainToNoTlsServer) {
  ScriptedServer server({Script{{answer("plain")}}});
  AskingClient client;

  EXPECT_EQ(client.error_of({"GET", server.url("https"), {}, {}}, 200ms), "RequestTimeout")
      << "nothing but a ClientHello was sent";
  EXPECT_EQ(server.requests(), 0);
}

}  // namespace croft::net
