#pragma once
// The closed vocabularies that every room shares, with their one spelling (docs/formats/statement.md).
#include <optional>
#include <string_view>

namespace surety::model {

enum class Kind { observation, coverage, finding, decision, notice, performance, pledge, conclusion, correction, withdrawal, verdict };

// A property of every statement and of everything derived from it; never mixed in one incident.
enum class Exercise { actual, exercise, hypothetical };

// How far an occurrence, or an attribution, is established. Ordered.
enum class Grade { none, claimed, reported, corroborated, verified, adjudicated };

// Whose word it can be: same logic, different label; only `reserved` never binds (LANGUAGE.md §3).
enum class Binding { legal, political, intended, contested, reserved };

enum class DutyState {
  dormant,
  conditional,
  in_force,
  triggered,
  due,
  fulfilled,
  breached,
  suspended,
  waived,
  terminated,
  void_,
  undetermined
};

// Kleene's three values: redaction and doubt may only move a verdict to undetermined.
enum class Truth { fails, undetermined, holds };
Truth both(Truth a, Truth b);
Truth either(Truth a, Truth b);
Truth opposite(Truth a);

std::string_view name(Kind k);
std::string_view name(Exercise e);
std::string_view name(Grade g);
std::string_view name(Binding b);
std::string_view name(DutyState s);
std::string_view name(Truth t);
std::optional<Kind> kind_of(std::string_view text);
std::optional<Exercise> exercise_of(std::string_view text);
std::optional<Grade> grade_of(std::string_view text);
std::optional<Binding> binding_of(std::string_view text);

}  // namespace surety::model
