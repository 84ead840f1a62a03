// The interface against worlds made by hand, and the network against a plain socket.
#include "serve/api.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "base/files.h"
#include "serve/json_parts.h"
#include "serve/record_files.h"
#include "serve/server.h"
#include "store/test_dir.h"

namespace surety::serve {
namespace {

Instant at(const char* text) { return parse_instant(text).value(); }

model::Statement statement_of(const std::string& author, const char* from) {
  model::Statement s;
  s.author = author;
  s.event = "strike.drone";
  s.when = {at(from), at(from)};
  s.known_at = s.when.to;
  s.source = "test, row 1";
  model::seal(s);
  return s;
}

// Two statements, one incident of both, one agreement with two clauses and a state verdict.
std::shared_ptr<const engine::World> small_world(model::Exercise view = model::Exercise::actual) {
  auto w = std::make_shared<engine::World>();
  w->view = view;
  w->known_at = w->now = at("2025-04-20T12:00:00Z");
  w->standing.statements = {statement_of("a", "2025-04-19T16:00:00Z"), statement_of("b", "2025-04-19T16:10:00Z")};
  std::sort(w->standing.statements.begin(), w->standing.statements.end(), [](auto& x, auto& y) { return x.id < y.id; });
  model::Incident i;
  i.id = "i-0000000000000001";
  i.event = "strike.drone";
  i.exercise = view;
  i.when = {at("2025-04-19T16:00:00Z"), at("2025-04-19T16:10:00Z")};
  i.place = model::Place{"Kharkiv", true, 49'990'000, 36'230'000, 5000};
  i.occurrence = model::Grade::corroborated;
  for (const auto& s : w->standing.statements) i.members.push_back(s.id);
  w->incidents = {i};
  i.id = "i-0000000000000002";
  i.when = {at("2025-04-18T01:00:00Z"), at("2025-04-18T01:00:00Z")};
  w->incidents.insert(w->incidents.begin(), i);

  auto a = std::make_shared<plan::Agreement>();
  a->name = "Truce";
  a->in_force.from = at("2025-04-19T15:00:00Z");
  a->in_force.until = at("2025-04-20T21:00:00Z");
  plan::Clause c;
  c.id = "1";
  c.kind = "cessation";
  c.modal = plan::Modal::must_not;
  c.bearers = {"A", "B"};
  a->clauses.push_back(c);
  engine::Instrument instrument;
  instrument.agreement = a;
  for (const char* bearer : {"A", "B"}) {
    model::DutyVerdict v;
    v.id = std::string("v-00000000000000") + bearer + bearer;
    v.instrument = "Truce";
    v.clause = "1";
    v.bearer = bearer;
    v.state = model::DutyState::in_force;
    v.exercise = view;
    instrument.outcome.current.push_back(instrument.outcome.duties.size());
    instrument.outcome.duties.push_back(v);
  }
  w->instruments.push_back(instrument);
  return w;
}

struct Served : testing::Test {
  FixedSource source{{small_world(), small_world(model::Exercise::hypothetical)}};
  Api api{source, {}};
  Response get(const std::string& target) {
    Request r;
    const Status read = read_target(target, r);
    return read ? api.answer(r) : error(400, read.error());
  }
};

bool has(const Response& r, std::string_view text) { return r.body.find(text) != std::string_view::npos; }

TEST_F(Served, EveryListAnswersAndSaysWhichViewItIs) {
  for (const char* list : {"agreements", "states", "duties", "incidents", "timeline", "coverage", "compare"}) {
    const Response r = get(std::string("/api/v1/") + list + "?exercise=hypothetical");
    EXPECT_EQ(r.status, 200) << list;
    EXPECT_TRUE(has(r, "\"exercise\":\"hypothetical\"")) << list;
    EXPECT_FALSE(has(r, "\"exercise\":\"actual\"")) << list;
  }
}

TEST_F(Served, DocumentationListsEveryPath) {
  const auto manual = read_file(std::string(SURETY_SOURCE_DIR) + "/docs/api.md");
  ASSERT_TRUE(manual);
  const Response index = get("/api/v1");
  std::string_view rest = index.body.substr(index.body.find("\"paths\":["));
  int paths = 0;
  for (std::size_t p = rest.find("/api/v1/"); p != std::string_view::npos; p = rest.find("/api/v1/", p + 1), ++paths) {
    const std::string path(rest.substr(p, rest.find('"', p) - p));
    EXPECT_NE(manual->find("`" + path), std::string::npos) << path << " is not in docs/api.md";
  }
  EXPECT_EQ(paths, 12);
}

// Alpha and Bravo must both have cosigned; who has is said, with the moment, and from the quorum on the record is operative.
TEST_F(Served, WhoVouchesForTheRecordIsShownWitnessByWitness) {
  using record::Algorithm, record::SigningKey;
  const store::TestDir dir;
  const auto log = SigningKey::from_seed("example.org/truce", std::string(32, 'l')).value();
  const auto alpha = SigningKey::from_seed("alpha.example/w", std::string(32, 'a'), Algorithm::ed25519_cosignature).value();
  const auto bravo = SigningKey::from_seed("bravo.example/w", std::string(32, 'b'), Algorithm::ed25519_cosignature).value();
  record::Checkpoint checkpoint;
  checkpoint.origin = log.name();
  checkpoint.size = 7;
  auto note = record::parse_note(record::sign_checkpoint(checkpoint, log)).value();
  const auto publish = [&] { ASSERT_TRUE(write_file_atomically(dir.path("checkpoint"), record::note_bytes(note))); };
  ASSERT_TRUE(write_file_atomically(dir.path("policy"), "log " + vkey_text(log.verifier()) + "\nwitness a " + vkey_text(alpha.verifier()) +
                                                            "\nwitness b " + vkey_text(bravo.verifier()) +
                                                            "\ngroup both all a b\nquorum both\n"));
  publish();
  const Api bare(source, {.record_dir = dir.path()}), agreed(source, {.record_dir = dir.path(), .policy = {dir.path("policy"), {}}});
  Request asked;
  ASSERT_TRUE(read_target("/api/v1", asked));
  const auto index = [&](const Api& from) { return from.answer(asked); };

  EXPECT_TRUE(has(index(bare), "\"standing\":\"unwitnessed\",\"vouched_for\":\"unwitnessed: no witness policy is agreed\""));
  EXPECT_TRUE(has(index(bare), "\"agreed\":false,\"quorum\":\"\",\"witnesses\":[],\"groups\":[],\"fallback\":null}"));

  note.signatures.push_back(record::cosign(note.text, alpha, 1'780'000'000));
  publish();
  EXPECT_TRUE(has(index(agreed),
                  "\"vouching\":{\"operative\":false,\"since\":null,\"origin\":\"example.org/truce\",\"size\":7,\"operative_size\":null,"
                  "\"agreed\":true,"));
  EXPECT_TRUE(
      has(index(agreed),
          "{\"name\":\"a\",\"key\":\"alpha.example/w\",\"cosigned\":\"2026-05-28T20:26:40Z\",\"checked\":true,\"late_since\":null}"));
  EXPECT_TRUE(has(index(agreed), "{\"name\":\"b\",\"key\":\"bravo.example/w\",\"cosigned\":null,\"checked\":true,\"late_since\":null}"));
  ASSERT_TRUE(store::write_witness_states(dir.path(), {{"b", {3, {}, Instant::from_posix(1'780'000'000), "nobody answers there"}}}));
  EXPECT_TRUE(has(index(agreed), "\"checked\":true,\"late_since\":\"2026-05-28T20:26:40Z\",\"late_because\":\"nobody answers there\"}"));
  EXPECT_TRUE(has(index(agreed), "{\"name\":\"both\",\"needed\":2,\"members\":[\"a\",\"b\"],\"reached\":null}"));
  const std::string before = agreed.world_event();

  note.signatures.push_back(record::cosign(note.text, bravo, 1'780'000'060));
  publish();
  EXPECT_TRUE(has(index(agreed), "\"standing\":\"witnessed\""));
  EXPECT_TRUE(has(index(agreed), "\"vouching\":{\"operative\":true,\"since\":\"2026-05-28T20:27:40Z\""));
  EXPECT_TRUE(has(index(agreed), "\"members\":[\"a\",\"b\"],\"reached\":\"2026-05-28T20:27:40Z\"}"));
  EXPECT_NE(agreed.world_event(), before) << "readers who follow are told";
  EXPECT_TRUE(has(index(agreed), "\"size\":7,\"operative_size\":7,\"operative_standing\":\"witnessed\",\"agreed\":true"));

  // The log grows: what was cosigned stays operative.
  ASSERT_TRUE(*store::keep_cosignature(dir.path(), record::note_bytes(note), record::note_bytes({"", {note.signatures[1]}}).substr(1),
                                       alpha.verifier()));
  checkpoint.size = 9;
  const auto grown = record::parse_note(record::sign_checkpoint(checkpoint, log)).value();
  ASSERT_TRUE(write_file_atomically(dir.path("checkpoint"), record::note_bytes(grown)));
  EXPECT_TRUE(has(index(agreed), "\"size\":9,\"operative_size\":7,\"operative_standing\":\"witnessed\",\"agreed\":true"));

  note.text[0] = 'E';  // no longer what was signed
  publish();
  EXPECT_TRUE(has(index(agreed), "\"standing\":\"unwitnessed\",\"vouched_for\":\"unwitnessed: it cannot be told"));
  EXPECT_TRUE(has(index(agreed), "\"vouching\":null"));
}

TEST_F(Served, PagesNeitherSkipNorRepeat) {
  const Response first = get("/api/v1/incidents?limit=1"), second = get("/api/v1/incidents?limit=1&offset=1");
  EXPECT_TRUE(has(first, "\"total\":2,\"offset\":0,\"limit\":1,\"next\":1"));
  EXPECT_TRUE(has(first, "i-0000000000000002"));
  EXPECT_FALSE(has(first, "i-0000000000000001"));
  EXPECT_TRUE(has(second, "i-0000000000000001"));
  EXPECT_TRUE(has(second, "\"next\":null"));
  EXPECT_TRUE(has(get("/api/v1/incidents?offset=99"), "\"items\":[]"));
}

TEST_F(Served, WindowsAndFiltersRestrict) {
  EXPECT_TRUE(has(get("/api/v1/incidents?from=2025-04-19T00:00:00Z"), "\"total\":1"));
  EXPECT_TRUE(has(get("/api/v1/incidents?to=2025-04-19T00:00:00Z"), "i-0000000000000002"));
  EXPECT_TRUE(has(get("/api/v1/duties?bearer=A"), "\"total\":1"));
  EXPECT_TRUE(has(get("/api/v1/duties?state=breached"), "\"total\":0"));
  EXPECT_TRUE(has(get("/api/v1/timeline?instrument=Truce"), "\"window_from\":\"2025-04-19T15:00:00Z\""));
}

TEST_F(Served, AnIncidentComesWithItsStatements) {
  const Response r = get("/api/v1/incidents/i-0000000000000001");
  EXPECT_EQ(r.status, 200);
  const auto world = small_world();
  for (const auto& s : world->standing.statements) EXPECT_TRUE(has(r, "{\"id\":\"" + s.id + "\",\"v\":1,"));
}

TEST_F(Served, MistakesAreToldWhatWasExpected) {
  const auto told = [&](const char* target, int status, const char* code) {
    const Response r = get(target);
    EXPECT_EQ(r.status, status) << target;
    EXPECT_TRUE(has(r, std::string("{\"error\":{\"code\":\"") + code)) << target << " " << r.body;
  };
  told("/api/v1/duties?known_at=yesterday", 400, "api.bad-query");
  told("/api/v1/duties?known_at=2025-04-19T18:00:00", 400, "api.bad-query");
  told("/api/v1/duties?exercise=maybe", 400, "api.bad-query");
  told("/api/v1/duties?limit=-1", 400, "api.bad-query");
  told("/api/v1/duties?limit=99999999", 400, "api.bad-query");
  told("/api/v1/duties?colour=blue", 400, "api.bad-query");
  told("/api/v1/incidents?from=2025-04-19T00:00:00Z&to=2025-04-18T00:00:00Z", 400, "api.bad-query");
  told("/api/v1/duties?instrument=None", 404, "api.not-found");
  told("/api/v1/incidents/i-9", 404, "api.not-found");
  told("/api/v1/nothing", 404, "api.not-found");
  told("/nothing.js", 404, "api.not-found");
  told("/api/v1/duties?exercise=exercise", 400, "serve.empty-view");
  told("/api/v1/%ff", 400, "serve.bad-target");
  told("/api/v1/%0a", 400, "serve.bad-target");
  told("/api/v1/%2", 400, "serve.bad-target");
}

TEST(Record, OnlyTilePathsAreOpened) {
  for (const char* good : {"checkpoint", "log.vkey", "tile/0/000", "tile/0/x001/x234/067", "tile/1/000.p/7", "tile/entries/000.p/255",
                           "tile/entries/x001/000"}) {
    EXPECT_TRUE(is_record_path(good)) << good;
  }
  for (const char* bad : {"",
                          "..",
                          "../surety.db",
                          "tile",
                          "tile/",
                          "tile/0",
                          "tile/0/",
                          "tile/0/../000",
                          "tile/0/00",
                          "tile/0/0000",
                          "tile/0/000/",
                          "tile/0/000.p",
                          "tile/0/000.p/",
                          "tile/0/000.p/0",
                          "tile/0/000.p/1/2",
                          "tile/data/000",
                          "checkpoint/",
                          "tile/0/x01/000",
                          "tile/0/x001",
                          "signing.key",
                          "tile//000",
                          "/etc/passwd"}) {
    EXPECT_FALSE(is_record_path(bad)) << bad;
  }
}

TEST(Record, FilesAreServedAsTheyLie) {
  const std::string dir = testing::TempDir() + "serve-record";
  ASSERT_TRUE(make_directories(dir + "/tile/0"));
  ASSERT_TRUE(write_file_atomically(dir + "/checkpoint", "log\n1\nroot\n"));
  ASSERT_TRUE(write_file_atomically(dir + "/tile/0/000", std::string("\0\1", 2)));
  ASSERT_TRUE(write_file_atomically(dir + "/secret", "s"));
  const Response checkpoint = record_file(dir, "checkpoint");
  EXPECT_EQ(checkpoint.body, "log\n1\nroot\n");
  EXPECT_EQ(checkpoint.cache, "no-cache");
  const Response tile = record_file(dir, "tile/0/000");
  EXPECT_EQ(tile.body, std::string_view("\0\1", 2));
  EXPECT_NE(tile.cache.find("immutable"), std::string::npos);
  EXPECT_EQ(record_file(dir, "secret").status, 404);
  EXPECT_EQ(record_file(dir, "tile/0/001").status, 404);
  std::filesystem::remove_all(dir);
}

TEST(Finish, ValidatorsHeadAndCompression) {
  Request q;
  Response r = json(200, "{}");
  finish(q, r);
  ASSERT_FALSE(r.etag.empty());
  Request again;
  again.if_none_match = "\"other\", W/" + r.etag;
  Response second = json(200, "{}");
  finish(again, second);
  EXPECT_EQ(second.status, 304);
  EXPECT_TRUE(second.body.empty());
  Response changed = json(200, "[]");
  finish(again, changed);
  EXPECT_EQ(changed.status, 200);

  Request head;
  head.method = "HEAD";
  Response h = json(200, "{}");
  finish(head, h);
  EXPECT_TRUE(h.head_only);
  EXPECT_EQ(h.body.size(), 2u);

  Request zip;
  zip.accepts_gzip = true;
  Response z = json(200, "long");
  z.gzip = "zz";
  finish(zip, z);
  EXPECT_EQ(z.body, "zz");
}

TEST(Finish, OtherSitesCannotReadThroughTheBrowser) {
  EXPECT_TRUE(host_allowed("127.0.0.1:8040", "127.0.0.1", {}));
  EXPECT_TRUE(host_allowed("localhost:8040", "127.0.0.1", {}));
  EXPECT_TRUE(host_allowed("[::1]:8040", "::1", {}));
  EXPECT_FALSE(host_allowed("evil.example:8040", "127.0.0.1", {}));
  EXPECT_FALSE(host_allowed("", "127.0.0.1", {}));
  EXPECT_TRUE(host_allowed("desk.example", "127.0.0.1", {"desk.example"}));
  EXPECT_TRUE(host_allowed("anything", "10.0.0.4", {}));
}

// The network, spoken to in plain bytes.
struct Net : testing::Test {
  void SetUp() override {
    ServerOptions o;
    o.port = 0;
    o.idle_seconds = 2;
    o.heartbeat_seconds = 1;
    o.streams = 1;
    o.stop_on_signals = false;
    auto made = Server::listen(o, [](const Request& r) {
      Response out = json(200, r.path);
      if (r.path == "/events") out.stream = true;
      if (r.path == "/throws") throw std::runtime_error("no");
      return out;
    });
    ASSERT_TRUE(made) << made.error().text();
    server = std::move(*made);
    thread = std::thread([this] { server->run(); });
  }
  void TearDown() override {
    if (!server) return;
    server->stop();
    thread.join();
  }
  int dial() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(server->port());
    inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a), 0);
    timeval limit{5, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
  }
  static std::string read_until(int fd, std::string_view mark) {
    std::string out;
    char buffer[4096];
    while (mark.empty() || out.find(mark) == std::string::npos) {
      const ssize_t n = read(fd, buffer, sizeof buffer);
      if (n <= 0) break;
      out.append(buffer, static_cast<std::size_t>(n));
    }
    return out;
  }
  std::string ask(const std::string& bytes, std::string_view until = {}) {
    const int fd = dial();
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    std::string out = read_until(fd, until);
    close(fd);
    return out;
  }
  std::unique_ptr<Server> server;
  std::thread thread;
};

constexpr const char* kClose = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

TEST_F(Net, AnswersAndCloses) {
  const std::string r = ask(std::string("GET /hello") + kClose);
  EXPECT_TRUE(r.starts_with("HTTP/1.1 200")) << r;
  EXPECT_TRUE(r.ends_with("\r\n\r\n/hello")) << r;
  EXPECT_NE(r.find("Content-Security-Policy"), std::string::npos);
  EXPECT_TRUE(ask(std::string("HEAD /hello") + kClose).ends_with("\r\n\r\n"));
}

TEST_F(Net, RefusesWhatItDoesNotDo) {
  EXPECT_TRUE(ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").starts_with("HTTP/1.1 405"));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody").starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(ask("NONSENSE\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(ask("GET /" + std::string(5000, 'a') + kClose).starts_with("HTTP/1.1 414"));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n").starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 421"));
  EXPECT_TRUE(ask(std::string("GET /throws") + kClose).starts_with("HTTP/1.1 500"));
}

TEST_F(Net, DropsASilentConnection) { EXPECT_EQ(ask("GET / HT", "never"), ""); }

TEST_F(Net, EventsReachTheReader) {
  const std::string request = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const int fd = dial();
  ASSERT_GT(send(fd, request.data(), request.size(), MSG_NOSIGNAL), 0);
  EXPECT_NE(read_until(fd, "retry").find("text/event-stream"), std::string::npos);
  server->publish("world", "{\"revision\":2}\nmore");
  const std::string event = read_until(fd, "more\n\n");
  EXPECT_NE(event.find("event: world\ndata: {\"revision\":2}\ndata: more\n\n"), std::string::npos) << event;
  EXPECT_TRUE(ask(request).starts_with("HTTP/1.1 503"));                // one stream is the limit here
  EXPECT_NE(read_until(fd, ":\n\n").find(":\n\n"), std::string::npos);  // heartbeat
  close(fd);
}

TEST_F(Net, APortInUseSaysWhatToDo) {
  ServerOptions o;
  o.port = server->port();
  const auto second = Server::listen(o, [](const Request&) { return Response{}; });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "serve.port-in-use");
  EXPECT_EQ(second.error().fault, Fault::input);
  EXPECT_NE(second.error().help_text.find("--port"), std::string::npos);
  o.address = "not-an-address";
  EXPECT_EQ(Server::listen(o, [](const Request&) { return Response{}; }).error().code, "serve.bad-address");
}

}  // namespace
}  // namespace surety::serve
