import { useState } from "preact/hooks";
import { path, useLoad } from "./api";
import { count, eventWords, family, familyWords, metres } from "./format";
import { Empty, Exercise, Grade, Panel, Ready, When, useMore } from "./parts";
import { current, opened } from "./state";
import type { Incident, Page, Timeline } from "./types";

export function Attribution({ of }: { of: Incident["attributions"] }) {
  if (of.length === 0) return <span class="quiet">nobody: unattributed</span>;
  return (
    <ul class="bare">
      {of.map((a) => (
        <li key={a.party + a.grade}>
          <span class="party">{a.party}</span> <Grade of={a.grade} />
        </li>
      ))}
      {of.length > 1 && <li class="quiet">contradictory: both are kept</li>}
    </ul>
  );
}

export function Incidents() {
  const stated = current.value?.from && current.value.until;
  const [inside, setInside] = useState(true);
  const [kind, setKind] = useState("");
  const [who, setWho] = useState("");
  const window = useLoad<Timeline>(stated && inside ? path("timeline", { instrument: current.value!.name }) : null);
  const ready = !stated || !inside || window.data;
  const url = ready
    ? path("incidents", { limit: "5000", ...(stated && inside ? { from: window.data!.window_from, to: window.data!.window_to } : {}) })
    : null;
  const list = useLoad<Page<Incident>>(url);
  return (
    <Panel
      title="Incidents" id="h-incidents"
      aside={stated && (
        <label class="check">
          <input type="checkbox" checked={inside} onChange={() => setInside(!inside)} /> Only in the declared time
        </label>
      )}
    >
      <Ready of={list}>
        {(page) => {
          const kinds = [...new Set(page.items.map((i) => family(i.event)))].sort();
          const parties = [...new Set(page.items.flatMap((i) => i.attributions.map((a) => a.party)))].sort();
          const surely = (i: Incident) => !window.data || (i.from >= window.data.window_from && i.to < window.data.window_to);
          const fits = page.items.filter(
            (i) =>
              (!kind || family(i.event) === kind) &&
              (!who || (who === "?" ? i.attributions.length === 0 : i.attributions.some((a) => a.party === who))),
          );
          // Those that surely lie in the declared time come first; reports of vague time after them.
          const rows = [...fits.filter(surely), ...fits.filter((i) => !surely(i))];
          const sure = fits.filter(surely).length;
          return (
            <>
              <div class="filters">
                <label class="field">
                  <span>Kind</span>
                  <select value={kind} onChange={(e) => setKind(e.currentTarget.value)}>
                    <option value="">all</option>
                    {kinds.map((k) => <option key={k} value={k}>{familyWords(k)}</option>)}
                  </select>
                </label>
                <label class="field">
                  <span>Attributed to</span>
                  <select value={who} onChange={(e) => setWho(e.currentTarget.value)}>
                    <option value="">anybody or nobody</option>
                    <option value="?">nobody</option>
                    {parties.map((p) => <option key={p} value={p}>{p}</option>)}
                  </select>
                </label>
                <p class="quiet" role="status">
                  {sure === rows.length ? count(sure, "incident") : `${sure} to ${rows.length} incidents: ${sure} surely in the declared time, ${rows.length - sure} possibly`}
                  {page.total > page.items.length && ` among the first ${page.items.length} of ${page.total}`}
                </p>
              </div>
              {rows.length === 0 ? <Empty>No incident is recorded that fits. None recorded is not none occurred: see Coverage.</Empty> : <Table rows={rows} surely={surely} />}
            </>
          );
        }}
      </Ready>
    </Panel>
  );
}

function Table({ rows, surely }: { rows: Incident[]; surely: (i: Incident) => boolean }) {
  const [shown, more] = useMore(rows.length, 50);
  return (
    <>
      <table class="stacking">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">Where</th>
            <th scope="col">Occurred</th>
            <th scope="col">Attributed to</th>
            <th scope="col">Sources</th>
            <th scope="col">Why so</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((i) => (
            <tr key={i.id} class={i.end ? "ended" : ""}>
              <td data-label="When"><When from={i.from} to={i.to} />{i.open_end && <span class="quiet"> end not known</span>}
                {!surely(i) && <span class="quiet block">may lie outside the declared time</span>}
              </td>
              <th scope="row" data-label="What">
                <button type="button" class="why" onClick={() => (opened.value = { kind: "incident", id: i.id })}>{eventWords(i.event)}</button>
                <Exercise of={i.exercise} />
                {i.end && <span class="tag">{i.end}</span>}
              </th>
              <td data-label="Where">
                {i.place?.name || "–"}{" "}
                <span class="quiet">{i.place?.lat === undefined ? "a name only" : metres(i.place.radius_m)}</span>
              </td>
              <td data-label="Occurred"><Grade of={i.occurrence} /></td>
              <td data-label="Attributed to"><Attribution of={i.attributions} /></td>
              <td data-label="Sources">
                {i.origins.join(", ")} <span class="quiet">{count(i.members.length, "report")}, {count(i.origins.length, "origin")}</span>
              </td>
              <td data-label="Why so" class="reason">{i.reasons[0] ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  );
}
