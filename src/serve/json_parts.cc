#include "serve/json_parts.h"

#include "base/calendar.h"

namespace surety::serve {
namespace {

std::string words(const plan::AnySpan& span) {
  if (const auto* exact = std::get_if<Span>(&span)) return human(*exact);
  return to_string(std::get<CalendarSpan>(span));
}

std::string words(const plan::Anchor& anchor) {
  switch (anchor.kind) {
    case plan::AnchorKind::entry_into_force:
      return "entry into force";
    case plan::AnchorKind::the_event:
      return "the event";
    case plan::AnchorKind::the_finding:
      return "the finding";
    case plan::AnchorKind::the_notice:
      return "the notice";
    case plan::AnchorKind::ceasefire:
      return "the ceasefire";
    case plan::AnchorKind::named:
      break;
  }
  return anchor.name;
}

}  // namespace

void open(JsonOut& j, std::string_view kind, const engine::World& world, const Frame& frame) {
  j.object().key("kind").string(kind).key("exercise").string(model::name(world.view));
  j.member("known_at", to_string(world.known_at)).member("now", to_string(world.now));
  j.member("revision", static_cast<std::int64_t>(frame.revision));
}

void texts(JsonOut& j, std::string_view name, const std::vector<std::string>& list) {
  j.key(name).array();
  for (const auto& t : list) j.string(t);
  j.end();
}

void maybe(JsonOut& j, std::string_view name, std::string_view text) {
  if (!text.empty()) j.member(name, text);
}

void instant(JsonOut& j, std::string_view name, const std::optional<Instant>& t) {
  j.key(name);
  if (t) {
    j.string(to_string(*t));
  } else {
    j.null();
  }
}

std::string page(JsonOut j, const Frame& frame, std::size_t total, const std::function<std::string(std::size_t)>& item) {
  const std::size_t begin = std::min(frame.offset, total);
  const std::size_t end = std::min(total, begin + frame.limit);
  j.member("total", total).member("offset", begin).member("limit", frame.limit).key("next");
  if (end < total) {
    j.number(static_cast<std::int64_t>(end));
  } else {
    j.null();
  }
  j.key("items").array();
  for (std::size_t i = begin; i < end; ++i) j.raw(item(i));
  return j.end().end().take();
}

std::string words(const plan::Time& time) {
  switch (time.kind) {
    case plan::Time::Kind::none:
      return {};
    case plan::Time::Kind::continuously:
      return "continuously from " + words(time.anchor);
    case plan::Time::Kind::within:
      return "within " + words(time.span) + " after " + words(time.anchor);
    case plan::Time::Kind::by:
      return "by " + to_string(time.by);
    case plan::Time::Kind::every:
      return "every " + words(time.span);
    case plan::Time::Kind::unspecified:
      break;
  }
  return "deadline unspecified";
}

std::string words(const plan::Parameter& p) {
  struct Value {
    std::string operator()(std::int64_t n) const { return std::to_string(n); }
    std::string operator()(Span s) const { return human(s); }
    std::string operator()(CalendarSpan s) const { return to_string(s); }
    std::string operator()(const Quantity& q) const { return to_string(q); }
  };
  return std::visit(Value{}, p.value);
}

std::string_view name(plan::Modal modal) {
  switch (modal) {
    case plan::Modal::must:
      return "must";
    case plan::Modal::must_not:
      return "must not";
    case plan::Modal::may:
      return "may";
    case plan::Modal::power:
      break;
  }
  return "power";
}

std::string words(const std::vector<plan::ActionTerm>& actions) {
  std::string out;
  for (std::size_t k = 0; k < actions.size(); ++k) {
    if (k > 0) out += actions[k - 1].and_next ? " and " : " or ";
    out += actions[k].name;
    if (actions[k].arguments.empty()) continue;
    out += '(';
    for (std::size_t n = 0; n < actions[k].arguments.size(); ++n) out += (n ? ", " : "") + actions[k].arguments[n];
    out += ')';
  }
  return out;
}

model::Binding binding_of(const plan::Agreement& a, const plan::Clause& c) { return c.binding ? c.binding->kind : a.binding.kind; }

}  // namespace surety::serve
