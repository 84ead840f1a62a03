#include "logic/front/types.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "logic/front/lexer.h"
#include "logic/front/pattern.h"

namespace surety::logic {
namespace {

using plan::Formula;
using plan::Op;
using plan::Term;
using plan::Type;

using TypeVar = std::size_t;

// Union-find over type variables; each class is unknown, a number, or one type.
class Types {
 public:
  TypeVar fresh(bool number = false) {
    cells_.push_back({cells_.size(), std::nullopt, number});
    return cells_.size() - 1;
  }
  TypeVar known(Type t) {
    const TypeVar v = fresh();
    cells_[v].type = t;
    return v;
  }
  bool unify(TypeVar a, TypeVar b) {
    a = root(a);
    b = root(b);
    if (a == b) return true;
    const Cell& x = cells_[a];
    const Cell& y = cells_[b];
    if (x.type && y.type && *x.type != *y.type) return false;
    const std::optional<Type> t = x.type ? x.type : y.type;
    const bool number = x.number || y.number;
    if (number && t && *t != Type::integer && *t != Type::real) return false;
    cells_[b] = {b, t, number};
    cells_[a].parent = b;
    return true;
  }
  Type settled(TypeVar v) {
    const Cell& c = cells_[root(v)];
    return c.type.value_or(c.number ? Type::real : Type::text);
  }
  std::string name(TypeVar v) {
    const Cell& c = cells_[root(v)];
    if (c.type) return std::string(to_string(*c.type));
    return c.number ? "a number" : "any type";
  }

 private:
  struct Cell {
    TypeVar parent;
    std::optional<Type> type;
    bool number;
  };
  TypeVar root(TypeVar v) {
    while (cells_[v].parent != v) v = cells_[v].parent = cells_[cells_[v].parent].parent;
    return v;
  }
  std::vector<Cell> cells_;
};

struct Scope {
  std::map<std::string, TypeVar> vars;
  std::map<std::string, std::vector<TypeVar>> lets;
};

class Inference {
 public:
  Inference(const Signature& sig, std::string_view text, const std::string& file) : sig_(sig), text_(text), file_(file) {}

  Result<Typing> run(const Formula& f) {
    Scope scope;
    const std::vector<std::string> names = plan::free_variables(f);
    for (const std::string& v : names) scope.vars[v] = types_.fresh();
    SURETY_TRY_STATUS(formula(f, scope));
    Typing out;
    for (const std::string& v : names) out.columns.push_back({v, types_.settled(scope.vars[v])});
    for (const auto& [node, over] : aggregated_) out.aggregated[node] = types_.settled(over);
    return out;
  }

 private:
  Error at(const plan::Node& n, std::string code, std::string message) const {
    Error e = fail(std::move(code), std::move(message));
    if (text_.empty()) return std::move(e).in(file_);
    const LineColumn p = position(text_, n.at);
    return std::move(e).in(file_, p.line, p.column);
  }

  // What to write instead of a term of the wrong type.
  static std::string conversion(const Term& t, std::string_view found, std::string_view expected) {
    static constexpr std::array<std::array<const char*, 3>, 10> kConversions{{{"int", "float", "i2f"},
                                                                              {"float", "int", "f2i"},
                                                                              {"int", "string", "i2s"},
                                                                              {"string", "int", "s2i"},
                                                                              {"float", "string", "f2s"},
                                                                              {"string", "float", "s2f"},
                                                                              {"regexp", "string", "r2s"},
                                                                              {"string", "regexp", "s2r"},
                                                                              {"string", "a number", "s2i"},
                                                                              {"string", "a number", "s2f"}}};
    std::string all;
    for (const auto& [from, to, function] : kConversions)
      if (from == found && to == expected) all += (all.empty() ? "" : " or ") + std::string(function) + "(" + plan::text(t) + ")";
    return all.empty() ? "" : "convert it: " + all;
  }

  Status same(const plan::Node& n, const Term& t, TypeVar is, TypeVar wanted) {
    const std::string found = types_.name(is), expected = types_.name(wanted);
    if (types_.unify(is, wanted)) return {};
    const bool variable = t.op == Term::Op::variable;
    return err(at(n, "logic.type", (variable ? "variable " + t.name : "term " + plan::text(t)) + " has the wrong type")
                   .field(n.op == Op::predicate ? n.name : plan::name_of(n.op))
                   .found(found)
                   .expected(expected)
                   .help(conversion(t, found, expected)));
  }

  static bool binary(Term::Op op) { return op >= Term::Op::add && op <= Term::Op::modulo; }

