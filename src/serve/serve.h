#pragma once
// `surety serve`: the database, its record directory and the page on one address. Start here.
//
//   return serve::run({.book = {.agreements = all, .database = "surety.db"}, .record_dir = "record",
//                      .on_ready = [](const std::string& url) { … print it … }});
//
// Beside answering, it asks the witnesses of `<db>.policy` to cosign as the record grows (cosigner.h).
// Returns when stopped by SIGINT or SIGTERM. Errors: those of Server::listen and of the first reading, and a bad policy.
#include <functional>
#include <string>

#include "access/accounts.h"
#include "serve/book_source.h"
#include "serve/server.h"

namespace surety::serve {

struct Options {
  ServerOptions net;
  BookOptions book;
  std::string record_dir;                // empty: no record is served
  access::Accounts* accounts = nullptr;  // none: nobody logs in, everybody is the public
  int poll_milliseconds = 1000;          // how often the database is looked at
  std::function<void(const std::string& url)> on_ready;
};

Status run(Options options);

}  // namespace surety::serve
