#include "serve/serve.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/wall_clock.h"
#include "serve/api.h"
#include "serve/cosigner.h"
#include "serve/door.h"

namespace surety::serve {
namespace {

// Looks at the database until it is told to stop, and tells the readers when it has grown, or when others vouch for it.
class Watcher {
 public:
  Watcher(BookSource& source, const Api& api, Server& server, int milliseconds)
      : thread_([this, &source, &api, &server, milliseconds] {
          std::string told = api.world_event();
          server.publish("world", told);
          std::unique_lock lock(mutex_);
          while (!wake_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return done_; })) {
            const auto changed = source.refresh();
            if (!changed) {
              log::warning("serve: the database could not be read again: " + changed.error().message);
            }
            if (std::string now = api.world_event(); now != told) {
              told = std::move(now);
              server.publish("world", told);
            }
          }
        }) {}
  ~Watcher() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace

Status run(Options options) {
  const store::PolicyFiles policy = store::policy_beside(options.book.database);
  BookSource source(std::move(options.book));
  const auto first = source.refresh();
  if (!first) return err(first.error());
  const bool loopback = options.net.address.starts_with("127.") || options.net.address == "::1";
  std::optional<Door> door;
  // A name of its own means a proxy with TLS before it, and readers beyond this machine.
  if (options.accounts) door.emplace(*options.accounts, Door::Options{.secure = !loopback || !options.net.hosts.empty()});
  if (door) options.net.body_bytes = 4096;  // a log-in
  const Api api(source, {.record_dir = options.record_dir, .policy = policy, .door = door ? &*door : nullptr});
  const std::string host = options.net.address.find(':') == std::string::npos ? options.net.address : "[" + options.net.address + "]";
  SURETY_TRY(const auto server, Server::listen(options.net, [&api](const Request& r) { return api.answer(r); }));
  SURETY_TRY(const auto cosigner, Cosigner::start({.record_dir = options.record_dir, .files = policy, .clock = wall_clock}));
  const Watcher watcher(source, api, *server, options.poll_milliseconds);
  if (options.on_ready) options.on_ready("http://" + host + ":" + std::to_string(server->port()) + "/");
  server->run();
  return {};
}

}  // namespace surety::serve
