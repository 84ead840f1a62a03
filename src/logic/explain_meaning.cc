// Meaning: the logic's definition, read off. Exponential in places, and meant to be.
#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "logic/explain_check.h"
#include "logic/front/pattern.h"

namespace surety::logic {
namespace {

using plan::Formula;
using plan::Op;
using plan::Regex;
using plan::Term;
using plan::Value;
using Valuations = std::set<Valuation>;

struct Cannot {
  std::string what;
};
[[noreturn]] void cannot(const plan::Node& n) { throw Cannot{plan::text_short(Formula(n), 120)}; }

bool known(const Term& t, const Valuation& v) {
  std::vector<std::string> names;
  plan::collect_variables(t, names);
  return std::all_of(names.begin(), names.end(), [&](const std::string& n) { return v.contains(n); });
}
bool all_known(const Formula& f, const Valuation& v) {
  const auto names = plan::free_variables(f);
  return std::all_of(names.begin(), names.end(), [&](const std::string& n) { return v.contains(n); });
}

bool take(const Term& t, const Value& value, Valuation& v) {
  if (t.op == Term::Op::variable) return v.emplace(t.name, value).first->second == value;
  const auto have = value_of(t, v);
  return have && *have == value;
}

std::optional<Valuation> match(const plan::Node& n, const Valuation& v) {
  const auto subject = value_of(n.terms[0], v), pattern = value_of(n.terms[1], v);
  if (!subject || !pattern) return std::nullopt;
  const RE2 re(re2_syntax(std::get<std::string>(*pattern)), RE2::Latin1);
  const std::string& s = std::get<std::string>(*subject);
  const std::size_t wanted = n.terms.size() - 2;
  if (!re.ok() || wanted > static_cast<std::size_t>(re.NumberOfCapturingGroups())) return std::nullopt;
  std::vector<re2::StringPiece> groups(wanted + 1);
  if (!re.Match(s, 0, s.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size()))) return std::nullopt;
  Valuation w = v;
  for (std::size_t k = 0; k < wanted; ++k) {
    const Term& t = n.terms[k + 2];
    if (t.op == Term::Op::wildcard) continue;
    if (groups[k + 1].data() == nullptr || !take(t, Value(std::string(groups[k + 1])), w)) return std::nullopt;
  }
  return w;
}

double number(const Value& v) {
  return std::holds_alternative<double>(v) ? std::get<double>(v) : static_cast<double>(std::get<std::int64_t>(v));
}

std::optional<Value> total(const std::vector<Value>& values) {
  if (std::holds_alternative<std::int64_t>(values[0])) {
    __int128 sum = 0;
    for (const Value& v : values) sum += std::get<std::int64_t>(v);
    if (sum > INT64_MAX || sum < INT64_MIN) return std::nullopt;
    return Value(static_cast<std::int64_t>(sum));
  }
  long double sum = 0;
  for (const Value& v : values) sum += std::get<double>(v);
  return std::isfinite(static_cast<double>(sum)) ? std::optional<Value>(static_cast<double>(sum)) : std::nullopt;
}

std::optional<Value> valued(double d) { return std::isnan(d) ? std::nullopt : std::optional<Value>(d == 0 ? 0.0 : d); }

Value over_nothing(plan::Aggregate op, const Value* claimed, const plan::Type* type) {
  using plan::Aggregate;
  const bool mean = op == Aggregate::average || op == Aggregate::median;
  const bool real = claimed != nullptr ? std::holds_alternative<double>(*claimed) : type != nullptr && (mean || *type == plan::Type::real);
  const bool text = claimed != nullptr ? std::holds_alternative<std::string>(*claimed) : type != nullptr && *type == plan::Type::text;
  if (op == Aggregate::count) return std::int64_t{0};
  if (real && op == Aggregate::minimum) return HUGE_VAL;
  if (real && op == Aggregate::maximum) return -HUGE_VAL;
  if (real) return 0.0;
  return text ? Value(std::string()) : Value(std::int64_t{0});
}

std::optional<Value> aggregate(plan::Aggregate op, std::vector<Value> values) {
  using plan::Aggregate;
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  switch (op) {
    case Aggregate::count:
      return Value(static_cast<std::int64_t>(n));
    case Aggregate::minimum:
      return values.front();
    case Aggregate::maximum:
      return values.back();
    case Aggregate::sum:
      return total(values);
    case Aggregate::median:
      return valued(std::midpoint(number(values[(n - 1) / 2]), number(values[n / 2])));
    case Aggregate::average:
      break;
  }
  long double sum = 0;
  for (const Value& v : values) sum += number(v);
  const auto mean = static_cast<double>(sum / static_cast<long double>(n));
  return std::isfinite(mean) ? valued(mean) : std::nullopt;
}

// Floats are added in another order by the engine: equal up to a part in 10^12.
bool same_number(const Value& a, const Value& b) {
  if (a == b || !std::holds_alternative<double>(a) || !std::holds_alternative<double>(b)) return a == b;
  const double x = std::get<double>(a), y = std::get<double>(b);
  return std::isfinite(x) && std::isfinite(y) && std::fabs(x - y) <= 1e-12 * std::max(std::fabs(x), std::fabs(y));
}

}  // namespace

