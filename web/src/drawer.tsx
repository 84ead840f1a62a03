// Why: the proof of a verdict, or the case of an incident, down to the single statements.
import { useEffect, useRef } from "preact/hooks";
import { path, useLoad } from "./api";
import { count, eventWords, field, label, metres, plain, sentence } from "./format";
import { Attribution } from "./incidents";
import { Binding, Exercise, Grade, Ready, State, When } from "./parts";
import { Standing } from "./record";
import { opened } from "./state";
import type { Explanation, Incident, Statement, Witness } from "./types";

export function Drawer() {
  const dialog = useRef<HTMLDialogElement>(null);
  const what = opened.value;
  useEffect(() => {
    const d = dialog.current!;
    if (what && !d.open) d.showModal();
    if (!what && d.open) d.close();
    if (what) d.scrollTop = 0;
  }, [what]);
  return (
    <dialog
      ref={dialog} class="drawer" aria-labelledby="h-drawer"
      onClose={() => (opened.value = null)}
      onClick={(e) => { if (e.target === dialog.current) dialog.current!.close(); }}
    >
      {what && (
        <div class="drawer-body" key={what.id}>
          <header>
            <h2 id="h-drawer">{what.kind === "verdict" ? "Why" : "Incident"}</h2>
            <button type="button" class="plain" onClick={() => dialog.current!.close()}>Close</button>
          </header>
          {what.kind === "verdict" ? <Verdict id={what.id} /> : <Case id={what.id} />}
        </div>
      )}
    </dialog>
  );
}

function Verdict({ id }: { id: string }) {
  const data = useLoad<Explanation>(path(`explain/${encodeURIComponent(id)}`));
  return <Ready of={data}>{(e) => <Proof e={e} />}</Ready>;
}

function Proof({ e }: { e: Explanation }) {
  const v = e.verdict;
  const known = new Map(e.evidence.map((x) => [x.id, x]));
  return (
    <>
      <p class="lead">
        {v.kind === "state" ? <>{label(v.machine)}: {v.from || "nothing"} → <strong>{v.to}</strong></> : <>{v.bearer}, clause {v.clause}: <State of={v.state} /></>}{" "}
        <Exercise of={v.exercise} />
      </p>
      {v.reason && <p>{sentence(v.reason)}</p>}
      <dl class="facts">
        <dt>Happened</dt><dd><When from={v.event_time} /></dd>
        <dt>Known</dt><dd><When from={v.known_at} /></dd>
        {v.kind === "duty" && (
          <>
            <dt>Due</dt><dd>{v.due ? <When from={v.due} /> : "no deadline in the text"}</dd>
            <dt>Binding</dt><dd><Binding of={v.binding} /></dd>
            {v.reading && <><dt>Reading</dt><dd>{plain(v.reading)}</dd></>}
            {v.waits_for && <><dt>Waits for</dt><dd>{sentence(v.waits_for)}</dd></>}
            {v.decided_by && <><dt>Decided by</dt><dd>{v.decided_by}; this program only prepares</dd></>}
            <dt>Rests on</dt><dd><Grade of={v.grade} label="occurred" /> <Grade of={v.attribution} label="attributed" /></dd>
          </>
        )}
        {v.kind === "state" && <><dt>Rests on</dt><dd><Grade of={v.grade} />{!v.certain && "; possible only, not counted"}</dd></>}
        {!!v.parameters?.length && <><dt>Our numbers</dt><dd>{v.parameters.join("; ")}: chosen by us, not by the text</dd></>}
        {v.supersedes && <><dt>Replaces</dt><dd><code>{v.supersedes}</code></dd></>}
      </dl>
      {e.clause && (
        <section>
          <h3>The clause</h3>
          <p><span class="clause-id">{e.clause.id}</span> {e.clause.title}</p>
          <p class="quiet">{e.clause.source} · line {e.clause.line}</p>
        </section>
      )}
      <section>
        <h3>The proof</h3>
        <ul class="tree"><Node w={v.witness} known={known} /></ul>
      </section>
      {e.evidence.length > 0 && (
        <section>
          <h3>{e.leaves > e.evidence.length ? `Evidence, ${e.evidence.length} of ${e.leaves}` : "Evidence"}</h3>
          <ul class="entries">
            {e.evidence.map((x) => <li key={x.id} id={`leaf-${x.id}`}>{"members" in x ? <IncidentLine i={x} /> : <StatementLine s={x} />}</li>)}
          </ul>
        </section>
      )}
      <Standing />
      <section class="identity">
        <h3>Check it yourself</h3>
        <p><code>surety explain {v.id}</code></p>
        <p class="quiet">program <code>{e.program.slice(0, 16)}</code> · text <code>{e.text_sha256.slice(0, 16)}</code></p>
      </section>
    </>
  );
}

