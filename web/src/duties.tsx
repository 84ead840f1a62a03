import { useState } from "preact/hooks";
import { ofInstrument, useLoad } from "./api";
import { count, label, plain, sentence, several } from "./format";
import { Binding, Empty, Exercise, Grade, Panel, Ready, State, When, Why, useMore } from "./parts";
import type { DutyVerdict, Page } from "./types";

const ORDER = ["breached", "due", "triggered", "undetermined", "in force", "suspended", "fulfilled", "conditional", "dormant", "waived", "terminated", "void"];

// Bearers who owe the same under the same clause in the same state stand on one line.
interface Line {
  key: string;
  first: DutyVerdict;
  all: DutyVerdict[];
}
function lines(list: DutyVerdict[]): Line[] {
  const by = new Map<string, Line>();
  for (const d of list) {
    const key = [d.clause, d.state, d.reading, d.due, d.binding, d.waits_for, d.decided_by, d.trigger, d.grade, d.attribution, d.instrument].join("\u0001");
    const line = by.get(key);
    if (line) line.all.push(d);
    else by.set(key, { key, first: d, all: [d] });
  }
  return [...by.values()].sort((a, b) => ORDER.indexOf(a.first.state) - ORDER.indexOf(b.first.state));
}

export function Duties() {
  const [state, setState] = useState("");
  const [bearer, setBearer] = useState("");
  const [all, setAll] = useState(false);
  const list = useLoad<Page<DutyVerdict>>(ofInstrument("duties", { limit: "10000", all: all ? "1" : undefined }));
  return (
    <Panel
      title="Duties" id="h-duties"
      aside={<label class="check"><input type="checkbox" checked={all} onChange={() => setAll(!all)} /> Every change, not only what stands</label>}
    >
      <Ready of={list}>
        {(page) => {
          const states = ORDER.filter((s) => page.items.some((d) => d.state === s));
          const bearers = [...new Set(page.items.map((d) => d.bearer))].sort();
          const rows = lines(page.items.filter((d) => (!state || d.state === state) && (!bearer || d.bearer === bearer)));
          return (
            <>
              <div class="filters">
                <label class="field">
                  <span>Bearer</span>
                  <select value={bearer} onChange={(e) => setBearer(e.currentTarget.value)}>
                    <option value="">everybody</option>
                    {bearers.map((b) => <option key={b} value={b}>{b}</option>)}
                  </select>
                </label>
                <label class="field">
                  <span>State</span>
                  <select value={state} onChange={(e) => setState(e.currentTarget.value)}>
                    <option value="">any</option>
                    {states.map((s) => <option key={s} value={s}>{label(s)}</option>)}
                  </select>
                </label>
                <p class="quiet" role="status">{count(rows.reduce((n, r) => n + r.all.length, 0), all ? "change" : "duty", all ? "changes" : "duties")}</p>
              </div>
              {rows.length === 0 ? <Empty>No duty fits.</Empty> : <Table rows={rows} />}
            </>
          );
        }}
      </Ready>
    </Panel>
  );
}

function Table({ rows }: { rows: Line[] }) {
  const [shown, more] = useMore(rows.length, 60);
  return (
    <>
      <table class="stacking">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Who</th>
            <th scope="col">Clause</th>
            <th scope="col">Due</th>
            <th scope="col">Binding</th>
            <th scope="col">Rests on</th>
            <th scope="col">Waits for</th>
            <th scope="col"><span class="sr">Reason</span></th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map(({ key, first: d, all }) => (
            <tr key={key}>
              <td data-label="State">
                <State of={d.state} /> <Exercise of={d.exercise} />
                <span class="quiet block">since <When from={d.event_time} /></span>
              </td>
              <td data-label="Who">
                {all.length > 4 ? (
                  <details>
                    <summary>{several(all.map((x) => x.bearer), 2)}</summary>
                    {all.map((x) => x.bearer).join(", ")}
                  </details>
                ) : all.map((x) => x.bearer).join(", ")}
                {d.beneficiary && <span class="quiet block">towards {d.beneficiary}</span>}
              </td>
              <th scope="row" data-label="Clause">
                <span class="clause-id">{d.clause}</span> {d.title}
                <span class="quiet block">{plain(d.action)}</span>
                {d.reading && <span class="tag">reading: {plain(d.reading)}</span>}
              </th>
              <td data-label="Due">{d.due ? <When from={d.due} /> : <span class="quiet">no deadline in the text</span>}</td>
              <td data-label="Binding"><Binding of={d.binding} /></td>
              <td data-label="Rests on">
                {d.grade === "none" && d.attribution === "none" ? <span class="quiet">–</span> : (
                  <>
                    <Grade of={d.grade} label="occurred" />
                    <Grade of={d.attribution} label="attributed" />
                  </>
                )}
              </td>
              <td data-label="Waits for">
                {d.waits_for ? sentence(d.waits_for) : <span class="quiet">–</span>}
                {d.decided_by && <span class="quiet block">decided by {d.decided_by}, not by this program</span>}
              </td>
              <td data-label="Reason"><Why id={d.id}>Why<span class="sr"> clause {d.clause} is {d.state} for {d.bearer}</span>?</Why></td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  );
}