std::optional<plan::Value> value_of(const plan::Term& t, const Valuation& v) {
  if (t.op == Term::Op::constant) return t.value;
  if (t.op == Term::Op::variable) {
    const auto it = v.find(t.name);
    return it == v.end() ? std::nullopt : std::optional<Value>(it->second);
  }
  if (t.args.empty()) return std::nullopt;
  const auto a = value_of(t.args[0], v);
  if (!a) return std::nullopt;
  if (t.args.size() == 1) return plan::apply(t.op, *a);
  const auto b = value_of(t.args[1], v);
  return b ? plan::apply(t.op, *a, &*b) : std::nullopt;
}

std::optional<std::vector<plan::Value>> clock_of(const std::string& name, const History& history, std::size_t point) {
  const Value index = static_cast<std::int64_t>(point), stamp = history[point].ts;
  if (name == "tp") return std::vector{index};
  if (name == "ts") return std::vector{stamp};
  return name == "tpts" ? std::optional(std::vector{index, stamp}) : std::nullopt;
}

bool told_at(const History& history, std::size_t point, const std::string& predicate) {
  const auto& facts = history[point].facts;
  return std::any_of(facts.begin(), facts.end(), [&](const KnownFact& f) { return f.predicate == predicate; });
}

Valuation restricted(const Valuation& v, const plan::Formula& f) {
  Valuation out;
  for (const std::string& n : plan::free_variables(f)) {
    if (const auto it = v.find(n); it != v.end()) out.insert(*it);
  }
  return out;
}

bool test_holds(const plan::Node& n, const Valuation& v) {
  if (n.op == Op::truth) return true;
  if (n.op == Op::falsity) return false;
  if (n.op == Op::matches) {
    const auto w = match(n, v);
    return w && *w == v;
  }
  const auto a = value_of(n.terms[0], v), b = value_of(n.terms[1], v);
  if (!a || !b) return false;
  if (n.op == Op::equal) return *a == *b;
  if (n.op == Op::less) return *a < *b;
  if (n.op == Op::less_equal) return *a <= *b;
  return std::get<std::string>(*b).find(std::get<std::string>(*a)) != std::string::npos;
}

struct Meaning::Impl {
  const History& history;
  plan::TickScale scale;
  long budget;

  AggregatedTypes types;
  // What has been found of names: their scope, definition, point and known arguments.
  using NameAt = std::tuple<ScopeKey, const plan::Node*, std::size_t, Valuation>;
  std::map<NameAt, Valuations> definitions;

  Valuations rows(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    if (--budget < 0) throw Cannot{"too large to evaluate from the definition"};
    Valuations out;
    for (Valuation w : compute(f, i, restricted(v, f), lets)) {
      w.insert(v.begin(), v.end());
      out.insert(std::move(w));
    }
    return out;
  }

  Valuations compute(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    const plan::Node& n = *f;
    switch (n.op) {
      case Op::truth:
        return {v};
      case Op::falsity:
        return {};
      case Op::predicate:
        return predicate(n, i, v, lets);
      case Op::equal:
        for (std::size_t k : {0, 1}) {
          const Term& one = n.terms[k];
          if (one.op != Term::Op::variable || v.contains(one.name) || !known(n.terms[1 - k], v)) continue;
          const auto value = value_of(n.terms[1 - k], v);
          if (!value) return {};
          Valuation w = v;
          w[one.name] = *value;
          return {w};
        }
        [[fallthrough]];
      case Op::less:
      case Op::less_equal:
      case Op::substring:
        if (!all_known(f, v)) cannot(n);
        return test_holds(n, v) ? Valuations{v} : Valuations{};
      case Op::matches: {
        if (!known(n.terms[0], v) || !known(n.terms[1], v)) cannot(n);
        const auto w = match(n, v);
        return w ? Valuations{*w} : Valuations{};
      }
      case Op::negation:
        if (!all_known(f, v)) return pushed(n, i, v, lets);
        return rows(n.sub[0], i, v, lets).empty() ? Valuations{v} : Valuations{};
      case Op::conjunction:
        return conjunction(f, i, v, lets);
      case Op::disjunction: {
        Valuations out = rows(n.sub[0], i, v, lets);
        out.merge(rows(n.sub[1], i, v, lets));
        for (const Valuation& w : out)
          if (!all_known(f, w)) cannot(n);
        return out;
      }
      case Op::exists: {
        Valuation inner = v;
        for (const std::string& x : n.vars) inner.erase(x);
        Valuations out;
        for (const Valuation& w : rows(n.sub[0], i, inner, lets)) {
          Valuation u = restricted(w, f);
          u.insert(v.begin(), v.end());
          out.insert(std::move(u));
        }
        return out;
      }
      case Op::aggregate:
        return aggregation(n, i, v, lets);
      case Op::let:
      case Op::let_past: {
        Scope more = lets;
        more.push_back({f});
        return rows(n.sub[1], i, v, more);
      }
      case Op::match_past:
      case Op::match_future: {
        Valuations out;
        const Window look = window(history, n, i, scale);
        for (const auto& [j, w] : walk(n, n.regex, {i, v}, look, lets)) {
          if (look.first <= j && j < look.end) out.insert(w);
        }
        return out;
      }
      default:
        return temporal(n, i, v, lets);
    }
  }

