// Requests over https to a server of OpenSSL's in this process, with certificates made here.
#include "serve/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace surety::serve {
namespace {

// A certificate that signs itself, for one name; its public half lies in a file.
class Identity {
 public:
  explicit Identity(const std::string& names) : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")), cert_(X509_new()) {
    X509_set_version(cert_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert_), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert_), 3600);
    X509_set_pubkey(cert_, key_);
    X509_set_issuer_name(cert_, X509_get_subject_name(cert_));
    X509_EXTENSION* of = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(cert_, of, -1);
    X509_EXTENSION_free(of);
    X509_sign(cert_, key_, EVP_sha256());
    file_ = (std::filesystem::temp_directory_path() / ("surety-tls-" + std::to_string(::getpid()) + ".pem")).string();
    std::FILE* out = std::fopen(file_.c_str(), "w");
    PEM_write_X509(out, cert_);
    std::fclose(out);
  }
  ~Identity() {
    std::filesystem::remove(file_);
    X509_free(cert_);
    EVP_PKEY_free(key_);
  }
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;
  EVP_PKEY* key() const { return key_; }
  X509* cert() const { return cert_; }
  const std::string& file() const { return file_; }

 private:
  EVP_PKEY* key_;
  X509* cert_;
  std::string file_;
};

// Answers one request with these bytes, and ends it properly or not.
class Server {
 public:
  Server(const Identity& who, std::string answer, bool properly) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this, &who, answer = std::move(answer), properly] { serve(who, answer, properly); });
  }
  ~Server() {
    thread_.join();
    ::close(listener_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  std::string url(const std::string& host) const { return "https://" + host + ":" + std::to_string(port_) + "/add-checkpoint"; }
  const std::string& heard() const { return heard_; }

 private:
  void serve(const Identity& who, const std::string& answer, bool properly) {
    const int fd = ::accept(listener_, nullptr, nullptr);
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, who.cert());
    SSL_CTX_use_PrivateKey(context, who.key());
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    char bytes[4096];
    if (SSL_accept(ssl) == 1) {
      while (heard_.find("\r\n\r\nhello") == std::string::npos) {
        const int n = SSL_read(ssl, bytes, sizeof bytes);
        if (n <= 0) break;
        heard_.append(bytes, static_cast<std::size_t>(n));
      }
      SSL_write(ssl, answer.data(), static_cast<int>(answer.size()));
      if (properly) SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    ::close(fd);
  }
  int listener_ = -1;
  int port_ = 0;
  std::string heard_;
  std::thread thread_;
};

class HttpClientTest : public testing::Test {
 protected:
  void trust(const std::string& file) { ::setenv("SSL_CERT_FILE", file.c_str(), 1); }
  ~HttpClientTest() override { ::unsetenv("SSL_CERT_FILE"); }
};

TEST_F(HttpClientTest, AsksOverTlsWhoIsTrusted) {
  const Identity who("DNS:localhost,IP:127.0.0.1");
  trust(who.file());
  for (const char* host : {"localhost", "127.0.0.1"}) {
    Server server(who, "HTTP/1.1 200 OK\r\nDate: x\r\ncontent-length: 3\r\n\r\nyes and more", false);
    const auto reply = post(server.url(host), "hello");
    ASSERT_TRUE(reply) << reply.error().message << reply.error().found_text;
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "yes");
  }
  Server unstated(who, "HTTP/1.0 409 Conflict\r\n\r\n17\n", true);
  const auto reply = post(unstated.url("localhost"), "hello");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 409);
  EXPECT_EQ(reply->body, "17\n");
}

TEST_F(HttpClientTest, AsksNobodyWhoCannotShowWhoTheyAre) {
  const Identity who("DNS:other.example");
  for (const bool known : {false, true}) {
    known ? trust(who.file()) : trust("/nonexistent");
    Server server(who, "HTTP/1.0 200 OK\r\n\r\nyes", true);
    const auto reply = post(server.url("localhost"), "hello");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "serve.bad-certificate");
    EXPECT_NE(reply.error().found_text.find(known ? "hostname mismatch" : "self"), std::string::npos) << reply.error().found_text;
  }
}

TEST_F(HttpClientTest, AnAnswerThatIsCutOffIsNone) {
  const Identity who("DNS:localhost");
  trust(who.file());
  for (const char* answer :
       {"HTTP/1.0 200 OK\r\nContent-Length: 30\r\n\r\nyes", "HTTP/1.0 200 OK\r\n\r\nyes", "HTTP/1.0 200 OK\r\nConte"}) {
    Server server(who, answer, false);
    const auto reply = post(server.url("localhost"), "hello");
    ASSERT_FALSE(reply) << answer;
    EXPECT_EQ(reply.error().code, "serve.unreachable");
  }
}

}  // namespace
}  // namespace surety::serve
