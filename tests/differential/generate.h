#pragma once
// Random monitorable formulas with logs, their neighbours for shrinking, and all formulas of a
// small size. Deterministic in the seed.
#include <cstdint>
#include <random>
#include <vector>

#include "suite_case.h"

namespace surety::differential {

using Random = std::mt19937_64;

// P, Q, U(int) R(int,int) S(int,int,int) T() F(float) G(int,float) W(string) V(int,string).
logic::Signature test_signature();

struct Shape {
  int depth = 4;
  int points = 12;
  bool future = true;
  bool aggregates = true;
  bool lets = true;
  bool let_past = true;
  bool dynamic = true;
  bool clock = false;     // tp, ts and tpts among the predicates
  bool calendar = false;  // stamps in microseconds around changes of clocks, most bounds on a calendar
  plan::TickScale scale() const { return {calendar ? 1'000'000 : 1}; }
};
plan::Formula random_formula(Random& random, const Shape& shape);
std::vector<Point> random_trace(Random& random, const Shape& shape);

// Simpler formulas and traces, nearest first. Not all of them are monitorable.
std::vector<plan::Formula> simpler(const plan::Formula& f);
std::vector<std::vector<Point>> simpler(const std::vector<Point>& trace);

// Every formula over P(x) and Q(x) with up to `operators` operators of a fixed small set.
std::vector<plan::Formula> all_formulas(int operators);
// Every trace of up to `points` points over P(0), Q(0), with stamps that step by 0 or 1.
std::vector<std::vector<Point>> all_traces(int points);

}  // namespace surety::differential