  Valuations pushed(const plan::Node& n, std::size_t i, const Valuation& v, const Scope& lets) {
    if (n.sub[0]->op != Op::conjunction) cannot(n);
    return rows(!n.sub[0]->sub[0] || !n.sub[0]->sub[1], i, v, lets);
  }

  Valuations predicate(const plan::Node& n, std::size_t i, const Valuation& v, const Scope& lets) {
    if (const auto k = in_scope(lets, n.name)) return let_rows(n, lets, *k, i, v);
    Valuations out;
    for (const KnownFact& fact : history[i].facts)
      if (fact.predicate == n.name) unify(n, fact.args, v, out);
    const auto clock = clock_of(n.name, history, i);
    if (clock && !told_at(history, i, n.name)) unify(n, *clock, v, out);
    return out;
  }

  static void unify(const plan::Node& n, const std::vector<Value>& args, const Valuation& v, Valuations& out) {
    if (args.size() != n.terms.size()) return;
    Valuation w = v;
    for (bool plain : {true, false}) {
      for (std::size_t k = 0; k < args.size(); ++k) {
        if ((n.terms[k].op == Term::Op::variable || n.terms[k].op == Term::Op::constant) != plain) continue;
        if (!known(n.terms[k], w) && !plain) cannot(n);
        if (!take(n.terms[k], args[k], w)) return;
      }
    }
    out.insert(std::move(w));
  }

  Valuations let_rows(const plan::Node& n, const Scope& lets, std::size_t k, std::size_t i, const Valuation& v) {
    if (i >= lets[k].below) return {};
    const plan::Node& let = *lets[k].let;
    Valuation given;
    for (std::size_t a = 0; a < std::min(let.vars.size(), n.terms.size()); ++a) {
      const auto value = value_of(n.terms[a], v);
      if (value) given.emplace(let.vars[a], *value);
    }
    // A LETPAST asks for the points before: those not yet known are made from the earliest on, not in each other.
    std::size_t first = i;
    while (let.op == Op::let_past && first > 0 && !definitions.contains(name_at(lets, k, first - 1, given))) --first;
    for (; first < i; ++first) defined(lets, k, first, given);
    Valuations out;
    for (const Valuation& w : defined(lets, k, i, given)) {
      std::vector<Value> args;
      for (const std::string& p : let.vars) args.push_back(w.at(p));
      unify(n, args, v, out);
    }
    return out;
  }

  static NameAt name_at(const Scope& lets, std::size_t k, std::size_t i, const Valuation& given) {
    return {key_of(scope_of_definition(lets, k, i)), &*lets[k].let, i, given};
  }
  const Valuations& defined(const Scope& lets, std::size_t k, std::size_t i, const Valuation& given) {
    const Scope scope = scope_of_definition(lets, k, i);
    const Formula& let = lets[k].let;
    auto key = name_at(lets, k, i, given);
    if (const auto it = definitions.find(key); it != definitions.end()) return it->second;
    Valuations found = rows(let->sub[0], i, given, scope);
    budget -= static_cast<long>(found.size());
    return definitions.emplace(std::move(key), std::move(found)).first->second;
  }

