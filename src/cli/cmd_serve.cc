#include <cstdio>

#include "cli/commands.h"
#include "feed/feed.h"
#include "serve/serve.h"
#include "store/log.h"
#include "treaty/treaty.h"

namespace surety::cli {

int serve(const ServeArgs& args) {
  serve::Options options;
  options.net.address = args.address;
  options.net.hosts = args.hosts;
  options.net.port = static_cast<std::uint16_t>(args.port);
  options.book.database = args.in.db;
  for (const auto& path : args.in.agreements) {
    auto agreement = treaty::load(path);
    if (!agreement) return failed(agreement.error(), args.in.json);
    options.book.agreements.push_back(std::make_shared<const plan::Agreement>(std::move(*agreement)));
  }
  for (const auto& path : args.in.assume) {
    auto read = feed::import_all(path, feed::Settings{});
    if (!read) return failed(read.error(), args.in.json);
    for (auto& s : read->all.statements) options.book.assumed.push_back(std::move(s));
  }
  if (!args.in.now.empty()) {
    const auto now = instant_option("--now", args.in.now, Instant::min());
    if (!now) return failed(now.error(), args.in.json);
    options.book.now = *now;
  }
  std::unique_ptr<access::Accounts> accounts;
  if (!args.accounts.empty()) {
    auto opened = access::Accounts::open(args.accounts, account_options());
    if (!opened) return failed(opened.error(), args.in.json);
    accounts = std::move(*opened);
    options.accounts = accounts.get();
  }
  options.book.log = log_options(args.in.db, args.record);
  options.book.clock = account_options().now;
  options.record_dir = store::with_defaults(log_options(args.in.db, args.record)).record_dir;
  options.on_ready = [](const std::string& url) {
    std::printf("surety: open %s\n", url.c_str());
    std::fflush(stdout);
  };
  const auto done = serve::run(std::move(options));
  return done ? 0 : failed(done.error(), args.in.json);
}

}  // namespace surety::cli
