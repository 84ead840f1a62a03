#include "serve/api.h"

#include <algorithm>
#include <charconv>

#include "base/wall_clock.h"
#include "serve/assets.h"
#include "serve/door.h"
#include "serve/json_parts.h"
#include "serve/record_files.h"
#include "serve/standing_view.h"
#include "serve/views.h"

namespace surety::serve {
namespace {

constexpr std::size_t kMostItems = 10'000;

struct Asked {
  Query query;
  Frame frame;
};

Result<std::size_t> number(const std::string& name, const std::string& text, std::size_t most) {
  std::size_t n = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc() || end != text.data() + text.size() || n > most) {
    return err(fail("api.bad-query", "this is not a number that can be used here")
                   .field(name)
                   .found(text)
                   .expected("a whole number, at most " + std::to_string(most)));
  }
  return n;
}

Result<Instant> moment(const std::string& name, const std::string& text) {
  auto t = parse_instant(text);
  if (t) return t;
  return err(fail("api.bad-query", "this is not an instant")
                 .field(name)
                 .found(text)
                 .expected("RFC 3339 with an offset, such as 2025-04-19T15:00:00Z")
                 .help("write + as %2B"));
}

Status read_one(const std::string& name, const std::string& value, Asked& out) {
  Frame& f = out.frame;
  if (name == "known_at") {
    SURETY_TRY(out.query.known_at, moment(name, value));
  } else if (name == "from") {
    SURETY_TRY(f.from, moment(name, value));
  } else if (name == "to") {
    SURETY_TRY(f.to, moment(name, value));
  } else if (name == "exercise") {
    const auto view = model::exercise_of(value);
    if (!view) {
      return err(fail("api.bad-query", "this is not a view").field(name).found(value).expected("actual, exercise or hypothetical"));
    }
    out.query.view = *view;
  } else if (name == "offset") {
    SURETY_TRY(f.offset, number(name, value, SIZE_MAX / 2));
  } else if (name == "limit") {
    SURETY_TRY(f.limit, number(name, value, kMostItems));
  } else if (name == "instrument") {
    f.only = value;
  } else if (name == "near") {
    auto circle = geo::parse_circle(value);
    if (!circle) {
      circle.error().code = "api.bad-query";
      return err(std::move(circle.error()).field(name));
    }
    f.near = std::move(*circle);
  } else if (name == "all") {
    f.all = value != "0" && value != "false";
  } else if (name == "state") {
    f.state = value;
  } else if (name == "bearer") {
    f.bearer = value;
  } else if (name == "clause") {
    f.clause = value;
  } else {
    return err(fail("api.bad-query", "this query is not known").field(name).help("docs/api.md lists the queries"));
  }
  return {};
}

Result<Asked> read_query(const Request& request) {
  Asked out;
  for (const auto& [name, value] : request.query) {
    SURETY_TRY_STATUS(read_one(name, value, out));
  }
  if (out.frame.from && out.frame.to && *out.frame.from >= *out.frame.to) {
    return err(fail("api.bad-query", "the window is empty").field("to").expected("later than from"));
  }
  return out;
}

Error unknown(const char* what, const std::string& id) {
  return fail("api.not-found", std::string("there is no such ") + what)
      .found(id)
      .help("the list above it gives the names; an earlier known_at may not know it yet");
}

Response index(const engine::World& world, const Source::Size& size, const Frame& frame, const ApiOptions& options) {
  JsonOut j;
  open(j, "index", world, frame);
  j.member("product", "surety").member("version", options.version);
  j.member("statements", static_cast<std::int64_t>(size.statements)).key("views").object();
  j.member("actual", static_cast<std::int64_t>(size.actual)).member("exercise", static_cast<std::int64_t>(size.exercise));
  j.member("hypothetical", static_cast<std::int64_t>(size.hypothetical)).end();
  j.member("record", !options.record_dir.empty());
  if (!options.record_dir.empty())
    write_standing(j, store::standing_of(options.record_dir, options.policy, wall_clock()), store::read_witness_states(options.record_dir));
  j.key("paths").array();
  for (const char* p : {"agreements", "status", "states", "duties", "incidents", "statements", "fulfilment", "coverage", "timeline",
                        "compare", "explain", "events"}) {
    j.string(std::string("/api/v1/") + p);
  }
  return json(200, j.end().end().take());
}

Response from(Result<std::string> body) {
  if (body) return json(200, std::move(*body));
  const bool missing = body.error().code == "api.not-found" || body.error().code.find("unknown") != std::string::npos;
  return error(missing ? 404 : body.error().fault == Fault::ours ? 500 : 400, body.error());
}

// /agreements/{name}, /incidents/{id}, …: one thing by name.
Response one(const engine::World& world, const Frame& frame, std::string_view list, const std::string& id) {
  if (list == "agreements") {
    const bool shape = id.ends_with("/geometry");
    const auto* i = instrument(world, shape ? id.substr(0, id.size() - 9) : id);
    if (!i) return error(404, unknown("agreement", id));
    return shape ? from(geometry(*i)) : json(200, agreement(world, *i, frame));
  }
  if (list == "incidents") {
    const auto* i = world.incident(id);
    return i ? json(200, incident(world, *i)) : error(404, unknown("incident", id));
  }
  if (list == "statements") {
    const auto* s = world.statement(id);
    return s ? json(200, statement(*s)) : error(404, unknown("statement", id));
  }
  if (list == "explain") return from(explain(world, id));
  return error(404, fail("api.not-found", "there is nothing at this address").help("see /api/v1"));
}

using View = std::string (*)(const engine::World&, const Frame&);
constexpr std::pair<std::string_view, View> kLists[] = {{"agreements", agreements}, {"status", status},       {"states", states},
                                                        {"duties", duties},         {"incidents", incidents}, {"fulfilment", fulfilment},
                                                        {"coverage", coverage},     {"timeline", timeline},   {"compare", compare}};

}  // namespace

