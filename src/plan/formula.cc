#include "plan/formula.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>

namespace surety::plan {
namespace {

// The tree without its children, each part prefixed by its length so that no two trees share bytes.
class Bytes {
 public:
  void add(std::string_view s) {
    number(s.size());
    out_ += s;
  }
  void number(std::uint64_t n) { out_.append(reinterpret_cast<const char*>(&n), sizeof n); }
  void raw(std::string_view s) { out_ += s; }
  const std::string& out() const { return out_; }

 private:
  std::string out_;
};

void add_regex(const Regex& r, Bytes& b) {
  b.number(static_cast<std::uint64_t>(r.op));
  b.number(r.test);
  b.number(r.parts.size());
  for (const Regex& p : r.parts) add_regex(p, b);
}

Digest digest_of(const Node& n) {
  Bytes b;
  b.number(static_cast<std::uint64_t>(n.op));
  b.add(n.name);
  b.number(n.terms.size());
  for (const Term& t : n.terms) b.add(text(t));
  b.number(n.vars.size());
  for (const std::string& v : n.vars) b.add(v);
  b.add(n.over);
  b.number(static_cast<std::uint64_t>(n.aggregate));
  b.add(text(n.interval));
  add_regex(n.regex, b);
  b.number(n.sub.size());
  for (const Formula& f : n.sub) b.raw(view(f.hash()));
  return sha256(b.out());
}

Formula make(Op op, std::vector<Formula> sub, Interval i = {}) {
  Node n;
  n.op = op;
  n.sub = std::move(sub);
  n.interval = std::move(i);
  return Formula(std::move(n));
}

Formula atom(Op op, std::vector<Term> terms) {
  Node n;
  n.op = op;
  n.terms = std::move(terms);
  return Formula(std::move(n));
}

Formula binder(Op op, std::string name, std::vector<std::string> vars, std::vector<Formula> sub) {
  Node n;
  n.op = op;
  n.name = std::move(name);
  n.vars = std::move(vars);
  n.sub = std::move(sub);
  return Formula(std::move(n));
}

Formula dynamic(Op op, Interval i, Regex r, std::vector<Formula> tests) {
  Node n;
  n.op = op;
  n.interval = std::move(i);
  n.regex = std::move(r);
  n.sub = std::move(tests);
  return Formula(std::move(n));
}

void add_once(std::vector<std::string>& into, const std::string& v) {
  if (std::find(into.begin(), into.end(), v) == into.end()) into.push_back(v);
}

// Free variables of f that are not in `bound` (a multiset: binders nest).
void collect_free(const Formula& f, std::multiset<std::string>& bound, std::vector<std::string>& into) {
  const auto use = [&](const std::string& v) {
    if (!bound.contains(v)) add_once(into, v);
  };
  if (f->op == Op::aggregate) {
    use(f->name);
    for (const std::string& v : f->vars) use(v);
    return;
  }
  if (f->op == Op::let || f->op == Op::let_past) return collect_free(f->sub[1], bound, into);
  std::vector<std::string> here;
  for (const Term& t : f->terms) collect_variables(t, here);
  for (const std::string& v : here) use(v);
  const bool binds = f->op == Op::exists || f->op == Op::forall;
  std::vector<std::multiset<std::string>::iterator> added;
  if (binds)
    for (const std::string& v : f->vars) added.push_back(bound.insert(v));
  if (f->op == Op::since || f->op == Op::until) {
    collect_free(f->sub[1], bound, into);
    collect_free(f->sub[0], bound, into);
  } else {
    for (const Formula& s : f->sub) collect_free(s, bound, into);
  }
  for (auto it : added) bound.erase(it);
}

// A name that would not read back as one word is put in backquotes.
std::string name_text(const std::string& name) {
  const bool word = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
  return word ? name : "`" + name + "`";
}

std::string list(const std::vector<std::string>& names) {
  std::string s;
  for (const std::string& n : names) s += (s.empty() ? "" : ", ") + n;
  return s;
}

std::string terms_text(const std::vector<Term>& terms, std::size_t from = 0) {
  std::string s;
  for (std::size_t i = from; i < terms.size(); ++i) s += (i > from ? ", " : "") + text(terms[i]);
  return s;
}

void print(const Formula& f, std::string& out, std::size_t limit);

void print_regex(const Node& n, const Regex& r, std::string& out, std::size_t limit) {
  if (out.size() > limit) return;
  switch (r.op) {
    case Regex::Op::any:
      out += '.';
      return;
    case Regex::Op::test:
      out += '(';
      print(n.sub[r.test], out, limit);
      out += ")?";
      return;
    case Regex::Op::star:
      out += '(';
      print_regex(n, r.parts[0], out, limit);
      out += ")*";
      return;
    default:
      break;
  }
  out += '(';
  for (std::size_t i = 0; i < r.parts.size(); ++i) {
    if (i > 0) out += r.op == Regex::Op::concat ? " " : " + ";
    print_regex(n, r.parts[i], out, limit);
  }
  out += ')';
}

std::string interval_text(const Interval& i) { return i.unconstrained() ? "" : text(i); }

void print_atom(const Node& n, std::string& out) {
  switch (n.op) {
    case Op::truth:
      out += "TRUE";
      return;
    case Op::falsity:
      out += "FALSE";
      return;
    case Op::predicate:
      out += name_text(n.name) + "(" + terms_text(n.terms) + ")";
      return;
    default:
      break;
  }
  out += text(n.terms[0]) + " " + name_of(n.op) + " " + text(n.terms[1]);
  if (n.op == Op::matches && n.terms.size() > 2) out += " (" + terms_text(n.terms, 2) + ")";
}

void print_aggregate(const Node& n, std::string& out, std::size_t limit) {
  out += n.name + " <- " + name_of(n.aggregate) + " " + n.over;
  if (!n.vars.empty()) out += "; " + list(n.vars);
  out += ' ';
  print(n.sub[0], out, limit);
}

void print_let(const Node& n, std::string& out, std::size_t limit) {
  out += std::string(name_of(n.op)) + " " + name_text(n.name) + "(" + list(n.vars) + ") = ";
  print(n.sub[0], out, limit);
  out += " IN ";
  print(n.sub[1], out, limit);
}

bool is_atom(Op op) { return op <= Op::matches; }

void print_inner(const Node& n, std::string& out, std::size_t limit) {
  switch (n.op) {
    case Op::negation:
      out += "NOT ";
      return print(n.sub[0], out, limit);
    case Op::exists:
    case Op::forall:
      out += std::string(name_of(n.op)) + " " + list(n.vars) + ". ";
      return print(n.sub[0], out, limit);
    case Op::aggregate:
      return print_aggregate(n, out, limit);
    case Op::let:
    case Op::let_past:
      return print_let(n, out, limit);
    case Op::match_past:
    case Op::match_future:
      out += name_of(n.op) + interval_text(n.interval) + " ";
      return print_regex(n, n.regex, out, limit);
    default:
      break;
  }
  if (n.sub.size() == 2) {
    print(n.sub[0], out, limit);
    out += ' ';
  }
  out += name_of(n.op) + interval_text(n.interval) + " ";
  print(n.sub.back(), out, limit);
}

void print(const Formula& f, std::string& out, std::size_t limit) {
  if (out.size() > limit) return;
  if (is_atom(f->op)) {
    // Comparisons are bracketed so that what follows cannot be read as part of a term.
    const bool bracket = f->op >= Op::equal;
    if (bracket) out += '(';
    print_atom(*f, out);
    if (bracket) out += ')';
    return;
  }
  out += '(';
  print_inner(*f, out, limit);
  out += ')';
}

}  // namespace

Formula::Formula() {
  static const std::shared_ptr<const Node> kTruth = Formula(Node{}).node_;
  node_ = kTruth;
}

Formula::Formula(Node node) {
  for (const Formula& f : node.sub) node.depth = std::max(node.depth, f->depth + 1);
  node.digest = digest_of(node);
  node_ = std::make_shared<const Node>(std::move(node));
}

const Digest& Formula::hash() const { return node_->digest; }

Formula truth() { return make(Op::truth, {}); }
Formula falsity() { return make(Op::falsity, {}); }
Formula pred(std::string name, std::vector<Term> terms) {
  Node n;
  n.op = Op::predicate;
  n.name = std::move(name);
  n.terms = std::move(terms);
  return Formula(std::move(n));
}
Formula eq(Term a, Term b) { return atom(Op::equal, {std::move(a), std::move(b)}); }
Formula ne(Term a, Term b) { return !eq(std::move(a), std::move(b)); }
Formula lt(Term a, Term b) { return atom(Op::less, {std::move(a), std::move(b)}); }
Formula le(Term a, Term b) { return atom(Op::less_equal, {std::move(a), std::move(b)}); }
Formula gt(Term a, Term b) { return lt(std::move(b), std::move(a)); }
Formula ge(Term a, Term b) { return le(std::move(b), std::move(a)); }
Formula substring(Term part, Term whole) { return atom(Op::substring, {std::move(part), std::move(whole)}); }
Formula matches(Term s, Term pattern, std::vector<Term> groups) {
  std::vector<Term> terms{std::move(s), std::move(pattern)};
  for (Term& g : groups) terms.push_back(std::move(g));
  return atom(Op::matches, std::move(terms));
}
Formula operator!(Formula f) { return make(Op::negation, {std::move(f)}); }
Formula operator&&(Formula a, Formula b) { return make(Op::conjunction, {std::move(a), std::move(b)}); }
Formula operator||(Formula a, Formula b) { return make(Op::disjunction, {std::move(a), std::move(b)}); }
Formula implies(Formula a, Formula b) { return make(Op::implication, {std::move(a), std::move(b)}); }
Formula equivalent(Formula a, Formula b) { return make(Op::equivalence, {std::move(a), std::move(b)}); }
Formula all_of(const std::vector<Formula>& fs) {
  if (fs.empty()) return truth();
  Formula f = fs[0];
  for (std::size_t i = 1; i < fs.size(); ++i) f = f && fs[i];
  return f;
}
Formula any_of(const std::vector<Formula>& fs) {
  if (fs.empty()) return falsity();
  Formula f = fs[0];
  for (std::size_t i = 1; i < fs.size(); ++i) f = f || fs[i];
  return f;
}
Formula exists(std::vector<std::string> vars, Formula f) {
  return vars.empty() ? f : binder(Op::exists, "", std::move(vars), {std::move(f)});
}
Formula forall(std::vector<std::string> vars, Formula f) {
  return vars.empty() ? f : binder(Op::forall, "", std::move(vars), {std::move(f)});
}
Formula previous(Interval i, Formula f) { return make(Op::previous, {std::move(f)}, std::move(i)); }
Formula next(Interval i, Formula f) { return make(Op::next, {std::move(f)}, std::move(i)); }
Formula once(Interval i, Formula f) { return make(Op::once, {std::move(f)}, std::move(i)); }
Formula historically(Interval i, Formula f) { return make(Op::historically, {std::move(f)}, std::move(i)); }
Formula eventually(Interval i, Formula f) { return make(Op::eventually, {std::move(f)}, std::move(i)); }
Formula always(Interval i, Formula f) { return make(Op::always, {std::move(f)}, std::move(i)); }
Formula since(Formula a, Interval i, Formula b) { return make(Op::since, {std::move(a), std::move(b)}, std::move(i)); }
Formula until(Formula a, Interval i, Formula b) { return make(Op::until, {std::move(a), std::move(b)}, std::move(i)); }
Formula aggregate(std::string result, Aggregate a, std::string over, std::vector<std::string> by, Formula f) {
  Node n;
  n.op = Op::aggregate;
  n.name = std::move(result);
  n.aggregate = a;
  n.over = std::move(over);
  n.vars = std::move(by);
  n.sub = {std::move(f)};
  return Formula(std::move(n));
}
Formula let(std::string name, std::vector<std::string> params, Formula def, Formula in) {
  return binder(Op::let, std::move(name), std::move(params), {std::move(def), std::move(in)});
}
Formula let_past(std::string name, std::vector<std::string> params, Formula def, Formula in) {
  return binder(Op::let_past, std::move(name), std::move(params), {std::move(def), std::move(in)});
}
Formula match_past(Interval i, Regex r, std::vector<Formula> tests) {
  return dynamic(Op::match_past, std::move(i), std::move(r), std::move(tests));
}
Formula match_future(Interval i, Regex r, std::vector<Formula> tests) {
  return dynamic(Op::match_future, std::move(i), std::move(r), std::move(tests));
}

std::vector<std::string> free_variables(const Formula& f) {
  std::vector<std::string> out;
  std::multiset<std::string> bound;
  collect_free(f, bound, out);
  return out;
}

std::string text(const Formula& f) {
  std::string out;
  print(f, out, std::string::npos);
  return out;
}

std::string text_short(const Formula& f, std::size_t limit) {
  std::string out;
  print(f, out, limit);
  if (out.size() > limit) out = out.substr(0, limit > 3 ? limit - 3 : 0) + "...";
  return out;
}

const char* name_of(Op op) {
  static constexpr const char* kNames[] = {"TRUE", "FALSE",   "predicate",    "=",          "<",      "<=",     "SUBSTRING", "MATCHES",
                                           "NOT",  "AND",     "OR",           "IMPLIES",    "EQUIV",  "EXISTS", "FORALL",    "PREVIOUS",
                                           "NEXT", "ONCE",    "HISTORICALLY", "EVENTUALLY", "ALWAYS", "SINCE",  "UNTIL",     "aggregate",
                                           "LET",  "LETPAST", "MATCHP",       "MATCHF"};
  return kNames[static_cast<std::size_t>(op)];
}

const char* name_of(Aggregate a) {
  static constexpr const char* kNames[] = {"CNT", "SUM", "AVG", "MIN", "MAX", "MED"};
  return kNames[static_cast<std::size_t>(a)];
}

}  // namespace surety::plan
