// The text: each clause with its source and its meaning, and what was said about it.
import { path, useLoad } from "./api";
import { about, plain, sentence } from "./format";
import { Binding, Grade, Panel, Ready } from "./parts";
import { instrument } from "./state";
import type { Agreement as Data, Clause } from "./types";

export function Agreement() {
  const data = useLoad<Data>(path(`agreements/${encodeURIComponent(instrument.value)}`));
  return <Ready of={data}>{(a) => <Text a={a} />}</Ready>;
}

function Text({ a }: { a: Data }) {
  return (
    <div class="grid text">
      <div class="stack">
        <Panel title="Clauses" id="h-clauses">
          {a.clauses.map((c) => <ClauseText key={c.id} c={c} objections={a.objections.filter((o) => o.against.includes(c.id))} />)}
        </Panel>
      </div>
      <div class="stack">
        <Panel title="About this text" id="h-about">
          <dl class="facts">
            <dt>Parties</dt><dd>{a.parties.join(", ")}</dd>
            {a.signed_by.length > 0 && <><dt>Signed by</dt><dd>{a.signed_by.join(", ")}</dd></>}
            {a.endorsed_by.length > 0 && <><dt>Endorsed by</dt><dd>{a.endorsed_by.join(", ")}</dd></>}
            <dt>Binding</dt><dd><Binding of={a.binding} /></dd>
            <dt>In force</dt><dd>{a.in_force_when ? `when ${a.in_force_when}` : a.from ? "from the time it states" : "its text does not say when"}</dd>
            {a.bodies.map((b) => <><dt>{b.name}</dt><dd>{b.members.join(", ")}{b.chair && `; chair ${b.chair}`}</dd></>)}
          </dl>
          <h3>Sources</h3>
          <ul>{a.sources.map((s) => <li key={s}>{s}</li>)}</ul>
          {a.notes.length > 0 && <><h3>Notes</h3><ul>{a.notes.map((n) => <li key={n}>{n}</li>)}</ul></>}
        </Panel>
        {a.parameters.length > 0 && (
          <Panel title="Our numbers, not the text’s" id="h-parameters">
            <dl class="facts">
              {a.parameters.map((p) => <><dt>{plain(p.name)} = {p.value}</dt><dd>{p.reason}</dd></>)}
            </dl>
          </Panel>
        )}
        {a.purposes.length > 0 && (
          <Panel title="Purposes" id="h-purposes">
            <ul class="entries">
              {a.purposes.map((p) => <li key={p.name}><p>{p.text}</p><p class="quiet">served by {p.served_by.join(", ")} · {p.source}</p></li>)}
            </ul>
          </Panel>
        )}
        {a.objections.length > 0 && (
          <Panel title="Objections" id="h-objections">
            <ul class="entries">
              {a.objections.map((o) => <li key={o.text}><p class="kicker">{o.by} · {o.date} · against {o.against.join(", ")}</p><p>{o.text}</p><p class="quiet">{o.source}</p></li>)}
            </ul>
          </Panel>
        )}
        {a.history.length > 0 && (
          <Panel title="History" id="h-history">
            <ol class="entries">
              {a.history.map((h) => <li key={h.date + h.text}><p class="kicker">{h.date}</p><p>{h.text}</p><p class="quiet">{h.source}</p></li>)}
            </ol>
          </Panel>
        )}
      </div>
    </div>
  );
}

function ClauseText({ c, objections }: { c: Clause; objections: Data["objections"] }) {
  return (
    <article class="clause" aria-labelledby={`c-${c.id}`}>
      <h3 id={`c-${c.id}`}><span class="clause-id">{c.id}</span> {c.title} <Binding of={c.binding} /></h3>
      <p class="norm">
        {c.bearer || c.bearers.join(", ") || "Everybody"} <em class="modal">{c.modal}</em> {plain(c.action)}
        {c.when && <> <em>when</em> {c.when}</>}
        {c.except && <>, <em>except when</em> {c.except}</>}
        {c.time && <>, {c.time}</>}.
      </p>
      {c.meaning && <details><summary>In plain words</summary><p class="meaning">{c.meaning}</p></details>}
      <p class="quiet">Source: {c.source || "none given"} · about {about(c.about).toLowerCase()} · line {c.line}</p>
      {c.readings.length > 0 && (
        <div class="readings">
          <p class="kicker">Read in {c.readings.length} ways; none is chosen</p>
          <ul>{c.readings.map((r) => <li key={r.name}><strong>{plain(r.name)}</strong>: {r.text}</li>)}</ul>
        </div>
      )}
      {c.binding_once && <p>Binds once: {c.binding_once}</p>}
      {(c.occurrence !== "none" || c.attribution !== "none") && (
        <p class="inline"><Grade of={c.occurrence} label="evidence" /> <Grade of={c.attribution} label="attributed" /></p>
      )}
      {c.otherwise_unspecified && <p class="quiet">The text gives no consequence.</p>}
      {c.notes.map((n) => <p class="note" key={n}>{sentence(n)}</p>)}
      {objections.map((o) => <p class="note" key={o.text}>Objection by {o.by}, {o.date}: {o.text}</p>)}
    </article>
  );
}