function Node({ w, known }: { w: Witness; known: Map<string, Statement | Incident> }) {
  const leaves = w.leaves ?? [];
  return (
    <li>
      <p><span class="rule">{plain(w.rule)}</span> {sentence(w.text)}</p>
      {!!w.scanned && <p class="quiet">none recorded among {count(w.scanned, "statement")}</p>}
      {leaves.length > 0 && (
        <p class="leaves">
          {leaves.slice(0, 8).map((l) => {
            const x = known.get(l);
            return <button type="button" key={l} class="leaf" onClick={() => document.getElementById(`leaf-${l}`)?.scrollIntoView({ block: "center" })}>
              {x ? ("members" in x ? eventWords(x.event) : `${x.author}: ${plain(x.event)}`) : l}
            </button>;
          })}
          {leaves.length > 8 && <span class="quiet"> and {leaves.length - 8} more</span>}
        </p>
      )}
      {!!w.children?.length && <ul>{w.children.map((c, k) => <Node key={k} w={c} known={known} />)}</ul>}
    </li>
  );
}

function IncidentLine({ i }: { i: Incident }) {
  return (
    <>
      <p>
        <button type="button" class="why" onClick={() => (opened.value = { kind: "incident", id: i.id })}>{eventWords(i.event)}</button>{" "}
        {i.place?.name} · <When from={i.from} to={i.to} /> <Exercise of={i.exercise} />
      </p>
      <p class="inline"><Grade of={i.occurrence} label="occurred" /></p>
      <Attribution of={i.attributions} />
    </>
  );
}

export function StatementLine({ s }: { s: Statement }) {
  const fields = Object.entries(s.fields ?? {});
  return (
    <>
      <p class="kicker">
        {s.author}
        {s.speaks_for && <> · speaks for {s.speaks_for}</>}
        {s.admiralty && <> · graded {s.admiralty}</>}
        {s.means && <> · {plain(s.means)}</>} <Exercise of={s.exercise} />
      </p>
      <p>
        {eventWords(s.event)}{s.place?.name && `, ${s.place.name}`} · <When from={s.from} to={s.to} />
        {s.actor && <> · says {s.actor} acted{s.actor_basis && ` (${s.actor_basis})`}</>}
      </p>
      {s.text && <p class="quote">“{s.text}”</p>}
      {fields.length > 0 && <p class="quiet">{fields.map(([k, f]) => `${plain(k)}: ${field(f)}`).join("; ")}</p>}
      <p class="quiet">
        {s.source}
        {s.origin && s.origin !== s.author && <> · origin {s.origin}</>}
        {s.known_at && <> · known <When from={s.known_at} /></>} · <code>{s.id}</code>
      </p>
    </>
  );
}

function Case({ id }: { id: string }) {
  const data = useLoad<{ incident: Incident; statements: Statement[] }>(path(`incidents/${encodeURIComponent(id)}`));
  return (
    <Ready of={data}>
      {({ incident: i, statements }) => (
        <>
          <p class="lead">{eventWords(i.event)} <Exercise of={i.exercise} />{i.end && <span class="tag">{i.end}</span>}</p>
          <dl class="facts">
            <dt>When</dt><dd><When from={i.from} to={i.to} />{i.open_end && ", end not known"}</dd>
            <dt>Where</dt><dd>{i.place?.name || "not said"}{i.place?.lat !== undefined && `, ${metres(i.place.radius_m)}`}</dd>
            <dt>Occurred</dt><dd><Grade of={i.occurrence} /></dd>
            <dt>Attributed to</dt><dd><Attribution of={i.attributions} /></dd>
            {i.attributions.map((a) => a.basis && <><dt>Basis, {a.party}</dt><dd>{a.basis}</dd></>)}
            <dt>Known since</dt><dd><When from={i.first_known} /></dd>
          </dl>
          <section>
            <h3>How it came to these grades</h3>
            <ul>{i.reasons.map((r) => <li key={r}>{sentence(r)}</li>)}</ul>
          </section>
          <section>
            <h3>{count(statements.length, "statement")}, {count(i.origins.length, "independent origin")}</h3>
            <ul class="entries">{statements.map((s) => <li key={s.id}><StatementLine s={s} /></li>)}</ul>
          </section>
          <section class="identity"><p class="quiet"><code>{i.id}</code></p></section>
        </>
      )}
    </Ready>
  );
}
