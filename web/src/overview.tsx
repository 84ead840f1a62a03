// The first page: does it hold, what happened, what is waited for.
import { useEffect, useState } from "preact/hooks";
import { ofInstrument, path, useLoad } from "./api";
import { count, label, named, sentence } from "./format";
import type { MapView } from "./map";
import { Asked, Empty, Panel, Ready, State, When, Why, useMore } from "./parts";
import { current, instrument, instruments } from "./state";
import { Timeline } from "./timeline";
import type { AgreementHead, DutyVerdict, Incident, Page, Status, Timeline as Hours, Waiting } from "./types";

const IN_FORCE = { holds: "In force", fails: "Not in force", undetermined: "Undetermined" } as const;

// How many of each state stand, worst first: a reader sees at once where to look.
const ORDER = ["breached", "due", "triggered", "undetermined", "in force", "suspended", "fulfilled", "conditional", "dormant", "waived", "terminated", "void"];
function tally(duties: DutyVerdict[]): [string, number][] {
  const n = new Map<string, number>();
  for (const d of duties) n.set(d.state, (n.get(d.state) ?? 0) + 1);
  return [...n].sort((a, b) => ORDER.indexOf(a[0]) - ORDER.indexOf(b[0]));
}

function Others() {
  return (
    <Panel title="All instruments" id="h-all" class="wide">
      <ul class="rail">
        {instruments.value.map((i: AgreementHead) => (
          <li key={i.name}>
            <button type="button" aria-pressed={i.name === instrument.value} onClick={() => (instrument.value = i.name)}>
              <strong>{named(i.name)}</strong>
              <span><State of={i.in_force} words={IN_FORCE[i.in_force]} /> <Asked /></span>
              <span class="because">{i.because}</span>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Standing({ status, duties }: { status: Status; duties: DutyVerdict[] }) {
  return (
    <>
      <div class="figures">
        <div>
          <h3>Instrument</h3>
          <p class="big">
            <State of={status.in_force} words={IN_FORCE[status.in_force]} />
          </p>
          <p class="quiet">
            {status.since && <>from <When from={status.since} /> </>}
            {status.until && <>until <When from={status.until} /></>}
          </p>
        </div>
        {status.machines.map((m) => (
          <div key={m.machine}>
            <h3>{label(m.machine)}</h3>
            <p class="big">{label(m.state)}</p>
            <p class="quiet">
              {m.since ? <>since <When from={m.since} /> </> : "as it began "}
              {m.verdict && <Why id={m.verdict} />}
            </p>
          </div>
        ))}
        <div>
          <h3>Duties</h3>
          <ul class="tally">
            {tally(duties).map(([state, n]) => (
              <li key={state}>
                <span class="n">{n}</span> <State of={state} />
              </li>
            ))}
            {duties.length === 0 && <li class="quiet">none recorded</li>}
          </ul>
        </div>
      </div>
      <p class="because-line">{sentence(status.because)}</p>
    </>
  );
}

function Held({ status }: { status: Status }) {
  const rows = status.tallies.filter((t) => t.occurred_possible > 0 || t.occurred_certain > 0);
  if (rows.length === 0) return <Empty>Nothing that a clause forbids is recorded.</Empty>;
  return (
    <table class="stacking compact">
      <caption class="quiet">An act that occurred is not yet anybody’s: unattributed acts breach nobody.</caption>
      <thead>
        <tr>
          <th scope="col">Clause</th>
          <th scope="col" class="num">Occurred</th>
          <th scope="col" class="num">Attributed</th>
          <th scope="col" class="num">Unattributed</th>
          <th scope="col" class="num">Excused</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((t) => (
          <tr key={t.clause}>
            <th scope="row" data-label="Clause">{t.clause}</th>
            <td class="num" data-label="Occurred">
              {t.occurred_certain === t.occurred_possible ? t.occurred_certain : `${t.occurred_certain} to ${t.occurred_possible}`}
            </td>
            <td class="num" data-label="Attributed">{t.attributed}</td>
            <td class="num" data-label="Unattributed">{t.unattributed}</td>
            <td class="num" data-label="Excused">{t.excused}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const WHY: Record<string, string> = {
  condition: "Condition",
  reserved: "Not concluded",
  decision: "A decision",
  attribution: "Attribution",
  notice: "A notice",
  unmonitorable: "Cannot be observed",
  invalid: "Cannot be computed",
};

function WaitingList({ list }: { list: Waiting[] }) {
  const [shown, more] = useMore(list.length, 6);
  if (list.length === 0) return <Empty>Nothing is waited for.</Empty>;
  return (
    <>
      <ul class="waiting">
        {list.slice(0, shown).map((w) => (
          <li key={w.subject + w.text}>
            <p class="kicker">
              {WHY[w.why] ?? label(w.why)} · {w.subject}
              {w.body && <> · by {w.body}</>} <Asked />
            </p>
            <p>{sentence(w.text)}</p>
            {!!w.qualifying && <p class="quiet">{count(w.qualifying, "incident")} would qualify</p>}
            {!w.qualifying && !!w.scanned && <p class="quiet">none recorded among {count(w.scanned, "statement")}</p>}
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

// The map is the heaviest part, and comes when the rest is there.
function LazyMap(props: { incidents: Incident[]; total: number }) {
  const [Map, set] = useState<{ view: typeof MapView } | null>(null);
  useEffect(() => {
    import("./map").then((m) => set({ view: m.MapView }));
  }, []);
  return Map ? <Map.view {...props} /> : <div class="map-hold" role="status"><p class="quiet pad">Drawing the map…</p></div>;
}

export function Overview() {
  const status = useLoad<Page<Status>>(ofInstrument("status"));
  const duties = useLoad<Page<DutyVerdict>>(ofInstrument("duties", { limit: "10000" }));
  const hours = useLoad<Hours>(ofInstrument("timeline"));
  const from = hours.data?.window_from;
  const incidents = useLoad<Page<Incident>>(from ? path("incidents", { from, to: hours.data!.window_to, limit: "5000" }) : null);
  const windowed = current.value?.from && current.value.until;
  return (
    <div class="grid">
      <Panel title="Does it hold?" id="h-standing" class="wide">
        <Ready of={status}>
          {(s) => (s.items[0] ? <Standing status={s.items[0]} duties={duties.data?.items ?? []} /> : <Empty>Nothing is derived for this instrument.</Empty>)}
        </Ready>
      </Panel>
      <Panel title="Incidents by hour" id="h-timeline" class="wide">
        <Ready of={hours}>{(h) => <Timeline hours={h} />}</Ready>
      </Panel>
      <Panel title={windowed ? "Where, while it was to hold" : "Where"} id="h-map" class="map-card">
        <Ready of={incidents}>{(i) => <LazyMap incidents={i.items} total={i.total} />}</Ready>
      </Panel>
      <div class="stack">
        <Panel title="What it waits for" id="h-waiting">
          <Ready of={status}>{(s) => <WaitingList list={s.items[0]?.waiting ?? []} />}</Ready>
        </Panel>
        <Panel title="Occurred and attributed" id="h-held">
          <Ready of={status}>{(s) => (s.items[0] ? <Held status={s.items[0]} /> : null)}</Ready>
        </Panel>
      </div>
      <Others />
    </div>
  );
}
