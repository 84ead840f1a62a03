// Signatures that nobody here can check (docs/decisions/0007): carried wherever a checkpoint goes, counted for nothing. Both
// programs are asked.
#include <gtest/gtest.h>

#include "base/files.h"
#include "record/bundle.h"
#include "record/policy.h"
#include "record/proof.h"
#include "store/anchor.h"
#include "store/cosigned.h"
#include "store/migrate.h"
#include "store/record_commands.h"
#include "store/test_dir.h"
#include "store/witness.h"
#include "verify/bundle.h"
#include "verify/policy.h"
#include "verify/record.h"

namespace surety::faults {
namespace {

using record::vkey_text;
using store::LogOptions;

// As ML-DSA-44 has them, in size: 1,312 bytes of key, and a time with 2,420 bytes of signature.
record::VerifierKey later_key(const std::string& name, char seed = '\5') {
  record::VerifierKey out{name, 0, record::Algorithm::ml_dsa_44_cosignature, std::string(1312, seed)};
  out.id = key_id(out.name, out.algorithm, out.key);
  return out;
}
record::NoteSignature later_line(const record::VerifierKey& key) { return {key.name, key.id, std::string(8 + 2420, '\x7')}; }
std::string text_of(const record::NoteSignature& line) { return record::note_bytes({"", {line}}).substr(1); }

class OtherAlgorithms : public ::testing::Test {
 protected:
  void SetUp() override {
    open();
    add("one");
    witness_ = *store::Witness::open(dir_.path("w.db"), "w.example/w", {log_->vkey()});
  }
  void open() {
    log_.reset();
    log_ = *store::Log::open(options());
  }
  LogOptions options() const {
    return {.database = dir_.path("surety.db"),
            .record_dir = {},
            .key_file = {},
            .origin = "example.org/truce",
            .anchor = dir_.path("anchor"),
            .disk = nullptr};
  }
  void add(const std::string& entry) {
    const std::string_view one[] = {entry};
    ASSERT_TRUE(log_->append(one) && log_->publish());
  }
  std::string record() const { return dir_.path("record"); }
  // Its cosignature of the checkpoint that stands, and beside it one by a key of another algorithm under its name.
  std::string answer(std::uint64_t old_size) {
    return witness_->handle("POST", "/add-checkpoint", *store::witness_request(record(), old_size), Instant{1'000'000'000}).body + line_;
  }
  bool whole() {
    verify::Findings f;
    verify::check_record(record(), *verify::parse_key(vkey_text(log_->vkey())), f);
    return f.problems.empty() && store::verify_record(record())->problems.empty();
  }

  store::TestDir dir_;
  std::unique_ptr<store::Log> log_;
  std::unique_ptr<store::Witness> witness_;
  const std::string line_ = text_of(later_line(later_key("w.example/w")));
};

TEST_F(OtherAlgorithms, AreCarriedWhereverACheckpointGoes) {
  ASSERT_EQ(*log_->add_cosignatures(answer(0), {witness_->vkey()}), 1);
  EXPECT_EQ(*log_->add_cosignatures(line_, {witness_->vkey()}), 0) << "by itself it is nobody's answer";
  const std::string bytes = log_->signed_checkpoint();
  ASSERT_NE(bytes.find(line_), std::string::npos);
  EXPECT_EQ(*read_file(record() + "/checkpoint"), bytes);
  EXPECT_TRUE(whole());
  // A proof, a bundle, a request to the next witness.
  const std::string proof = *store::prove(record(), 0);
  EXPECT_NE(record::parse_proof(proof)->signed_checkpoint.find(line_), std::string::npos);
  record::Bundle bundle;
  bundle.policy = "log " + vkey_text(log_->vkey()) + "\nwitness w " + vkey_text(witness_->vkey()) + "\nquorum w\n";
  bundle.entries = {{"one", proof, {}}};
  verify::BundleFindings f;
  verify::check_bundle(record::bundle_bytes(*record::parse_bundle(record::bundle_bytes(bundle))), {}, f);
  EXPECT_EQ(f.problems, std::vector<std::string>());
  EXPECT_EQ(f.standing, "witnessed");
  const auto next = *store::Witness::open(dir_.path("next.db"), "next.example/w", {log_->vkey()});
  EXPECT_NE(store::witness_request(record(), 0)->find(line_), std::string::npos);
  EXPECT_EQ(next->handle("POST", "/add-checkpoint", *store::witness_request(record(), 0), Instant{}).status, 200);
  // Opened again, with an anchor; copied, moved, restored from the directory alone.
  open();
  EXPECT_EQ(log_->signed_checkpoint(), bytes);
  ASSERT_TRUE(log_->store().backup(dir_.path("backup.db")));
  ASSERT_TRUE(store::migrate(dir_.path("surety.db"), dir_.path("moved.db")));
  ASSERT_TRUE(store::restore_from_record(record(), dir_.path("restored.db"), {}));
  for (const char* copy : {"backup.db", "moved.db", "restored.db"})
    EXPECT_EQ(**(*store::open_store(dir_.path(copy), store::Mode::read))->value("checkpoint"), bytes) << copy;
  EXPECT_EQ(store::fsck(options())->problems, std::vector<std::string>());
  // An anchor that somebody else cosigned in a way of later versions.
  const auto anchor = *store::Anchor::at(dir_.path("anchor"));
  const auto kept = *anchor->read("example.org/truce");
  ASSERT_TRUE(*anchor->swap("example.org/truce", kept, *kept + line_));
  open();
  add("two");
  EXPECT_TRUE(whole());
}

TEST_F(OtherAlgorithms, AreKeptBesideTheRecordAndSpoilNothing) {
  const std::string checkpoint = log_->signed_checkpoint();
  EXPECT_FALSE(*store::keep_cosignature(record(), checkpoint, line_, witness_->vkey()));
  const std::string others = text_of(later_line(later_key("x.example/x")));
  ASSERT_TRUE(*store::keep_cosignature(record(), checkpoint, answer(0) + others, witness_->vkey()));
  const std::string kept = store::cosigned_in(record()).at(1);
  EXPECT_NE(kept.find(line_), std::string::npos);
  EXPECT_EQ(kept.find(others), std::string::npos) << "a witness speaks under its own name";
  EXPECT_NE(store::published_checkpoint(record())->find(line_), std::string::npos);
  // However many come, the note stays one that can be read.
  std::string flood;
  for (int i = 0; i < 90; ++i) flood += text_of(later_line(later_key("w.example/w", static_cast<char>(i))));
  const auto added = record::answered(record::parse_note(checkpoint)->text, answer(1) + flood, witness_->vkey());
  EXPECT_EQ(added.size(), 5u);
  record::Note full = *record::parse_note(checkpoint);
  for (int i = 0; i < 40; ++i) {
    std::vector<record::NoteSignature> some;
    for (int k = 0; k < 4; ++k) some.push_back(later_line(later_key("w.example/w", static_cast<char>(4 * i + k))));
    record::add_missing(full, some);
  }
  EXPECT_EQ(full.signatures.size(), record::kMaxSignatures);
  EXPECT_TRUE(record::parse_note(record::note_bytes(full)));
}

// The same policies and checkpoints for both programs.
TEST_F(OtherAlgorithms, NeverCountForAQuorum) {
  ASSERT_EQ(*log_->add_cosignatures(answer(0), {witness_->vkey()}), 1);
  const std::string log = "log " + vkey_text(log_->vkey()) + "\n", w = "witness w " + vkey_text(witness_->vkey()) + "\n",
                    later = "witness q " + vkey_text(later_key("w.example/w")) + "\n";
  const std::string bytes = log_->signed_checkpoint();
  const auto ask = [&](const std::string& text) -> std::string {
    std::string why;
    const auto ours = record::parse_policy(text);
    const auto theirs = verify::parse_policy(text, why);
    EXPECT_EQ(ours.has_value(), theirs.has_value()) << text << (ours ? why : ours.error().text());
    if (!ours || !theirs) return "refused";
    const auto judged = record::judge(bytes, *ours, std::nullopt, Instant{2'000'000'000});
    EXPECT_EQ(ours->unchecked(), unchecked(*theirs));
    bool bad = false;
    const auto note = verify::parse_note(bytes, why);
    const bool reached = verify::quorum_time(*theirs, *note, bad, why).has_value();
    EXPECT_FALSE(bad) << why;
    if (!judged) return judged.error().code;
    EXPECT_EQ(judged->standing == record::Standing::witnessed, reached) << text;
    return std::string(to_string(judged->standing));
  };
  EXPECT_EQ(ask(log + w + "quorum w\n"), "witnessed");
  EXPECT_EQ(ask(log + w + later + "quorum w\n"), "witnessed") << "named beside one that is enough";
  EXPECT_EQ(ask(log + w + later + "group one any w q\nquorum one\n"), "witnessed");
  EXPECT_EQ(ask(log + w + later + "group both all w q\nquorum both\n"), "unwitnessed") << "its line is there, and nobody can check it";
  EXPECT_EQ(ask(log + w + later + "quorum q\n"), "unwitnessed");
  const std::string later_log = "log " + vkey_text(later_key("example.org/truce")) + "\n";
  EXPECT_EQ(ask(log + later_log + w + "quorum w\n"), "witnessed");
  EXPECT_EQ(record::judge(bytes, *record::parse_policy(later_log + w + "quorum w\n"), std::nullopt, Instant{}).error().code,
            "record.unknown-log");
  // The other's kind of key is a mistake, as are a key twice and one of a wrong size.
  EXPECT_EQ(ask(log + "witness w " + vkey_text(log_->vkey()) + "\nquorum w\n"), "refused");
  EXPECT_EQ(ask("log " + vkey_text(witness_->vkey()) + "\n" + w + "quorum w\n"), "refused");
  EXPECT_EQ(ask(log + later + later + "quorum q\n"), "refused");
  EXPECT_EQ(ask(log + log + w + "quorum w\n"), "refused");
  record::VerifierKey small = later_key("w.example/w");
  small.key.pop_back();
  small.id = key_id(small.name, small.algorithm, small.key);
  EXPECT_EQ(ask(log + "witness q " + vkey_text(small) + "\nquorum q\n"), "refused");
}

}  // namespace
}  // namespace surety::faults
