// Who could have seen what. Quiet, blind and denied are three different things.
import { ofInstrument, useLoad } from "./api";
import { between, count, familyWords, sentence, when } from "./format";
import { Empty, Panel, Ready } from "./parts";
import type { Coverage as Data, WindowCount } from "./types";

const STATE: Record<string, string> = {
  quiet: "watching, and quiet counts",
  partial: "watching in part",
  blind: "could not see",
  denied: "was refused access",
};

export function Coverage() {
  const data = useLoad<Data>(ofInstrument("coverage"));
  return (
    <Ready of={data}>
      {(d) => (
        <div class="grid one">
          <Panel title="Reported, against the time before" id="h-rate">
            <p class="pad quiet">
              {d.stated ? "Declared time" : "Time of all that is recorded"}: {between(d.rate.from, d.rate.to)}. “Before” are equal windows, as many as
              the feed covers. A feed with no stated coverage has no base: its count stands alone.
            </p>
            <Rates data={d} />
          </Panel>
          <Panel title="Coverage" id="h-coverage"><Lines data={d} /></Panel>
        </div>
      )}
    </Ready>
  );
}

const spread = (w: WindowCount) => (w.certain === w.possible ? `${w.certain}` : `${w.certain} to ${w.possible}`);

// The window's count among the counts of the windows before, as dots on one scale.
function Dots({ now, before }: { now: WindowCount; before: WindowCount[] }) {
  const most = Math.max(1, now.possible, ...before.map((b) => b.possible));
  const x = (n: number) => 6 + (n / most) * 148;
  return (
    <svg width="160" height="18" viewBox="0 0 160 18" class="dots" aria-hidden="true">
      <line x1="6" x2="154" y1="9" y2="9" />
      {before.map((b) => <circle key={b.from} cx={x(b.certain)} cy="9" r="3.5" class="before" />)}
      <line x1={x(now.certain)} x2={x(now.possible)} y1="9" y2="9" class="range" />
      <rect x={x(now.certain) - 4} y="5" width="8" height="8" class="now" />
    </svg>
  );
}

function Rates({ data }: { data: Data }) {
  const rows = data.rate.feeds.filter((f) => f.window.possible > 0 || f.before.some((b) => b.possible > 0));
  if (rows.length === 0) return <Empty>No feed reports anything in this time.</Empty>;
  return (
    <table class="stacking">
      <thead>
        <tr>
          <th scope="col">Feed</th><th scope="col">Speaks for</th><th scope="col">What</th><th scope="col" class="num">In this time</th>
          <th scope="col">Before, each window</th><th scope="col">On one scale</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((f) => {
          const n = f.before.map((b) => b.certain);
          return (
            <tr key={f.author + f.event}>
              <th scope="row" data-label="Feed">{f.author}</th>
              <td data-label="Speaks for">{f.speaks_for || <span class="quiet">no party</span>}</td>
              <td data-label="What">{familyWords(f.event)}</td>
              <td data-label="In this time" class="num"><strong>{spread(f.window)}</strong></td>
              <td data-label="Before, each window">
                {n.length === 0 ? <span class="quiet">no coverage stated before</span> : <>{Math.min(...n)} to {Math.max(...n)} <span class="quiet">({count(n.length, "window")}: {f.before.map(spread).join(", ")})</span></>}
              </td>
              <td data-label="On one scale">{n.length > 0 && <Dots now={f.window} before={f.before} />}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Lines({ data }: { data: Data }) {
  const list = data.rate.coverage;
  if (list.length === 0) return <Empty>No coverage is stated for this time. Every count here has nothing under it, and silence means nothing.</Empty>;
  return (
    <table class="stacking">
      <thead>
        <tr><th scope="col">Feed</th><th scope="col">State</th><th scope="col">From – to</th><th scope="col">Sees</th><th scope="col">Blind to</th><th scope="col">Source</th></tr>
      </thead>
      <tbody>
        {list.map((c) => (
          <tr key={c.feed + c.from + c.state + c.source}>
            <th scope="row" data-label="Feed">{c.feed}</th>
            <td data-label="State"><span class={`cover cover-${c.state}`}>{c.state}</span> <span class="quiet block">{STATE[c.state] ?? ""}</span></td>
            <td data-label="From – to">{when(c.from)} – {when(c.to)}</td>
            <td data-label="Sees">{c.sees ? sentence(c.sees) : "–"}</td>
            <td data-label="Blind to">{c.blind ? sentence(c.blind) : "–"}</td>
            <td data-label="Source" class="quiet">{c.source}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
