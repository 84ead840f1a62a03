#include "logic/scalar.h"
#include "logic/front/pattern.h"

#include <re2/re2.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <cmath>

namespace surety::logic {
using plan::Term;
using plan::Type;
using TermOp = plan::Term::Op;

namespace {

bool is_text(Type t) { return t == Type::text || t == Type::pattern; }
bool same_kind(Type a, Type b) { return a == b || (is_text(a) && is_text(b)); }

// Result and argument type of the operators that fix them; nothing for + − * / MOD and unary −.
std::optional<std::pair<Type, Type>> fixed_types(TermOp op) {
  switch (op) {
    case TermOp::f2i:
      return {{Type::integer, Type::real}};
    case TermOp::i2f:
      return {{Type::real, Type::integer}};
    case TermOp::i2s:
      return {{Type::text, Type::integer}};
    case TermOp::s2i:
      return {{Type::integer, Type::text}};
    case TermOp::f2s:
      return {{Type::text, Type::real}};
    case TermOp::s2f:
      return {{Type::real, Type::text}};
    case TermOp::r2s:
      return {{Type::text, Type::pattern}};
    case TermOp::s2r:
      return {{Type::pattern, Type::text}};
    case TermOp::year:
    case TermOp::month:
    case TermOp::day_of_month:
      return {{Type::integer, Type::real}};
    case TermOp::format_date:
      return {{Type::text, Type::real}};
    default:
      return std::nullopt;
  }
}

Error type_error(const Term& t, Type found, Type wanted) {
  return fail("logic.type", "a term has the wrong type")
      .field(plan::text(t))
      .found(std::string(plan::to_string(found)))
      .expected(std::string(plan::to_string(wanted)));
}

bool integer_op(TermOp op, std::int64_t a, std::int64_t b, std::int64_t& out) {
  switch (op) {
    case TermOp::add:
      return !__builtin_add_overflow(a, b, &out);
    case TermOp::subtract:
      return !__builtin_sub_overflow(a, b, &out);
    case TermOp::multiply:
      return !__builtin_mul_overflow(a, b, &out);
    case TermOp::divide:
      if (b == 0 || (a == INT64_MIN && b == -1)) return false;
      out = a / b;
      return true;
    default:
      if (b == 0) return false;
      out = b == -1 ? 0 : a % b;
      return true;
  }
}

}  // namespace

std::optional<Type> type_of(const Term& t, const Schema& schema) {
  if (t.op == TermOp::constant) return t.type;
  if (t.op == TermOp::wildcard) return std::nullopt;
  if (t.op == TermOp::variable) {
    int c = schema.find(t.name);
    return c < 0 ? std::nullopt : std::optional(schema.types[static_cast<std::size_t>(c)]);
  }
  for (auto& a : t.args)
    if (!type_of(a, schema)) return std::nullopt;
  if (auto f = fixed_types(t.op)) return f->first;
  return type_of(t.args[0], schema);
}

Result<Scalar> Scalar::compile(const Term& t, const Schema& schema, Interner& strings) {
  Scalar s;
  s.op_ = t.op;
  s.strings_ = &strings;
  if (t.op == TermOp::constant) {
    s.type_ = t.type;
    s.constant_ = strings.cell(t.value);
    return s;
  }
  if (t.op == TermOp::variable) {
    int c = schema.find(t.name);
    if (c < 0)
      return err(fail("logic.unbound", "a variable is used where nothing gives it a value")
                     .field(t.name)
                     .help("add a predicate with " + t.name + " to the conjunction, as a guard"));
    s.column_ = static_cast<std::uint32_t>(c);
    s.type_ = schema.types[s.column_];
    return s;
  }
  if (t.op == TermOp::wildcard || t.args.empty()) return err(fail("logic.wildcard", "_ has a meaning in MATCHES (…) only"));
  for (auto& a : t.args) {
    SURETY_TRY(Scalar arg, compile(a, schema, strings));
    s.args_.push_back(std::move(arg));
  }
  if (auto fixed = fixed_types(t.op)) {
    if (s.args_[0].type_ != fixed->second) return err(type_error(t.args[0], s.args_[0].type_, fixed->second));
    s.type_ = fixed->first;
    return s;
  }
  s.type_ = s.args_[0].type_;
  if (is_text(s.type_)) return err(type_error(t.args[0], s.type_, Type::integer));
  if (t.op == TermOp::modulo && s.type_ != Type::integer) return err(type_error(t.args[0], s.type_, Type::integer));
  if (s.args_.size() > 1 && s.args_[1].type_ != s.type_) return err(type_error(t.args[1], s.args_[1].type_, s.type_));
  return s;
}

bool Scalar::eval(const Cell* row, Cell& out) const {
  if (op_ == TermOp::variable) {
    out = row[column_];
    return true;
  }
  if (op_ == TermOp::constant) {
    out = constant_;
    return true;
  }
  Cell a = 0, b = 0;
  if (!args_[0].eval(row, a)) return false;
  if (args_.size() > 1 && !args_[1].eval(row, b)) return false;
  if (args_.size() == 2 && type_ == Type::integer) {
    std::int64_t n = 0;
    if (!integer_op(op_, int_of(a), int_of(b), n)) return false;
    out = cell_of(n);
    return true;
  }
  plan::Value va = strings_->value(a, args_[0].type_), vb;
  if (args_.size() > 1) vb = strings_->value(b, args_[1].type_);
  auto v = plan::apply(op_, va, args_.size() > 1 ? &vb : nullptr);
  if (!v) return false;
  out = strings_->cell(*v);
  return true;
}

struct Test::Patterns {
  boost::unordered_flat_map<Cell, std::unique_ptr<re2::RE2>> by_cell;
  const re2::RE2* get(Cell c, const std::string& text) {
    auto& p = by_cell[c];
    if (!p) {
      re2::RE2::Options o;
      o.set_log_errors(false);
      o.set_encoding(re2::RE2::Options::EncodingLatin1);
      p = std::make_unique<re2::RE2>(re2_syntax(text), o);
    }
    return p->ok() ? p.get() : nullptr;
  }
};

Result<Test> Test::compile(const plan::Node& atom, bool negated, Schema& schema, Interner& strings) {
  Test t;
  t.op_ = atom.op;
  t.negated_ = negated;
  t.strings_ = &strings;
  for (std::size_t i = 0; i < 2; ++i) {
    SURETY_TRY(Scalar s, Scalar::compile(atom.terms[i], schema, strings));
    t.terms_.push_back(std::move(s));
  }
  t.type_ = t.terms_[0].type();
  if (!same_kind(t.type_, t.terms_[1].type())) return err(type_error(atom.terms[1], t.terms_[1].type(), t.type_));
  if (atom.op != plan::Op::matches) return t;
  if (!is_text(t.type_)) return err(type_error(atom.terms[0], t.type_, Type::text));
  t.patterns_ = std::make_shared<Patterns>();
  for (std::size_t i = 2; i < atom.terms.size(); ++i) {
    const Term& g = atom.terms[i];
    Group group;
    if (g.op == TermOp::variable && schema.find(g.name) < 0) {
      if (negated) return err(fail("logic.unbound", "a group of a negated MATCHES must have a value").field(g.name));
      group.column = static_cast<int>(schema.size());
      schema.add(g.name, Type::text);
      ++t.appended_;
    } else if (g.op != TermOp::wildcard) {
      SURETY_TRY(Scalar s, Scalar::compile(g, schema, strings));
      group.compare = static_cast<int>(t.terms_.size());
      t.terms_.push_back(std::move(s));
    }
    t.groups_.push_back(group);
  }
  return t;
}

bool Test::match(Cell* row) const {
  Cell s = 0, p = 0;
  if (!terms_[0].eval(row, s) || !terms_[1].eval(row, p)) return false;
  const re2::RE2* re = patterns_->get(p, strings_->text(p));
  if (!re || groups_.size() > static_cast<std::size_t>(re->NumberOfCapturingGroups())) return false;
  const std::string& text = strings_->text(s);
  std::vector<re2::StringPiece> found(groups_.size() + 1);
  if (!re->Match(text, 0, text.size(), re2::RE2::UNANCHORED, found.data(), static_cast<int>(found.size()))) return false;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const Group& g = groups_[i];
    if (g.column < 0 && g.compare < 0) continue;
    const auto piece = found[i + 1];
    if (piece.data() == nullptr) return false;  // the group took no part in the match
    Cell c = strings_->intern({piece.data(), piece.size()});
    if (g.column >= 0) {
      row[g.column] = c;
    } else {
      Cell wanted = 0;
      if (!terms_[static_cast<std::size_t>(g.compare)].eval(row, wanted) || wanted != c) return false;
    }
  }
  return true;
}

bool Test::holds(Cell* row) const {
  if (op_ == plan::Op::matches) return match(row) != negated_;
  Cell a = 0, b = 0;
  bool yes = terms_[0].eval(row, a) && terms_[1].eval(row, b);
  if (yes) {
    if (op_ == plan::Op::equal) {
      yes = a == b;
    } else if (op_ == plan::Op::substring) {
      yes = strings_->text(b).find(strings_->text(a)) != std::string::npos;
    } else if (type_ == Type::integer) {
      yes = op_ == plan::Op::less ? int_of(a) < int_of(b) : int_of(a) <= int_of(b);
    } else {
      int c = strings_->compare(a, b, type_);
      yes = op_ == plan::Op::less ? c < 0 : c <= 0;
    }
  }
  return yes != negated_;
}

}  // namespace surety::logic