std::string Api::world_event() const {
  JsonOut j;
  j.object().member("revision", static_cast<std::int64_t>(source_.revision()));
  j.member("statements", static_cast<std::int64_t>(source_.size({}).statements));
  if (!options_.record_dir.empty()) {
    const auto standing = store::standing_of(options_.record_dir, options_.policy, wall_clock());
    j.member("size", standing ? static_cast<std::int64_t>(standing->judged.checkpoint.size) : 0);
    j.member("vouched_for", vouched_for(standing));
  }
  return j.end().take();
}

Response Api::v1(const Request& request, std::string_view rest, const access::Row& row, const access::Reader& reader) const {
  if (rest == "session") return options_.door ? options_.door->session(request, reader) : session_state({}, false);
  auto asked = read_query(request);
  if (!asked) return error(400, asked.error());
  if (rest == "events") {
    Response r = text(200, "text/event-stream", "");
    r.stream = request.method == "GET";
    return r;
  }
  asked->query.reader = reader;
  asked->query.audiences = access::audiences(reader, row);
  asked->frame.revision = source_.revision();
  auto world = source_.world(asked->query);
  if (!world) {
    const bool busy = world.error().code == "access.not-noted";
    return error(busy ? 503 : world.error().fault == Fault::ours ? 500 : 400, world.error());
  }
  const engine::World& w = **world;
  if (rest.empty()) return index(w, source_.size(asked->query), asked->frame, options_);
  const std::size_t slash = rest.find('/');
  const std::string_view list = rest.substr(0, slash);
  if (slash != std::string_view::npos) return one(w, asked->frame, list, std::string(rest.substr(slash + 1)));
  const bool several = list == "compare";
  if (!asked->frame.only.empty() && !several && !instrument(w, asked->frame.only)) {
    return error(404, unknown("agreement", asked->frame.only));
  }
  for (const auto& [name, view] : kLists) {
    if (name == list) return json(200, view(w, asked->frame));
  }
  return error(404, fail("api.not-found", "there is nothing at this address").found(std::string(rest)).help("see /api/v1"));
}

Response Api::answer(const Request& request) const {
  access::Reader reader;
  if (options_.door) {
    auto who = options_.door->reader(request);
    if (!who) return error(500, who.error());
    reader = std::move(*who);
  }
  return answer(request, reader);
}

Response Api::answer(const Request& request, const access::Reader& reader) const {
  const access::Row* row = access::find_path(request.method, request.path);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if ((!row && access::find_path("GET", request.path)) || (row && !reads && !options_.door)) {
    Response r = error(405, fail("serve.read-only", "this address is only read").help("use GET or HEAD"));
    r.headers.emplace_back("Allow", "GET, HEAD");
    return r;
  }
  if (!row) {
    return error(404, fail("api.not-found", "there is nothing at this address").found(request.path).help("see /api/v1"));
  }
  if (!access::answers(*row, reader.role)) {
    const bool nobody = reader.account.empty();
    return error(nobody ? 401 : 403,
                 fail(nobody ? "access.log-in" : "access.not-yours", nobody ? "this needs a session" : "this is not for your role")
                     .help(nobody ? "log in first: POST /api/v1/session" : "docs/access.md has the table"));
  }
  Response r = listed(request, *row, reader);
  if (options_.door && request.path.starts_with("/api/")) {
    r.headers.emplace_back("Vary", "Cookie");
    if (!reader.account.empty()) r.cache = "no-store";  // nothing restricted stays in a browser's cache
  }
  return r;
}

Response Api::listed(const Request& request, const access::Row& row, const access::Reader& reader) const {
  const std::string_view path = request.path;
  if (path == "/healthz") {
    Response r = json(200, "{\"ok\":true,\"revision\":" + std::to_string(source_.revision()) + "}\n");
    r.cache = "no-store";
    return r;
  }
  if (path == "/api/v1" || path == "/api/v1/") return v1(request, "", row, reader);
  if (path.starts_with("/api/v1/")) return v1(request, path.substr(8), row, reader);
  if (path.starts_with("/record/")) return record_file(options_.record_dir, path.substr(8));
  return asset(path);
}

}  // namespace surety::serve