  Valuations conjunction(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    std::vector<Formula> parts;
    const auto flatten = [&](const auto& self, const Formula& g) -> void {
      if (g->op != Op::conjunction) return parts.push_back(g);
      self(self, g->sub[0]);
      self(self, g->sub[1]);
    };
    flatten(flatten, f);
    Valuations done{v};
    while (!parts.empty()) {
      std::string why;
      bool moved = false;
      for (auto it = parts.begin(); it != parts.end(); ++it) {
        try {
          Valuations next;
          for (const Valuation& w : done) next.merge(rows(*it, i, w, lets));
          done = std::move(next);
          parts.erase(it);
          moved = true;
          break;
        } catch (const Cannot& c) {
          if (budget < 0) throw;
          why = c.what;
        }
      }
      if (done.empty()) return {};
      if (!moved) throw Cannot{why};
    }
    return done;
  }

  Valuations temporal(const plan::Node& n, std::size_t i, const Valuation& v, const Scope& lets) {
    const bool future = n.op == Op::next || n.op == Op::eventually || n.op == Op::until;
    const Window look = window(history, n, i, scale);
    Valuations out;
    for (std::size_t j = look.first; j < look.end; ++j) {
      for (const Valuation& w : rows(n.sub.back(), j, v, lets)) {
        bool all = true;
        if (n.sub.size() == 2) {
          const std::size_t first = future ? i : j + 1, last = future ? j : i + 1;
          for (std::size_t k = first; k < last && all; ++k) all = !rows(n.sub[0], k, w, lets).empty();
        }
        if (all) out.insert(w);
      }
    }
    return out;
  }

  Valuations aggregation(const plan::Node& n, std::size_t i, const Valuation& v, const Scope& lets) {
    Valuation groups_known;
    for (const std::string& g : n.vars)
      if (v.contains(g)) groups_known.insert(*v.find(g));
    std::map<Valuation, std::vector<Value>> groups;
    for (const Valuation& w : rows(n.sub[0], i, groups_known, lets)) {
      Valuation group;
      for (const std::string& g : n.vars) group.insert(*w.find(g));
      groups[group].push_back(w.at(n.over));
    }
    Valuations out;
    const auto give = [&](Valuation w, const Value& result) {
      w.insert(v.begin(), v.end());
      const auto [it, fresh] = w.emplace(n.name, result);
      if (fresh || same_number(it->second, result)) out.insert(std::move(w));
    };
    for (const auto& [group, values] : groups)
      if (const auto r = aggregate(n.aggregate, values)) give(group, *r);
    if (!groups.empty() || !n.vars.empty()) return out;
    // Over nothing: the formula or a known result tells which zero is meant.
    const auto claimed = v.find(n.name);
    const auto type = types.find(&n);
    if (claimed == v.end() && type == types.end() && n.aggregate != plan::Aggregate::count) cannot(n);
    give({}, over_nothing(n.aggregate, claimed == v.end() ? nullptr : &claimed->second, type == types.end() ? nullptr : &type->second));
    return out;
  }

  using Place = std::pair<std::size_t, Valuation>;
  std::set<Place> walk(const plan::Node& n, const Regex& r, const Place& from, const Window& look, const Scope& lets) {
    const bool future = n.op == Op::match_future;
    const auto& [i, v] = from;
    std::set<Place> out;
    switch (r.op) {
      case Regex::Op::any:
        // Further than the window there is no way back into it.
        if (future ? i + 1 < look.end : i > look.first) out.emplace(future ? i + 1 : i - 1, v);
        return out;
      case Regex::Op::test:
        for (const Valuation& w : rows(n.sub[r.test], i, v, lets)) out.emplace(i, w);
        return out;
      case Regex::Op::either:
        for (const Regex& p : r.parts) out.merge(walk(n, p, from, look, lets));
        return out;
      case Regex::Op::concat:
        out = {from};
        for (std::size_t k = 0; k < r.parts.size(); ++k) {
          std::set<Place> next;
          for (const Place& p : out) next.merge(walk(n, r.parts[future ? k : r.parts.size() - 1 - k], p, look, lets));
          out = std::move(next);
        }
        return out;
      case Regex::Op::star:
        break;
    }
    out = {from};
    std::vector<Place> open{from};
    while (!open.empty()) {
      const Place p = open.back();
      open.pop_back();
      for (const Place& q : walk(n, r.parts[0], p, look, lets))
        if (out.insert(q).second) open.push_back(q);
    }
    return out;
  }
};

Meaning::Meaning(const History& history, plan::TickScale scale, AggregatedTypes types)
    : impl_(new Impl{history, scale, 20'000'000, std::move(types), {}}) {}
Meaning::~Meaning() = default;

Result<std::set<Valuation>> Meaning::rows(const plan::Formula& f, std::size_t point, const Valuation& v, const Scope& scope) {
  try {
    return impl_->rows(f, point, v, scope);
  } catch (const Cannot& c) {
    return err(fail("logic.not-monitorable", "the formula cannot be evaluated from the history").found(c.what));
  }
}

}  // namespace surety::logic
