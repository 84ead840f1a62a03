// The account as canonical JSON: what --json prints and the API serves.
#include "base/json_out.h"
#include "fulfil/fulfil.h"

namespace surety::fulfil {
namespace {

void text(JsonOut& j, std::string_view name, const std::string& value) {
  if (!value.empty()) j.member(name, value);
}

void texts(JsonOut& j, std::string_view name, const std::vector<std::string>& list) {
  j.key(name).array();
  for (const auto& t : list) j.string(t);
  j.end();
}

// The bounds as decimal text, and the whole in words, so that a page need not put them together.
void amount(JsonOut& j, std::string_view name, const model::Amount& a) {
  j.key(name).object();
  if (a.low) j.member("low", a.low->text());
  if (a.high) j.member("high", a.high->text());
  text(j, "unit", a.unit);
  text(j, "words", a.words);
  j.member("text", model::to_string(a)).end();
}

void amounts(JsonOut& j, std::string_view name, const std::map<std::string, model::Amount>& by) {
  j.key(name).object();
  for (const auto& [key, a] : by) amount(j, key, a);
  j.end();
}

void balance(JsonOut& j, const Balance& b) {
  j.object().member("party", b.party).member("item", b.item);
  text(j, "unit", b.unit);
  amounts(j, "promised", b.promised);
  amounts(j, "done", b.done);
  amount(j, "confirmed", b.confirmed);
  amount(j, "at_most", b.at_most);
  if (b.open) amount(j, "open", *b.open);
  j.member("vague", b.vague);
  texts(j, "words", b.words);
  texts(j, "entries", b.entries);
  j.end();
}

}  // namespace

std::string to_json(const ClauseAccount& c, const std::string& instrument) {
  JsonOut j;
  j.object().member("kind", "fulfilment").member("instrument", instrument).member("clause", c.clause).member("title", c.title);
  text(j, "about", c.kind);
  j.member("binding", name(c.binding)).member("state", c.state);
  texts(j, "bearers", c.bearers);
  texts(j, "silent", c.silent);
  j.key("balances").array();
  for (const auto& b : c.balances) balance(j, b);
  return j.end().end().take();
}

std::string to_json(const Force& f, const std::string& instrument) {
  JsonOut j;
  j.object()
      .member("kind", "force")
      .member("instrument", instrument)
      .member("clause", f.clause)
      .member("party", f.party)
      .member("item", f.item);
  text(j, "unit", f.unit);
  amount(j, "pledged", f.pledged);
  amount(j, "ready", f.ready);
  amount(j, "deployed", f.deployed);
  amount(j, "withdrawn", f.withdrawn);
  text(j, "words", f.words);
  texts(j, "entries", f.entries);
  return j.end().take();
}

std::string to_json(const Hub& h, const std::string& instrument) {
  JsonOut j;
  j.object()
      .member("kind", "hub")
      .member("instrument", instrument)
      .member("clause", h.clause)
      .member("name", h.name)
      .member("party", h.party);
  text(j, "stage", h.stage);
  if (h.capacity) amount(j, "capacity", *h.capacity);
  amounts(j, "stock", h.stock);
  texts(j, "entries", h.entries);
  return j.end().take();
}

std::string to_json(const Entry& e, const std::string& instrument) {
  JsonOut j;
  j.object().member("kind", name(e.kind)).member("id", e.id).member("instrument", instrument);
  text(j, "clause", e.clause);
  j.member("party", e.party).member("author", e.author);
  text(j, "item", e.item);
  text(j, "stage", e.stage);
  if (e.withheld) {
    j.member("withheld", true);
  } else {
    amount(j, "amount", e.amount);
  }
  text(j, "by", e.by);
  text(j, "condition", e.condition);
  j.member("event_time", to_string(e.when)).member("known_at", to_string(e.known_at)).member("exercise", name(e.exercise));
  text(j, "pledge", e.pledge);
  if (!e.amends.empty()) texts(j, "amends", e.amends);
  j.member("source", e.source);
  text(j, "text", e.text);
  return j.end().take();
}

}  // namespace surety::fulfil
