#include "record/bundle.h"

#include "record/text_lines.h"

namespace surety::record {
namespace {

void section(std::string& out, const char* name, const std::string& bytes) {
  out += std::string("== ") + name + " " + std::to_string(bytes.size()) + "\n" + bytes + "\n";
}

// Takes the section off `rest` if it is the next one.
class Sections {
 public:
  explicit Sections(std::string_view rest) : rest_(rest) {}
  bool take(std::string_view name, std::string& into) {
    const std::string head = "== " + std::string(name) + " ";
    if (!rest_.starts_with(head)) return false;
    std::string_view rest = rest_;
    const auto line = take_line(rest);
    const auto length = line ? decimal(line->substr(head.size())) : std::nullopt;
    if (!length || *length >= rest.size() || rest[*length] != '\n') return false;
    into = rest.substr(0, *length);
    rest_ = rest.substr(*length + 1);
    return true;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace

Result<Bundle> parse_bundle(std::string_view bytes, const std::string& file) {
  const auto refuse = [&](std::string_view found) {
    return err(fail("record.bad-package", "this is not a bundle or submission, or it is cut short")
                   .in(file)
                   .found(std::string(found.substr(0, std::min(found.find('\n'), std::size_t{80}))))
                   .expected("surety-bundle/v1 and its sections (docs/formats/bundle.md)"));
  };
  if (!bytes.starts_with(kBundleBegin)) return refuse(bytes);
  Sections in(bytes.substr(kBundleBegin.size()));
  Bundle out;
  in.take("policy", out.policy);
  in.take("fallback", out.fallback);
  in.take("party-keys", out.party_keys);
  in.take("agreement", out.agreement);
  for (std::string entry; in.take("entry", entry);) {
    BundleEntry& e = out.entries.emplace_back();
    e.entry = std::move(entry);
    in.take("proof", e.proof);
    for (std::string one; in.take("disclosure", one);) e.disclosures.push_back(one);
  }
  in.take("verdict", out.verdict);
  if (!in.rest().empty()) return refuse(in.rest());
  return out;
}

std::string bundle_bytes(const Bundle& bundle) {
  std::string out(kBundleBegin);
  if (!bundle.policy.empty()) section(out, "policy", bundle.policy);
  if (!bundle.fallback.empty()) section(out, "fallback", bundle.fallback);
  if (!bundle.party_keys.empty()) section(out, "party-keys", bundle.party_keys);
  if (!bundle.agreement.empty()) section(out, "agreement", bundle.agreement);
  for (const BundleEntry& e : bundle.entries) {
    section(out, "entry", e.entry);
    if (!e.proof.empty()) section(out, "proof", e.proof);
    for (const std::string& d : e.disclosures) section(out, "disclosure", d);
  }
  if (!bundle.verdict.empty()) section(out, "verdict", bundle.verdict);
  return out;
}

}  // namespace surety::record
