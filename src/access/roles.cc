#include "access/roles.h"

#include <algorithm>

#include "access/policy.h"
#include "plan/agreement.h"

namespace surety::access {
namespace {

constexpr std::string_view kRoleNames[] = {"public", "member", "desk-officer", "watch-officer", "monitor", "chair", "auditor", "operator"};

}  // namespace

std::string_view name(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }
std::string_view name(Release release) { return plan::kReleases[static_cast<std::size_t>(release)]; }

std::optional<Role> role_of(std::string_view text) {
  for (const Role r : kRoles) {
    if (r != Role::public_ && r != Role::operator_ && name(r) == text) return r;
  }
  return std::nullopt;
}

std::optional<Release> release_of(std::string_view text) {
  for (const Release r : kReleases) {
    if (name(r) == text) return r;
  }
  return std::nullopt;
}

std::vector<std::string> audiences(const Reader& reader, const Row& row) {
  std::vector<std::string> out;
  for (const Release r : kReleases) {
    if (allowed(row, reader.role, r)) out.emplace_back(name(r));
  }
  if (out.size() > 1) {
    out.emplace_back(name(reader.role));
    if (!reader.speaks_for.empty()) out.push_back(reader.speaks_for);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace surety::access
