// The frame: which instrument, which view, as known when; and the panels.
import { signal } from "@preact/signals";
import type { Problem } from "./api";
import { Agreement } from "./agreement";
import { Compare } from "./compare";
import { Coverage } from "./coverage";
import { Drawer } from "./drawer";
import { Duties } from "./duties";
import { count, named, plain, sentence, when, zoneWords } from "./format";
import { Incidents } from "./incidents";
import { Overview } from "./overview";
import { Pledges } from "./pledges";
import { RecordPanel } from "./record";
import { SessionBar } from "./session";
import { address, current, index, instrument, instruments, knownAt, live, panel, PANELS, utc, view, type Panel } from "./state";
import type { View } from "./types";

export const failed = signal<Problem | null>(null);

const TITLES: Record<Panel, string> = {
  overview: "Situation",
  incidents: "Incidents",
  duties: "Duties",
  compare: "Compare",
  pledges: "Pledges",
  coverage: "Coverage",
  agreement: "Text",
  record: "Record",
};
const VIEWS: { view: View; words: string }[] = [
  { view: "actual", words: "Actual" },
  { view: "hypothetical", words: "Hypothetical" },
  { view: "exercise", words: "Exercise" },
];

function ViewSwitch() {
  const views = index.value?.views;
  return (
    <fieldset class="views">
      <legend>View</legend>
      {VIEWS.map(({ view: v, words }) => {
        const none = views && v !== "actual" && views[v] === 0;
        return (
          <label key={v} class={view.value === v ? "chosen" : none ? "none" : ""} title={none ? "No statement belongs to this view" : undefined}>
            <input type="radio" name="view" checked={view.value === v} disabled={!!none} onChange={() => (view.value = v)} />
            {words}
          </label>
        );
      })}
    </fieldset>
  );
}

function InstrumentSelect() {
  return (
    <label class="field">
      <span>Instrument</span>
      <select value={instrument.value} onChange={(e) => (instrument.value = e.currentTarget.value)}>
        {instruments.value.map((i) => (
          <option key={i.name} value={i.name}>
            {named(i.name)}
          </option>
        ))}
      </select>
    </label>
  );
}

// A moment of knowing, typed in UTC so that it means the same to everybody.
function KnownAt() {
  const at = knownAt.value;
  return (
    <div class="field known">
      <label>
        <span>As known at (UTC)</span>
        <input
          type="datetime-local"
          value={at ? at.slice(0, 16) : ""}
          onChange={(e) => (knownAt.value = e.currentTarget.value ? `${e.currentTarget.value}:00Z` : null)}
        />
      </label>
      {at && (
        <button type="button" class="plain" onClick={() => (knownAt.value = null)}>
          Latest
        </button>
      )}
    </div>
  );
}

function Zone() {
  if (!current.value || current.value.zone === "UTC") return null;
  return (
    <label class="check">
      <input type="checkbox" checked={utc.value} onChange={() => (utc.value = !utc.value)} /> Times in UTC
    </label>
  );
}

function Live() {
  const words = { connecting: "Connecting", live: "Live", lost: "Connection lost, trying again" }[live.value];
  return (
    <p class={`live live-${live.value}`} role="status">
      <span class="dot" aria-hidden="true" />
      {words}
      {index.value && <span class="quiet"> · {count(index.value.statements, "statement")}</span>}
      {index.value?.standing && <span class="quiet"> · {plain(index.value.standing)}</span>}
    </p>
  );
}

function Banner() {
  const v = view.value;
  return (
    <>
      {v !== "actual" && (
        <p class={`banner banner-${v}`} role="note">
          <strong>{v}</strong>
          {v === "hypothetical"
            ? "What would follow if the scenario's statements were true. Nothing here is claimed to be so."
            : "Statements of an exercise. Nothing here happened."}
        </p>
      )}
      {knownAt.value && (
        <p class="banner banner-known" role="note">
          <strong>earlier knowledge</strong> As it was known at {when(knownAt.value)} {zoneWords()}. Later statements and corrections are left out.
        </p>
      )}
    </>
  );
}

function Body() {
  switch (panel.value) {
    case "overview": return <Overview />;
    case "incidents": return <Incidents />;
    case "duties": return <Duties />;
    case "compare": return <Compare />;
    case "pledges": return <Pledges />;
    case "coverage": return <Coverage />;
    case "agreement": return <Agreement />;
    case "record": return <RecordPanel />;
  }
}

export function App() {
  if (failed.value) {
    return (
      <main class="problem">
        <h1>Surety</h1>
        <strong>{sentence(failed.value.message ?? "the server does not answer")}</strong>
        <p>{failed.value.help ?? "Is surety serve still running? Reload this page when it is."}</p>
      </main>
    );
  }
  return (
    <div class={`page view-${view.value}`}>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById("main")?.focus(); }}>
        Skip to the content
      </a>
      <header class="top">
        <div class="bar">
          <p class="brand">Surety</p>
          <InstrumentSelect />
          <ViewSwitch />
          <KnownAt />
          <Live />
          <SessionBar />
        </div>
        <nav class="tabs" aria-label="Panels">
          <ul>
            {PANELS.map((p) => (
              <li key={p}>
                <a href={address(p)} aria-current={panel.value === p ? "page" : undefined}>
                  {TITLES[p]}
                </a>
              </li>
            ))}
          </ul>
          <Zone />
        </nav>
        <Banner />
      </header>
      <main id="main" tabIndex={-1}>
        {current.value && (
          <div class="heading">
            <h1>{current.value.title || named(current.value.name)}</h1>
            <p class="quiet">
              {TITLES[panel.value]} · version {current.value.version} · times in {zoneWords()}
            </p>
          </div>
        )}
        {instruments.value.length > 0 && <Body />}
      </main>
      <footer class="foot">
        <p>
          Boundaries on the map are no statement on status. Surety monitors, verifies and accounts; it is no system for
          targeting or tasking. Every verdict can be derived again from the record.
        </p>
      </footer>
      <Drawer />
    </div>
  );
}
