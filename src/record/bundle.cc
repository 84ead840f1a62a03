#include "record/bundle.h"

namespace surety::record {
namespace {

void section(std::string& out, const char* name, const std::string& bytes) {
  out += std::string("== ") + name + " " + std::to_string(bytes.size()) + "\n" + bytes + "\n";
}

}  // namespace

std::string bundle_bytes(const Bundle& bundle) {
  std::string out = "surety-bundle/v1\n";
  if (!bundle.policy.empty()) section(out, "policy", bundle.policy);
  if (!bundle.fallback.empty()) section(out, "fallback", bundle.fallback);
  if (!bundle.party_keys.empty()) section(out, "party-keys", bundle.party_keys);
  if (!bundle.agreement.empty()) section(out, "agreement", bundle.agreement);
  for (const BundleEntry& e : bundle.entries) {
    section(out, "entry", e.entry);
    section(out, "proof", e.proof);
    for (const std::string& d : e.disclosures) section(out, "disclosure", d);
  }
  if (!bundle.verdict.empty()) section(out, "verdict", bundle.verdict);
  return out;
}

}  // namespace surety::record
