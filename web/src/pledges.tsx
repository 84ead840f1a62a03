// What was promised and what was done, clause by clause. Vague stays vague; unlike units are never added.
import { ofInstrument, useLoad } from "./api";
import { about, amount, count, sentence, several } from "./format";
import { Binding, Empty, Exercise, Panel, Ready, When, useMore } from "./parts";
import type { Account, Balance, Entry, Force, Hub, Page } from "./types";

type Item = Account | Force | Hub | Entry;

export function Pledges() {
  const data = useLoad<Page<Item>>(ofInstrument("fulfilment", { limit: "10000" }));
  return (
    <Ready of={data}>
      {(page) => {
        const clauses = page.items.filter((i): i is Account => i.kind === "fulfilment");
        const forces = page.items.filter((i): i is Force => i.kind === "force");
        const hubs = page.items.filter((i): i is Hub => i.kind === "hub");
        const entries = page.items.filter((i): i is Entry => "stage" in i && "source" in i);
        if (page.items.length === 0) return <Panel title="Pledges" id="h-pledges"><Empty>This instrument promises no means, and nothing was pledged under it.</Empty></Panel>;
        return (
          <div class="grid one">
            <Panel title="Promised, done, open" id="h-pledges"><Clauses list={clauses} /></Panel>
            {forces.length > 0 && <Panel title="Force contributions" id="h-forces"><Forces list={forces} /></Panel>}
            {hubs.length > 0 && <Panel title="Hubs" id="h-hubs"><Hubs list={hubs} /></Panel>}
            {entries.length > 0 && <Panel title="Every pledge and performance" id="h-entries"><Entries list={entries} /></Panel>}
          </div>
        );
      }}
    </Ready>
  );
}

const stages = (s: Record<string, Parameters<typeof amount>[0]>) =>
  Object.entries(s).map(([stage, a]) => <li key={stage}><span class="quiet">{stage}</span> {amount(a)}</li>);

function BalanceLine({ b }: { b: Balance }) {
  return (
    <tr>
      <th scope="row" data-label="Who">{b.party}</th>
      <td data-label="What">{b.item}</td>
      <td data-label="Promised"><ul class="bare">{stages(b.promised)}</ul>{b.words.map((w) => <span class="block quiet" key={w}>“{w}”</span>)}</td>
      <td data-label="Done"><ul class="bare">{stages(b.done)}</ul>{Object.keys(b.done).length === 0 && <span class="quiet">nothing recorded</span>}</td>
      <td data-label="Open">{b.open ? amount(b.open) : <span class="quiet">{b.vague ? "vague as stated" : "no figure on both sides"}</span>}</td>
    </tr>
  );
}

function Clauses({ list }: { list: Account[] }) {
  return (
    <div class="accounts">
      {list.map((c) => (
        <article key={c.clause} aria-labelledby={`p-${c.clause}`}>
          <h3 id={`p-${c.clause}`}>
            <span class="clause-id">{c.clause}</span> {c.title} <span class="tag">{c.state}</span> <Binding of={c.binding} />
          </h3>
          <p class="quiet">
            {c.about && <>{about(c.about)} · </>} {several(c.bearers, 4)}
            {c.silent.length > 0 && c.silent.length < c.bearers.length && <> · nothing recorded for {several(c.silent, 4)}</>}
          </p>
          {c.balances.length > 0 && (
            <table class="stacking">
              <thead><tr><th scope="col">Who</th><th scope="col">What</th><th scope="col">Promised</th><th scope="col">Done</th><th scope="col">Open</th></tr></thead>
              <tbody>{c.balances.map((b) => <BalanceLine key={b.party + b.item + b.unit} b={b} />)}</tbody>
            </table>
          )}
        </article>
      ))}
    </div>
  );
}

function Forces({ list }: { list: Force[] }) {
  return (
    <table class="stacking">
      <thead><tr><th scope="col">Who</th><th scope="col">What</th><th scope="col">Pledged</th><th scope="col">Ready</th><th scope="col">Deployed</th><th scope="col">Withdrawn</th></tr></thead>
      <tbody>
        {list.map((f) => (
          <tr key={f.clause + f.party + f.item + f.unit}>
            <th scope="row" data-label="Who">{f.party} <span class="quiet">clause {f.clause}</span></th>
            <td data-label="What">{f.item}</td>
            <td data-label="Pledged">{amount(f.pledged)}{f.words && !f.pledged.words && <span class="block quiet">“{f.words}”</span>}</td>
            <td data-label="Ready">{amount(f.ready)}</td>
            <td data-label="Deployed">{amount(f.deployed)}</td>
            <td data-label="Withdrawn">{amount(f.withdrawn)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Hubs({ list }: { list: Hub[] }) {
  return (
    <table class="stacking">
      <thead><tr><th scope="col">Hub</th><th scope="col">By</th><th scope="col">Stage</th><th scope="col">Capacity</th><th scope="col">Stock, in less out</th></tr></thead>
      <tbody>
        {list.map((h) => (
          <tr key={h.clause + h.name + h.party}>
            <th scope="row" data-label="Hub">{h.name || "not named"} <span class="quiet">clause {h.clause}</span></th>
            <td data-label="By">{h.party}</td>
            <td data-label="Stage">{h.stage}</td>
            <td data-label="Capacity">{h.capacity ? amount(h.capacity) : <span class="quiet">not stated</span>}</td>
            <td data-label="Stock"><ul class="bare">{stages(h.stock)}</ul></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Entries({ list }: { list: Entry[] }) {
  const [shown, more] = useMore(list.length, 40);
  return (
    <>
      <p class="pad quiet">{count(list.length, "entry", "entries")}, each a statement in the record.</p>
      <ul class="entries pad">
        {list.slice(0, shown).map((e) => (
          <li key={e.id}>
            <p class="kicker"><When from={e.when} /> · {e.party}{e.author !== e.party && ` (said by ${e.author})`} · {e.kind} <Exercise of={e.exercise} /></p>
            <p>
              {sentence(e.item || "not said what")}, {e.stage || "stage not said"}: {e.amount?.withheld ? "amount withheld" : amount(e.amount)}
              {e.clause && <span class="quiet"> · clause {e.clause}</span>}
              {e.by && <span class="quiet"> · by {e.by}</span>}
              {e.condition && <span class="quiet"> · on condition: {e.condition}</span>}
            </p>
            {e.text && <p class="quote">“{e.text}”</p>}
            <p class="quiet">{e.source} · <code>{e.id}</code></p>
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}