  Result<TypeVar> term(const plan::Node& n, const Term& t, const Scope& scope) {
    switch (t.op) {
      case Term::Op::constant:
        return types_.known(t.type);
      case Term::Op::wildcard:
        return types_.fresh();
      case Term::Op::variable: {
        const auto it = scope.vars.find(t.name);
        SURETY_CHECK(it != scope.vars.end());
        return it->second;
      }
      default:
        break;
    }
    if (binary(t.op) || t.op == Term::Op::negate) {
      const TypeVar number = t.op == Term::Op::modulo ? types_.known(Type::integer) : types_.fresh(true);
      for (const Term& a : t.args) SURETY_TRY_STATUS(argument(n, a, number, scope));
      return number;
    }
    const auto [from, to] = conversion(t.op);
    SURETY_TRY_STATUS(argument(n, t.args[0], types_.known(from), scope));
    return types_.known(to);
  }

  Status argument(const plan::Node& n, const Term& t, TypeVar wanted, const Scope& scope) {
    SURETY_TRY(const TypeVar is, term(n, t, scope));
    return same(n, t, is, wanted);
  }

  static std::pair<Type, Type> conversion(Term::Op op) {
    switch (op) {
      case Term::Op::f2i:
        return {Type::real, Type::integer};
      case Term::Op::i2f:
        return {Type::integer, Type::real};
      case Term::Op::i2s:
        return {Type::integer, Type::text};
      case Term::Op::s2i:
        return {Type::text, Type::integer};
      case Term::Op::f2s:
        return {Type::real, Type::text};
      case Term::Op::s2f:
        return {Type::text, Type::real};
      case Term::Op::r2s:
        return {Type::pattern, Type::text};
      case Term::Op::s2r:
        return {Type::text, Type::pattern};
      case Term::Op::format_date:
        return {Type::real, Type::text};
      default:
        return {Type::real, Type::integer};  // YEAR, MONTH, DAY_OF_MONTH
    }
  }

  Status formula(const Formula& f, Scope& scope) {
    const plan::Node& n = *f;
    switch (n.op) {
      case Op::truth:
      case Op::falsity:
        return {};
      case Op::predicate:
        return predicate(n, scope);
      case Op::equal:
      case Op::less:
      case Op::less_equal: {
        SURETY_TRY(const TypeVar left, term(n, n.terms[0], scope));
        return argument(n, n.terms[1], left, scope);
      }
      case Op::substring:
      case Op::matches: {
        for (std::size_t i = 0; i < n.terms.size(); ++i) {
          const bool is_pattern = n.op == Op::matches && i == 1;
          SURETY_TRY_STATUS(argument(n, n.terms[i], types_.known(is_pattern ? Type::pattern : Type::text), scope));
        }
        return n.op == Op::matches ? pattern(n) : Status{};
      }
      case Op::exists:
      case Op::forall: {
        Scope inner = scope;
        for (const std::string& v : n.vars) inner.vars[v] = types_.fresh();
        return formula(n.sub[0], inner);
      }
      case Op::aggregate:
        return aggregate(n, scope);
      case Op::let:
      case Op::let_past:
        return let(n, scope);
      default:
        break;
    }
    for (const Formula& s : n.sub) SURETY_TRY_STATUS(formula(s, scope));
    return {};
  }

  // A pattern that is written out has to be one, and to have the groups that are asked for.
  Status pattern(const plan::Node& n) const {
    const auto* p = n.terms[1].op == Term::Op::constant ? std::get_if<std::string>(&n.terms[1].value) : nullptr;
    if (p == nullptr) return {};
    const PatternShape shape = pattern_shape(*p);
    const std::size_t asked = n.terms.size() - 2;
    if (!shape.problem.empty())
      return err(at(n, "logic.pattern", "the pattern cannot be read: " + shape.problem)
                     .found("r\"" + *p + "\"")
                     .expected("a pattern, in which \\( \\) group, \\| is or, and ( ) | { } mean themselves"));
    if (asked > shape.groups)
      return err(at(n, "logic.pattern", "the pattern has fewer groups than are taken from it")
                     .found(std::to_string(shape.groups) + " in r\"" + *p + "\"")
                     .expected(std::to_string(asked))
                     .help("a group is written \\( … \\)"));
    return {};
  }

  Status predicate(const plan::Node& n, const Scope& scope) {
    std::vector<TypeVar> columns;
    SURETY_TRY(columns, columns_of(n, scope));
    if (columns.size() != n.terms.size()) {
      return err(at(n, "logic.arity", "predicate " + n.name + " is used with the wrong number of arguments")
                     .field(n.name)
                     .found(std::to_string(n.terms.size()))
                     .expected(std::to_string(columns.size())));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      SURETY_TRY_STATUS(argument(n, n.terms[i], columns[i], scope));
    }
    return {};
  }

