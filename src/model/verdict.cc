#include "model/verdict.h"

#include "base/json_out.h"

namespace surety::model {
namespace {

void write_witness(JsonOut& j, const Witness& w) {
  j.object().member("rule", w.rule).member("text", w.text);
  if (!w.leaves.empty()) {
    j.key("leaves").array();
    for (const auto& leaf : w.leaves) j.string(leaf);
    j.end();
  }
  if (w.scanned) j.member("scanned", w.scanned);
  if (!w.children.empty()) {
    j.key("children").array();
    for (const auto& child : w.children) write_witness(j, child);
    j.end();
  }
  j.end();
}

void optional_text(JsonOut& j, std::string_view name, const std::string& text) {
  if (!text.empty()) j.member(name, text);
}

void tail(JsonOut& j, const std::vector<std::string>& parameters, const std::string& supersedes, const std::string& id,
          const Witness& witness, bool with_witness) {
  if (!parameters.empty()) {
    j.key("parameters").array();
    for (const auto& p : parameters) j.string(p);
    j.end();
  }
  optional_text(j, "supersedes", supersedes);
  optional_text(j, "reason", witness.text);
  j.member("id", id);
  if (with_witness) {
    j.key("witness");
    write_witness(j, witness);
  }
  j.end();
}

}  // namespace

std::string to_json(const StateVerdict& v, bool with_witness) {
  JsonOut j;
  j.object().member("kind", "state").member("instrument", v.instrument).member("machine", v.machine);
  j.member("status", v.to).member("from", v.from).member("to", v.to);
  j.member("event_time", to_string(v.event_time)).member("known_at", to_string(v.known_at));
  j.member("grade", name(v.grade)).member("exercise", name(v.exercise)).member("certain", v.certain);
  tail(j, v.parameters, v.supersedes, v.id, v.witness, with_witness);
  return j.take();
}

std::string to_json(const DutyVerdict& v, bool with_witness) {
  JsonOut j;
  j.object().member("kind", "duty").member("instrument", v.instrument).member("version", v.version);
  j.member("clause", v.clause).member("title", v.title).member("bearer", v.bearer);
  optional_text(j, "beneficiary", v.beneficiary);
  j.member("action", v.action);
  optional_text(j, "about", v.kind);
  j.member("state", name(v.state)).member("reading", v.reading);
  j.member("event_time", to_string(v.event_time)).member("known_at", to_string(v.known_at)).key("due");
  if (v.due) {
    j.string(to_string(*v.due));
  } else {
    j.null();
  }
  j.member("binding", name(v.binding)).member("grade", name(v.occurrence)).member("attribution", name(v.attribution));
  j.member("exercise", name(v.exercise));
  optional_text(j, "trigger", v.trigger);
  optional_text(j, "waits_for", v.waits_for);
  optional_text(j, "decided_by", v.decided_by);
  tail(j, v.parameters, v.supersedes, v.id, v.witness, with_witness);
  return j.take();
}

}  // namespace surety::model
