#include "smallest.h"

#include <algorithm>
#include <functional>

namespace surety::differential {
namespace {

using plan::Formula;
using plan::Op;
using plan::Regex;
using Size = std::optional<ProofSize>;

struct Known {  // a LET name; inside a LETPAST's definition only before `below`
  Formula let;
  std::size_t below = SIZE_MAX;
};
using Names = std::vector<Known>;

Size node(std::initializer_list<Size> parts) {
  ProofSize sum{0, 1};
  for (const Size& p : parts) {
    if (!p) return std::nullopt;
    sum = {sum.leaves + p->leaves, sum.nodes + p->nodes};
  }
  return sum;
}
Size smaller(Size a, Size b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

class Trial {
 public:
  explicit Trial(const logic::History& h) : h_(h) {}

  Size size(const Formula& f, std::size_t i, bool holds, const Names& names) {
    switch (f->op) {
      case Op::truth:
        return holds ? node({}) : std::nullopt;
      case Op::predicate:
        return predicate(f, i, holds, names);
      case Op::negation:
        return node({size(f->sub[0], i, !holds, names)});
      case Op::conjunction:
      case Op::disjunction: {
        const Size a = size(f->sub[0], i, holds, names), b = size(f->sub[1], i, holds, names);
        return (f->op == Op::conjunction) == holds ? node({a, b}) : node({smaller(a, b)});
      }
      case Op::let_past: {
        Names inside = names;
        inside.push_back({f});
        return node({size(f->sub[1], i, holds, inside)});
      }
      case Op::match_past:
      case Op::match_future:
        return holds ? runs(f, i, names) : cuts(f, i, names);
      case Op::previous:
      case Op::next:
        if (!holds) return no_step(f, i, names);
        break;
      default:
        break;
    }
    const Size yes = temporal(f, i, names);
    if (holds) return yes;
    return yes ? std::nullopt : node({});
  }

 private:
  bool sees(const Formula& f, std::size_t i, std::size_t j) const {
    const bool future = f->op == Op::next || f->op == Op::eventually || f->op == Op::until || f->op == Op::match_future;
    if (j >= h_.size() || (future ? j < i : j > i)) return false;
    if ((f->op == Op::previous || f->op == Op::next) && i - j != std::size_t{1} && j - i != std::size_t{1}) return false;
    return plan::contains(f->interval, h_[std::min(i, j)].ts, h_[std::max(i, j)].ts);
  }

  Size predicate(const Formula& f, std::size_t i, bool holds, const Names& names) {
    for (std::size_t k = names.size(); k-- > 0;) {
      if (names[k].let->name != f->name) continue;
      if (i >= names[k].below) return holds ? std::nullopt : node({});
      Names inside(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(k));
      inside.push_back({names[k].let, i});
      return node({size(names[k].let->sub[0], i, holds, inside)});
    }
    const auto& facts = h_[i].facts;
    const bool there = std::any_of(facts.begin(), facts.end(), [&](const auto& known) { return known.predicate == f->name; });
    if (there != holds) return std::nullopt;
    return ProofSize{there ? 1u : 0u, 1};
  }

  Size no_step(const Formula& f, std::size_t i, const Names& names) {
    const std::size_t j = f->op == Op::next ? i + 1 : i - 1;
    return sees(f, i, j) ? node({size(f->sub[0], j, false, names)}) : node({});
  }

  Size temporal(const Formula& f, std::size_t i, const Names& names) {
    Size best;
    for (std::size_t j = 0; j < h_.size(); ++j) {
      if (!sees(f, i, j)) continue;
      Size here = node({size(f->sub.back(), j, true, names)});
      if (f->sub.size() == 2) {
        for (std::size_t k = std::min(i, j); k <= std::max(i, j); ++k) {
          if (k == j) continue;
          const Size left = size(f->sub[0], k, true, names);
          here = here && left ? Size({here->leaves + left->leaves, here->nodes + left->nodes}) : std::nullopt;
        }
      }
      best = smaller(best, here);
    }
    return best;
  }

  struct Way {
    std::size_t at = 0;
    ProofSize size;
    auto operator<=>(const Way&) const = default;
  };
  using Cost = std::function<Size(std::size_t test, std::size_t point)>;
  // Every way through the expression, a loop at most once more often than there are points.
  std::vector<Way> ways(const Regex& r, const Way& from, const Cost& cost) {
    std::vector<Way> out{from};
    switch (r.op) {
      case Regex::Op::any:
        if (from.at + 1 >= h_.size()) return {};
        return {{from.at + 1, from.size}};
      case Regex::Op::test: {
        const Size c = cost(r.test, from.at);
        if (!c) return {};
        return {{from.at, {from.size.leaves + c->leaves, from.size.nodes + c->nodes}}};
      }
      case Regex::Op::either: {
        out.clear();
        for (const Regex& p : r.parts)
          for (const Way& w : ways(p, from, cost)) out.push_back(w);
        return out;
      }
      case Regex::Op::concat:
        for (const Regex& p : r.parts) {
          std::vector<Way> next;
          for (const Way& w : out)
            for (const Way& n : ways(p, w, cost)) next.push_back(n);
          out = std::move(next);
        }
        return out;
      case Regex::Op::star:
        break;
    }
    std::vector<Way> last = out;
    for (std::size_t round = 0; round <= h_.size(); ++round) {
      std::vector<Way> next;
      for (const Way& w : last)
        for (const Way& n : ways(r.parts[0], w, cost)) next.push_back(n);
      std::sort(next.begin(), next.end());
      next.erase(std::unique(next.begin(), next.end()), next.end());
      out.insert(out.end(), next.begin(), next.end());
      last = std::move(next);
    }
    return out;
  }

  Size through(const Formula& f, std::size_t i, const Cost& cost) {
    Size best;
    for (std::size_t j = 0; j < h_.size(); ++j) {
      if (!sees(f, i, j)) continue;
      const std::size_t first = std::min(i, j), last = std::max(i, j);
      for (const Way& w : ways(f->regex, {first, {}}, cost))
        if (w.at == last) best = smaller(best, w.size);
    }
    return best;
  }
  Size runs(const Formula& f, std::size_t i, const Names& names) {
    return node({through(f, i, [&](std::size_t test, std::size_t p) { return size(f->sub[test], p, true, names); })});
  }

  Size cuts(const Formula& f, std::size_t i, const Names& names) {
    std::vector<std::pair<std::size_t, std::size_t>> failing;
    std::vector<ProofSize> sizes;
    for (std::size_t test = 0; test < f->sub.size(); ++test) {
      for (std::size_t p = 0; p < h_.size(); ++p) {
        const Size s = size(f->sub[test], p, false, names);
        if (!s) continue;
        failing.emplace_back(test, p);
        sizes.push_back(*s);
      }
    }
    Size best;
    for (std::size_t chosen = 0; chosen < std::size_t{1} << failing.size(); ++chosen) {
      ProofSize sum{0, 1};
      for (std::size_t k = 0; k < failing.size(); ++k)
        if (chosen >> k & 1) sum = {sum.leaves + sizes[k].leaves, sum.nodes + sizes[k].nodes};
      if (best && *best <= sum) continue;
      const auto past = [&](std::size_t test, std::size_t p) -> Size {
        const auto k = static_cast<std::size_t>(std::find(failing.begin(), failing.end(), std::pair(test, p)) - failing.begin());
        return k < failing.size() && (chosen >> k & 1) ? std::nullopt : Size(ProofSize{});
      };
      if (!through(f, i, past)) best = sum;
    }
    return best;
  }

  const logic::History& h_;
};

}  // namespace

std::optional<ProofSize> smallest_proof(const logic::History& h, const Formula& f, std::size_t point, bool holds) {
  return Trial(h).size(f, point, holds, {});
}

ProofSize size_of(const logic::Proof& p) {
  ProofSize sum{p.rule == logic::Rule::fact ? 1u : 0u, 1};
  for (const auto& c : p.children) {
    const ProofSize s = size_of(*c);
    sum = {sum.leaves + s.leaves, sum.nodes + s.nodes};
  }
  return sum;
}

std::vector<Formula> all_expressions(int operators) {
  const Formula p = plan::pred("P", {plan::var("x")}), q = plan::pred("Q", {plan::var("x")});
  std::vector<std::vector<Regex>> by_size{{Regex{}}};
  for (std::size_t test = 0; test < 3; ++test) by_size[0].push_back({Regex::Op::test, test, {}});
  for (std::size_t n = 1; n <= static_cast<std::size_t>(operators); ++n) {
    by_size.emplace_back();
    for (const Regex& r : by_size[n - 1]) by_size[n].push_back({Regex::Op::star, 0, {r}});
    for (std::size_t k = 0; k < n; ++k) {
      for (const Regex& a : by_size[k])
        for (const Regex& b : by_size[n - 1 - k])
          for (const auto op : {Regex::Op::concat, Regex::Op::either}) by_size[n].push_back({op, 0, {a, b}});
    }
  }
  std::vector<Formula> out;
  for (const auto& size : by_size) {
    for (const Regex& r : size) {
      for (const auto& i : {plan::within(2), plan::between(1, 1)}) {
        out.push_back(plan::match_past(i, r, {p, q, !q}));
        out.push_back(plan::match_future(i, r, {p, q, !q}));
      }
    }
  }
  return out;
}

std::vector<Formula> some_let_pasts() {
  const std::vector<plan::Term> x{plan::var("x")};
  const Formula p = plan::pred("P", x), q = plan::pred("Q", x), l = plan::pred("L", x);
  std::vector<Formula> out;
  for (const auto& i : {plan::always_interval(), plan::between(1, 1)}) {
    const Formula before = plan::previous(i, l);
    for (const Formula& definition : {p || before, p || (before && !q), p || (before && before), q && !before, p || plan::once(i, l),
                                      p || plan::previous(i, before || q), plan::since(!l, i, p)}) {
      for (const Formula& use : {l, plan::once(plan::within(1), l), plan::next(i, l), q && !l, plan::since(l, plan::within(2), q)})
        out.push_back(plan::let_past("L", {"x"}, definition, use));
    }
  }
  return out;
}

}  // namespace surety::differential