  Result<std::vector<TypeVar>> columns_of(const plan::Node& n, const Scope& scope) {
    if (const auto it = scope.lets.find(n.name); it != scope.lets.end()) return it->second;
    std::vector<TypeVar> columns;
    if (const PredicateIndex p = sig_.find(n.name); p != Signature::kNone) {
      for (const Type t : sig_[p].columns) columns.push_back(types_.known(t));
      return columns;
    }
    if (n.name == "tp" || n.name == "ts" || n.name == "tpts") {
      columns.assign(n.name == "tpts" ? 2 : 1, types_.known(Type::integer));
      return columns;
    }
    return err(at(n, "logic.unknown-predicate", "the signature has no predicate " + n.name)
                   .found(n.name + "/" + std::to_string(n.terms.size()))
                   .expected(known_names(scope)));
  }

  std::string known_names(const Scope& scope) const {
    std::vector<std::string> names;
    for (const Predicate& p : sig_.all()) names.push_back(p.name + "/" + std::to_string(p.columns.size()));
    for (const auto& [name, columns] : scope.lets) names.push_back(name + "/" + std::to_string(columns.size()));
    std::sort(names.begin(), names.end());
    std::string s = "one of";
    for (std::size_t i = 0; i < names.size() && i < 12; ++i) s += " " + names[i];
    return names.empty() ? "a predicate (the signature is empty)" : s + (names.size() > 12 ? " …" : "");
  }

  Status aggregate(const plan::Node& n, Scope& scope) {
    const std::vector<std::string> inside = plan::free_variables(n.sub[0]);
    const auto has = [](const std::vector<std::string>& in, const std::string& v) {
      return std::find(in.begin(), in.end(), v) != in.end();
    };
    const auto ill = [&](const std::string& v, const char* why) {
      return err(at(n, "logic.aggregation", "the aggregation is not well-formed: variable " + v + " " + why)
                     .field(v)
                     .found(plan::text_short(Formula(n))));
    };
    if (!has(inside, n.over)) return ill(n.over, "is aggregated but is not free in the formula");
    if (has(n.vars, n.name)) return ill(n.name, "is both the result and a group");
    for (const std::string& v : n.vars)
      if (!has(inside, v)) return ill(v, "is a group but is not free in the formula");

    Scope inner;
    inner.lets = scope.lets;
    for (const std::string& v : inside) inner.vars[v] = has(n.vars, v) ? scope.vars.at(v) : types_.fresh();
    const bool numeric =
        n.aggregate == plan::Aggregate::sum || n.aggregate == plan::Aggregate::average || n.aggregate == plan::Aggregate::median;
    SURETY_TRY_STATUS(formula(n.sub[0], inner));
    const TypeVar over = inner.vars.at(n.over);
    if (numeric) SURETY_TRY_STATUS(same(n, plan::var(n.over), over, types_.fresh(true)));
    aggregated_[&n] = over;
    TypeVar result = over;
    if (n.aggregate == plan::Aggregate::count) result = types_.known(Type::integer);
    if (n.aggregate == plan::Aggregate::average || n.aggregate == plan::Aggregate::median) {
      result = types_.known(Type::real);
    }
    return same(n, plan::var(n.name), scope.vars.at(n.name), result);
  }

  Status let(const plan::Node& n, Scope& scope) {
    std::vector<std::string> missing = plan::free_variables(n.sub[0]);
    for (const std::string& v : missing) {
      if (std::find(n.vars.begin(), n.vars.end(), v) != n.vars.end()) continue;
      return err(at(n, "logic.let", "variable " + v + " of the definition of " + n.name + " is not a parameter")
                     .field(v)
                     .help("add it to the parameters or bind it with EXISTS"));
    }
    for (std::size_t i = 0; i < n.vars.size(); ++i) {
      const bool used = std::find(missing.begin(), missing.end(), n.vars[i]) != missing.end();
      const bool twice = std::find(n.vars.begin(), n.vars.begin() + static_cast<std::ptrdiff_t>(i), n.vars[i]) !=
                         n.vars.begin() + static_cast<std::ptrdiff_t>(i);
      if (used && !twice) continue;
      return err(
          at(n, "logic.let", "parameter " + n.vars[i] + " of " + n.name + (twice ? " is named twice" : " is not used in its definition"))
              .field(n.vars[i]));
    }
    Scope def;
    def.lets = scope.lets;
    std::vector<TypeVar> columns;
    for (const std::string& v : n.vars) columns.push_back(def.vars[v] = types_.fresh());
    if (n.op == Op::let_past) def.lets[n.name] = columns;
    SURETY_TRY_STATUS(formula(n.sub[0], def));
    Scope body = scope;
    body.lets[n.name] = columns;
    return formula(n.sub[1], body);
  }

  const Signature& sig_;
  std::string_view text_;
  const std::string& file_;
  Types types_;
  std::map<const plan::Node*, TypeVar> aggregated_;
};

}  // namespace

Result<Typing> infer_types(const Signature& sig, const Formula& f, std::string_view text, const std::string& file) {
  return Inference(sig, text, file).run(f);
}

}  // namespace surety::logic
