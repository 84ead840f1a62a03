#pragma once
// The words of who may read what. Roles are those of an agreement's own bodies; an account of a person
// has one, and may be bound to a party or body that the agreement names. Releases are the four that a
// mission uses, beside lists of names ("releasable to Alpha, Monitor").
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surety::access {

// operator_ is whoever may read the files on the machine itself: it is no account's role.
enum class Role { public_, member, desk_officer, watch_officer, monitor, chair, auditor, operator_ };
inline constexpr std::array kRoles{Role::public_, Role::member, Role::desk_officer, Role::watch_officer,
                                   Role::monitor, Role::chair,  Role::auditor,      Role::operator_};
// Public to all; to the parties; to the guarantors; within the mission only.
enum class Release { public_, parties, guarantors, mission_internal };
inline constexpr std::array kReleases{Release::public_, Release::parties, Release::guarantors, Release::mission_internal};

std::string_view name(Role role);  // "desk-officer"
std::string_view name(Release release);
std::optional<Role> role_of(std::string_view text);  // roles that an account can have; not public, not operator
std::optional<Release> release_of(std::string_view text);

// Who asks. Without an account: the public.
struct Reader {
  std::string account;    // the name that is logged in with; empty: nobody
  std::string pseudonym;  // the name under which the record speaks of this person
  Role role = Role::public_;
  std::string speaks_for;  // party or body of the agreement; empty: none
  std::string session;     // short, public handle of the session; no secret
  bool operator==(const Reader&) const = default;
};

struct Row;
// The audiences whose share this reader gets there, sorted: "public", the releases that the row gives the
// role, and, where it gives more than the public gets, the role's name and the party or body spoken for.
// What is released to none of them is not for this reader.
std::vector<std::string> audiences(const Reader& reader, const Row& row);

}  // namespace surety::access
