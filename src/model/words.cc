#include "model/words.h"

#include <algorithm>
#include <array>

namespace surety::model {
namespace {

constexpr std::array<std::string_view, 11> kKinds = {"observation", "coverage",   "finding",    "decision",   "notice", "performance",
                                                     "pledge",      "conclusion", "correction", "withdrawal", "verdict"};
constexpr std::array<std::string_view, 3> kExercises = {"actual", "exercise", "hypothetical"};
constexpr std::array<std::string_view, 6> kGrades = {"none", "claimed", "reported", "corroborated", "verified", "adjudicated"};
constexpr std::array<std::string_view, 5> kBindings = {"legal", "political", "intended", "contested", "reserved"};
constexpr std::array<std::string_view, 12> kStates = {"dormant",  "conditional", "in force", "triggered",  "due",  "fulfilled",
                                                      "breached", "suspended",   "waived",   "terminated", "void", "undetermined"};
constexpr std::array<std::string_view, 3> kTruths = {"fails", "undetermined", "holds"};

template <class E, std::size_t N>
std::optional<E> find(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto it = std::find(names.begin(), names.end(), text);
  if (it == names.end()) return std::nullopt;
  return static_cast<E>(it - names.begin());
}

}  // namespace

Truth both(Truth a, Truth b) { return std::min(a, b); }
Truth either(Truth a, Truth b) { return std::max(a, b); }
Truth opposite(Truth a) { return static_cast<Truth>(2 - static_cast<int>(a)); }

std::string_view name(Kind k) { return kKinds[static_cast<std::size_t>(k)]; }
std::string_view name(Exercise e) { return kExercises[static_cast<std::size_t>(e)]; }
std::string_view name(Grade g) { return kGrades[static_cast<std::size_t>(g)]; }
std::string_view name(Binding b) { return kBindings[static_cast<std::size_t>(b)]; }
std::string_view name(DutyState s) { return kStates[static_cast<std::size_t>(s)]; }
std::string_view name(Truth t) { return kTruths[static_cast<std::size_t>(t)]; }
std::optional<Kind> kind_of(std::string_view t) { return find<Kind>(kKinds, t); }
std::optional<Exercise> exercise_of(std::string_view t) { return find<Exercise>(kExercises, t); }
std::optional<Grade> grade_of(std::string_view t) { return find<Grade>(kGrades, t); }
std::optional<Binding> binding_of(std::string_view t) { return find<Binding>(kBindings, t); }

}  // namespace surety::model
