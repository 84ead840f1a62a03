// What the golden files do not show: the CSV reader by itself, batches, settings files, and the
// invariant over mutated bytes.
#include "feed/feed.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/bytes.h"
#include "base/files.h"
#include "feed/csv.h"
#include "feed/gazetteer.h"
#include "feed/lexicon.h"

namespace surety::feed {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(std::string_view bytes, std::size_t* bad = nullptr) {
  CsvReader csv(bytes);
  CsvRow row;
  Error error;
  Rows out;
  for (;;) {
    const auto got = csv.next(row, error);
    if (got == CsvReader::Got::end) return out;
    if (got == CsvReader::Got::bad) {
      if (bad) ++*bad;
      continue;
    }
    out.emplace_back(row.fields.begin(), row.fields.end());
  }
}

TEST(Csv, QuotesCommasLineEndsAndEmptyFields) {
  EXPECT_EQ(rows_of("a,b\r\n1,\n\"x,\"\"y\"\"\nz\",\"\"\r\n\n,\n"), (Rows{{"a", "b"}, {"1", ""}, {"x,\"y\"\nz", ""}, {"", ""}}));
  EXPECT_EQ(rows_of("a"), (Rows{{"a"}}));
  EXPECT_EQ(rows_of(""), Rows{});
  EXPECT_EQ(rows_of("\r\n\n"), Rows{});
  EXPECT_EQ(rows_of("a,\"b\""), (Rows{{"a", "b"}}));
}

TEST(Csv, KnowsWhereARowStands) {
  const std::string bytes = "h\n\"a\nb\"\n\nlast";
  CsvReader csv(bytes);
  CsvRow row;
  Error error;
  csv.next(row, error);
  csv.next(row, error);
  EXPECT_EQ(row.line, 2u);
  EXPECT_EQ(row.offset, 2u);
  EXPECT_EQ(row.raw, "\"a\nb\"");
  csv.next(row, error);
  EXPECT_EQ(row.line, 5u);
  EXPECT_EQ(row.raw, "last");
}

// What is written by the rules of RFC 4180 is read back, whatever the fields hold.
TEST(Csv, ReadsBackWhatWasWritten) {
  std::mt19937 random(7);
  constexpr std::string_view kBytes = "ab,\"\n\r \xd0\xb6";
  for (int round = 0; round < 300; ++round) {
    Rows rows;
    std::string text;
    for (unsigned r = 0; r < 1 + random() % 4; ++r) {
      std::vector<std::string> row{"key"};
      text += "key";
      for (unsigned f = 0; f < random() % 4; ++f) {
        std::string field;
        for (unsigned i = 0; i < random() % 6; ++i) field += kBytes[random() % kBytes.size()];
        text += ",\"";
        for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += '"';
        row.push_back(field);
      }
      text += random() % 2 ? "\n" : "\r\n";
      rows.push_back(row);
    }
    EXPECT_EQ(rows_of(text), rows) << text;
  }
}

// A file in which every line opens a quote that the next one breaks must not take quadratic time.
TEST(Csv, HostileQuotesStayLinear) {
  std::string bytes = "h\n";
  for (int i = 0; i < 200'000; ++i) bytes += ",\"\"\"\n";
  std::size_t bad = 0;
  const auto rows = rows_of(bytes, &bad);
  EXPECT_LE(rows.size() + bad, 200'001u);
  EXPECT_GE(rows.size() + bad, 100'000u);
}

Settings event_settings() {
  Settings s;
  for (const auto& [name, value] : {std::pair{"author", "a"}, {"zone", "Europe/Kyiv"}, {"lag", "24 h"}}) EXPECT_TRUE(set(s, name, value));
  return s;
}

Settings alert_settings() {
  Settings s;
  s.author = "alerts";
  s.zone = "Europe/Kyiv";
  s.places = Gazetteer::parse("name,aliases,lat,lon,radius_m,source\nKyiv oblast,Kyivska oblast,50.34,30.25,140000,x\n", "p").value();
  return s;
}

const std::string kEvents =
    "\xef\xbb\xbf\"datetime\",\"lon\",\"lat\",\"place_name\",\"event_type\",\"headline\"\n"
    "\"2025-04-19 18:56:00\",\"37.6\",\"47.9\",\"Izium\",\"uav|property\",\"one \"\"q\"\"\nmore\"\n"
    "\"2025-04-20 00:00:00\",\"37.0\",\"50.2\",\"Kyiv\",\"firefighb\",\"two\"\n"
    "\"2025-04-20 00:00:00\",\"37.0\",\"50.2\",\"Kyiv\",\"firefighb\",\"two\"\n"
    "\"2025-04-20 08:06:00\",\"37.0\",\"50.2\",\"Kyiv\",\"arresb\",\"\xd0\xba\"\n";
const std::string kAlerts =
    "region,started_at,finished_at,n_subalerts\n"
    "Kyivska oblast,2025-04-19 13:59:44+00:00,2025-04-19 15:01:20+00:00,2\n"
    "Kyivska oblast,2025-04-19 23:59:44,2025-04-28 15:01:20,2\r\n";
const std::string kAttacks =
    "time_start,time_end,model,target,launched,destroyed\n"
    "2025-04-18 21:00,2025-04-19 09:00,Shahed-136/131,Ukraine,87.0,33.0\n"
    "2025-05-10,2025-05-10,\"ZALA and Orlan-10\",south,2.0,\n";
const std::string kStatements =
    "{\"v\":1,\"kind\":\"observation\",\"author\":\"a\",\"event\":\"fire\",\"from\":\"2025-04-17T16:30:00Z\",\"source\":\"x\"}\n"
    "{\"v\":1,\"kind\":\"observation\",\"author\":\"a\",\"event\":\"fire\",\"from\":\"2025-04-17T16:30:00Z\",\"source\":\"x\"}\n";

// The invariant, and that every statement is sealed, canonical and reads back.
void check(const std::string& bytes, const Settings& s) {
  std::size_t statements = 0, quarantined = 0;
  const auto counts = import_bytes(bytes, "f", s, [&](Batch&& b) -> Status {
    statements += b.statements.size();
    quarantined += b.quarantined.size();
    for (const auto& x : b.statements) {
      const auto again = model::parse_statement(canonical(x));
      EXPECT_TRUE(again.has_value()) << canonical(x) << (again ? "" : again.error().text());
      if (again) {
        EXPECT_EQ(again->id, x.id);
      }
    }
    for (const auto& q : b.quarantined) {
      EXPECT_FALSE(q.reason.code.empty());
      EXPECT_EQ(first_bad_utf8(to_json(q)), std::string::npos);
      EXPECT_LE(q.offset + q.length, bytes.size());
      if (q.length <= kKeptBytes) {
        EXPECT_EQ(q.bytes, bytes.substr(q.offset, q.length));
      }
    }
    return {};
  });
  if (!counts) return;
  EXPECT_EQ(counts->rows, counts->statements + counts->duplicates + counts->quarantined);
  EXPECT_EQ(counts->statements, statements);
  EXPECT_EQ(counts->quarantined, quarantined);
  std::size_t reasons = 0;
  for (const auto& [code, n] : counts->reasons) reasons += n;
  EXPECT_EQ(reasons, quarantined);
}

TEST(Import, InvariantHoldsOnMutatedBytes) {
  std::mt19937 random(11);
  constexpr std::string_view kBytes = "\"\n\r,|:-+ 0129Zz{}\\\xff\xd0\x80\0";
  const std::pair<const std::string&, Settings> feeds[] = {
      {kEvents, event_settings()}, {kAlerts, alert_settings()}, {kAttacks, event_settings()}, {kStatements, {}}};
  for (const auto& [good, settings] : feeds) {
    for (int round = 0; round < 1500; ++round) {
      std::string bytes = good;
      for (unsigned n = 0; n < 1 + random() % 4; ++n) {
        const std::size_t at = random() % bytes.size();
        switch (random() % 4) {
          case 0:
            bytes[at] = kBytes[random() % kBytes.size()];
            break;
          case 1:
            bytes.erase(at, 1 + random() % 9);
            break;
          case 2:
            bytes.insert(at, 1, kBytes[random() % kBytes.size()]);
            break;
          default:
            bytes.resize(at);
            break;
        }
        if (bytes.empty()) break;
      }
      check(bytes, settings);
    }
  }
}

TEST(Import, BatchSizeChangesNothing) {
  std::string whole;
  for (const std::size_t batch : {std::size_t{1}, std::size_t{2}, std::size_t{4096}}) {
    Settings s = event_settings();
    s.batch = batch;
    std::string out;
    ASSERT_TRUE(import_bytes(kEvents, "f", s, [&](Batch&& b) -> Status {
      EXPECT_LE(b.statements.size() + b.quarantined.size(), batch);
      out += to_ndjson(b);
      return {};
    }));
    if (whole.empty()) whole = out;
    EXPECT_EQ(out, whole);
  }
}

TEST(Import, SinkErrorStopsIt) {
  const auto r = import_bytes(kEvents, "f", event_settings(), [](Batch&&) -> Status { return err(fail("disk.full", "no room").ours()); });
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "disk.full");
}

TEST(Import, GzipIsUnpackedAndACutOneRefused) {
  const auto folder = std::filesystem::temp_directory_path() / "surety-feed-test";
  std::filesystem::create_directories(folder);
  // gzip of "region,started_at,finished_at\n" and nothing else, made with gzip -n
  const std::string packed =
      from_hex("1f8b08000000000002032b4a4dcfcccfd3292e492c2a494d894f2cd149cbcccb2cce00b3b90028df4d801e000000").value();
  const std::string path = (folder / "a.csv.gz").string();
  ASSERT_TRUE(write_file_atomically(path, packed));
  const auto all = import_all(path, alert_settings());
  ASSERT_TRUE(all) << all.error().text();
  EXPECT_EQ(all->counts.format, "alerts");
  ASSERT_TRUE(write_file_atomically(path, packed.substr(0, 30)));
  const auto cut = import_all(path, alert_settings());
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, "file.truncated");
  std::filesystem::remove_all(folder);
}

TEST(Gazetteer, FoldsNamesAndProposesTheNearest) {
  const auto g = alert_settings().places;
  EXPECT_NE(g->find("KYIVSKA  oblast"), nullptr);
  EXPECT_EQ(g->find("Kyiv"), nullptr);
  EXPECT_EQ(g->nearest("Kyivskoi oblast"), "Kyivska oblast");
  EXPECT_EQ(g->nearest("Atlantis"), "");
  EXPECT_EQ(folded("Прикарпат'тя—Ґ’"), folded("прикарпаття—ґ"));
}

TEST(Gazetteer, OneNameMustMeanOnePlace) {
  const auto g = Gazetteer::parse("name,aliases,lat,lon,radius_m,source\na,x,1,1,1,s\nb,X,1,1,1,s\n", "p.csv");
  ASSERT_FALSE(g);
  EXPECT_EQ(g.error().code, "feed.bad-sheet");
  EXPECT_EQ(g.error().line_number, 3);
}

TEST(Lexicon, StemsBeginWordsAndTheFirstLineDecides) {
  const auto l = Lexicon::parse("stem,event,note\nматч,,\nдрон,strike.drone,\nатак,strike,\n", "l").value();
  EXPECT_EQ(l->find("«Дрони» атакують")->event, "strike.drone");
  EXPECT_EQ(l->find("Андрон атакує")->event, "strike");
  EXPECT_FALSE(l->find("Андрон"));
  EXPECT_EQ(l->find("Матч і дрон")->event, "");
}

}  // namespace
}  // namespace surety::feed
