// The same events under several instruments. Nothing is added up and nobody is ranked.
import { useState } from "preact/hooks";
import { path, useLoad } from "./api";
import { about, named, plain, sentence, several } from "./format";
import { Asked, Binding, Empty, Panel, Ready, State, When, Why } from "./parts";
import { instruments } from "./state";
import type { Compare as Data, CompareCell } from "./types";

const IN_FORCE = { holds: "In force", fails: "Not in force", undetermined: "Undetermined" } as const;

export function Compare() {
  const names = instruments.value.map((i) => i.name);
  const standing = instruments.value.filter((i) => !(i.from && i.until)).map((i) => i.name);
  const [picked, pick] = useState<string[]>(standing.length > 1 ? standing : names);
  const data = useLoad<Data>(picked.length ? path("compare", { instrument: picked.join(",") }) : null);
  return (
    <Panel title="Side by side" id="h-compare">
      <fieldset class="chips pad">
        <legend>Instruments</legend>
        {names.map((n) => (
          <label key={n}>
            <input type="checkbox" checked={picked.includes(n)} onChange={() => pick(names.filter((x) => (x === n ? !picked.includes(n) : picked.includes(x))))} />{" "}
            {named(n)}
          </label>
        ))}
      </fieldset>
      {picked.length === 0 ? <Empty>Choose at least one instrument.</Empty> : <Ready of={data}>{(d) => <Table data={d} />}</Ready>}
    </Panel>
  );
}

function Table({ data }: { data: Data }) {
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label="Comparison">
      <table class="compare">
        <thead>
          <tr>
            <th scope="col">What is promised</th>
            {data.instruments.map((i) => (
              <th scope="col" key={i.name}>
                {named(i.name)}
                <span class="block"><State of={i.in_force} words={IN_FORCE[i.in_force]} /> <Binding of={i.binding} /></span>
                <span class="quiet block">{sentence(i.because)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((r) => (
            <tr key={r.about}>
              <th scope="row">{about(r.about)}</th>
              {r.cells.map((cells, k) => (
                <td key={data.instruments[k].name}>
                  {cells.length === 0 ? <span class="quiet">no such clause</span> : cells.map((c) => <Cell key={c.clause} c={c} />)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ c }: { c: CompareCell }) {
  const groups = new Map<string, CompareCell["duties"]>();
  for (const d of c.duties) {
    const key = [d.state, d.reading, d.due, d.waits_for].join("\u0001");
    groups.set(key, [...(groups.get(key) ?? []), d]);
  }
  return (
    <div class="cell">
      <p>
        <span class="clause-id">{c.clause}</span> {c.bearer || "all"} <em class="modal">{c.modal}</em> {plain(c.action)}{" "}
        <Binding of={c.binding} />
      </p>
      <p class="quiet">{c.time || "no time given"}{c.otherwise_unspecified && "; no consequence given"}</p>
      <ul class="bare">
        {[...groups.values()].map((g) => (
          <li key={g[0].id}>
            <State of={g[0].state} /> <Asked /> {several(g.map((d) => d.bearer), 2)}
            {g[0].reading && <span class="tag">reading: {plain(g[0].reading)}</span>}
            {g[0].due && <> by <When from={g[0].due} /></>}
            {g[0].waits_for && <span class="quiet block">waits for {g[0].waits_for}</span>} <Why id={g[0].id}>Why<span class="sr"> clause {c.clause}, {g[0].bearer}</span>?</Why>
          </li>
        ))}
      </ul>
    </div>
  );
}
