// surety-clients-record FOLDER: a record for clients that were written elsewhere, with everything that
// they are asked about, as files:
//
//   record/                   the record directory, at the last of the sizes
//   checkpoints/<size>        the checkpoint of each size, signed by the log, cosigned by the witness
//   proofs/<size>-<index>     tlog-proof of an entry in the tree of that size
//   growth/<old>-<size>       a witness's request: the consistency proof from one size to another
//   witness.vkey, author.vkey keys of the witness, and of the author of entry 0, which is a signed note
//   receipt                   the log's promise for entry 0
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "record/disclosure.h"
#include "record/statement_note.h"
#include "store/log.h"
#include "store/record_commands.h"
#include "store/witness.h"

namespace {

using namespace surety;

// Around every edge: one leaf, a tile, two, and a tile of tiles.
constexpr std::uint64_t kSizes[] = {1, 2, 3, 7, 8, 255, 256, 257, 300, 512, 700, 65'536, 65'537, 66'000};

template <class T>
T must(Result<T> r) {
  if (r) return std::move(*r);
  std::fprintf(stderr, "%s\n", r.error().text().c_str());
  std::exit(3);
}
void must(const Status& ok) {
  if (ok) return;
  std::fprintf(stderr, "%s\n", ok.error().text().c_str());
  std::exit(3);
}

void put(const std::string& path, const std::string& bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  must(write_file_atomically(path, bytes));
}

std::string statement(const record::SigningKey& author) {
  record::StatementNote s;
  s.agreement = "truce";
  s.agreement_version = sha256("the text of the truce\n");
  s.author = author.name();
  s.sd = must(record::commit({{"actor", "\"Alpha\""}, {"place", "[\"48.5\",\"37\"]"}})).digests;
  return record::sign_statement(s, author);
}

// Entry 0 is a signed statement, entry 1 is empty, one is as long as an entry may be; the rest are lines.
std::string entry(std::uint64_t i, const std::string& first) {
  if (i == 0) return first;
  if (i == 1) return {};
  if (i == 299) return std::string(65'535, '\xff');
  return "{\"v\":1,\"kind\":\"notice\",\"row\":" + std::to_string(i) + "}";
}

void grow(store::Log& log, std::uint64_t to, const std::string& first) {
  std::vector<std::string> entries;
  for (std::uint64_t i = must(log.store().size()); i < to; ++i) entries.push_back(entry(i, first));
  must(log.append(std::vector<std::string_view>(entries.begin(), entries.end())));
  must(log.publish());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("surety-clients-record FOLDER\n", stderr);
    return 2;
  }
  const std::string dir = argv[1], record = dir + "/record";
  std::filesystem::create_directories(dir);
  const auto author = must(record::SigningKey::generate("example.org/monitor"));
  const std::string first = statement(author);
  auto log = must(store::Log::open(
      {.database = dir + "/surety.db", .record_dir = record, .key_file = {}, .origin = "example.org/truce", .disk = nullptr}));
  auto witness = must(store::Witness::open(dir + "/witness.db", "witness.example/w", {log->vkey()}));
  put(dir + "/witness.vkey", record::vkey_text(witness->vkey()) + "\n");
  put(dir + "/author.vkey", record::vkey_text(author.verifier()) + "\n");
  put(dir + "/receipt", log->receipt(first, Instant{1'767'434'400'000'000}, 60));
  std::uint64_t before = 0;
  for (const std::uint64_t size : kSizes) {
    grow(*log, size, first);
    const auto reply =
        witness->handle("POST", "/add-checkpoint", must(store::witness_request(record, before)), Instant{1'767'434'460'000'000});
    if (must(log->add_cosignatures(reply.body, {witness->vkey()})) != 1) return 3;
    put(dir + "/checkpoints/" + std::to_string(size), log->signed_checkpoint());
    for (std::uint64_t old : kSizes)
      if (old < size) put(dir + "/growth/" + std::to_string(old) + "-" + std::to_string(size), must(store::witness_request(record, old)));
    for (std::uint64_t i = 0; i < size; i = i < 16 || size - i <= 3 ? i + 1 : std::min(i * 3 / 2, size - 3))
      put(dir + "/proofs/" + std::to_string(size) + "-" + std::to_string(i), must(store::prove(record, i)));
    before = size;
  }
}
