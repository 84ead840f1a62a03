// Incidents hour by hour, the time before beside the time in force, and the ceasefire's states above.
// Left and right arrow keys walk through the hours; the same figures stand below as a table.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ofInstrument, useLoad } from "./api";
import { between, clock, count, day, familyWords, hourOf, sentence, when } from "./format";
import { Empty, Why } from "./parts";
import { view } from "./state";
import type { Page, StateVerdict, Timeline as Hours } from "./types";

const HOUR = 3_600_000;
const H = 150, TOP = 8, AXIS = 26, LANE = 24, LEFT = 34, RIGHT = 8;

export const FAMILIES = ["strike", "fire", "assault", "explosion", "alert", "control", "casualties", "other"];
export const shade = (f: string) => `fam fam-${FAMILIES.includes(f) ? f : "other"}`;

interface Hour {
  at: number;
  n: number;
  by: Record<string, number>;
  attributed: number;
  vague: number;
}

function fill(h: Hours): Hour[] {
  const have = new Map(h.hours.map((x) => [Date.parse(x.from), x]));
  const out: Hour[] = [];
  const end = Date.parse(h.window_to);
  for (let at = Date.parse(h.from); at < end; at += HOUR) {
    const x = have.get(at);
    const by = x?.by_event ?? {};
    out.push({ at, by, n: Object.values(by).reduce((a, b) => a + b, 0), attributed: x?.attributed ?? 0, vague: x?.vague_time ?? 0 });
  }
  return out;
}

function useWidth(): [RefObject<HTMLDivElement | null>, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, set] = useState(1000);
  useEffect(() => {
    const seen = new ResizeObserver(([e]) => set(Math.max(280, Math.round(e.contentRect.width))));
    seen.observe(ref.current!);
    return () => seen.disconnect();
  }, []);
  return [ref, width];
}

interface Band {
  state: string;
  from: number;
  to: number;
  id?: string;
}
function bands(verdicts: StateVerdict[], machine: string, begin: number, end: number): Band[] {
  const mine = verdicts.filter((v) => v.machine === machine && v.certain);
  const out: Band[] = [];
  let state = mine[0]?.from ?? "", at = begin, id: string | undefined;
  for (const v of mine) {
    const t = Math.min(Math.max(Date.parse(v.event_time), begin), end);
    if (t > at) out.push({ state, from: at, to: t, id });
    state = v.to;
    at = t;
    id = v.id;
  }
  if (end > at) out.push({ state, from: at, to: end, id });
  return out;
}

const median = (list: number[]) => {
  const s = [...list].sort((a, b) => a - b);
  return s.length === 0 ? 0 : s.length % 2 ? s[(s.length - 1) / 2] : (s[s.length / 2 - 1] + s[s.length / 2]) / 2;
};

function Readout({ hour }: { hour: Hour }) {
  const parts = Object.entries(hour.by).map(([f, n]) => `${familyWords(f).toLowerCase()} ${n}`);
  return (
    <>
      <strong>
        {day(new Date(hour.at))} {clock(new Date(hour.at))}–{clock(new Date(hour.at + HOUR))}
      </strong>{" "}
      {hour.n === 0 ? "none recorded" : `${count(hour.n, "incident")}: ${parts.join(", ")}; ${hour.attributed} with an attribution`}
      {hour.vague > 0 && `; for ${hour.vague} the hour is not known, only a longer time in which it lies`}
    </>
  );
}

export function Timeline({ hours }: { hours: Hours }) {
  const [ref, width] = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const states = useLoad<Page<StateVerdict>>(ofInstrument("states", { limit: "10000" }));
  const list = fill(hours);
  if (list.length === 0) return <div ref={ref}><Empty>No incident is recorded.</Empty></div>;

  const begin = list[0].at, end = list[list.length - 1].at + HOUR;
  const x = (t: number) => LEFT + ((t - begin) / (end - begin)) * (width - LEFT - RIGHT);
  const most = Math.max(4, ...list.map((h) => h.n));
  const y = (n: number) => TOP + H - (n / most) * H;
  const from = Math.max(begin, Date.parse(hours.window_from)), to = Date.parse(hours.window_to);
  const before = list.filter((h) => h.at + HOUR <= from), inside = list.filter((h) => h.at + HOUR > from);
  const base = median(before.map((h) => h.n));
  const machines = [...new Set((states.data?.items ?? []).map((v) => v.machine))];
  const families = FAMILIES.filter((f) => list.some((h) => Object.keys(h.by).some((k) => (FAMILIES.includes(k) ? k : "other") === f)));
  const step = Math.max(1, width / list.length);
  const total = (l: Hour[]) => l.reduce((a, h) => a + h.n, 0);
  const dayStarts = list.filter((h) => hourOf(new Date(h.at)) === 0);
  const height = TOP + H + AXIS + machines.length * LANE;
  const chosen = at === null ? null : list[at];

  const key = (e: KeyboardEvent) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -24, PageDown: 24 }[e.key];
    if (e.key === "Home") setAt(0);
    else if (e.key === "End") setAt(list.length - 1);
    else if (e.key === "Escape") setAt(null);
    else if (move) setAt(Math.min(list.length - 1, Math.max(0, (at ?? (move > 0 ? -1 : list.length)) + move)));
    else return;
    e.preventDefault();
  };
  const pick = (e: MouseEvent) => {
    const box = (e.currentTarget as SVGElement).getBoundingClientRect();
    const t = begin + ((e.clientX - box.left - LEFT) / (width - LEFT - RIGHT)) * (end - begin);
    const k = Math.floor((t - begin) / HOUR);
    setAt(k >= 0 && k < list.length ? k : null);
  };

  return (
    <div class="timeline" ref={ref}>
      <div class="legend" aria-hidden="true">
        {families.map((f) => (
          <span key={f}><i class={shade(f)} /> {familyWords(f)}</span>
        ))}
        {hours.stated && <span><i class="swatch-window" /> declared time in force</span>}
        {before.length > 0 && <span><i class="swatch-base" /> median hour before: {base}</span>}
      </div>
      <svg
        width={width} height={height} viewBox={`0 0 ${width} ${height}`} tabIndex={0} role="application"
        aria-roledescription="timeline"
        aria-label={`Incidents by hour, ${between(hours.from, hours.window_to)}. Arrow keys read the hours.`}
        onKeyDown={key} onMouseMove={pick} onMouseLeave={() => setAt(null)}
      >
        {hours.stated && <rect class="window" x={x(from)} y={0} width={x(to) - x(from)} height={TOP + H} />}
        {[0, most / 2, most].map((n) => (
          <g key={n} class="tick">
            <line x1={LEFT} x2={width - RIGHT} y1={y(n)} y2={y(n)} />
            <text x={LEFT - 6} y={y(n) + 4} text-anchor="end">{Math.round(n)}</text>
          </g>
        ))}
        {list.map((h, k) => {
          let sum = 0;
          return (
            <g key={h.at} class={k === at ? "bar now" : "bar"}>
              {k === at && <rect class="cursor" x={x(h.at)} y={TOP} width={step} height={H} />}
              {FAMILIES.map((f) => {
                const n = Object.entries(h.by).reduce((a, [e, v]) => a + ((FAMILIES.includes(e) ? e : "other") === f ? v : 0), 0);
                if (n === 0) return null;
                sum += n;
                return <rect key={f} class={shade(f)} x={x(h.at) + 0.5} y={y(sum)} width={Math.max(1, step - 1)} height={(n / most) * H} />;
              })}
            </g>
          );
        })}
        {before.length > 0 && <line class="base" x1={LEFT} x2={width - RIGHT} y1={y(base)} y2={y(base)} />}
        {dayStarts.map((h, k) => (
          <g key={h.at} class="axis">
            <line x1={x(h.at)} x2={x(h.at)} y1={TOP} y2={TOP + H + 6} />
            {(width / dayStarts.length > 70 || k % Math.ceil((70 * dayStarts.length) / width) === 0) && (
              <text x={x(h.at) + 4} y={TOP + H + 17}>{day(new Date(h.at))}</text>
            )}
          </g>
        ))}
        {machines.map((m, lane) => (
          <g key={m} class="lane" transform={`translate(0 ${TOP + H + AXIS + lane * LANE})`}>
            {bands(states.data!.items, m, begin, end).map((b) => {
              const w = x(b.to) - x(b.from);
              return (
                <g key={b.from} class={`band band-${b.state}`}>
                  <rect x={x(b.from)} y={0} width={Math.max(1, w - 1)} height={LANE - 5} />
                  {w > 60 && <text x={x(b.from) + 6} y={13}>{sentence(b.state).slice(0, Math.floor(w / 7.2))}</text>}
                </g>
              );
            })}
          </g>
        ))}
      </svg>
      <p class="readout" aria-live="polite">
        {chosen ? <Readout hour={chosen} /> : hours.stated ? (
          <>
            {count(total(inside), "incident")} in {inside.length} hours of the declared time; {total(before)} in the {before.length} hours before.
            Counts of what was recorded: who could see what is under Coverage.
          </>
        ) : (
          <>{count(total(list), "incident")} in {list.length} hours. Counts of what was recorded: who could see what is under Coverage.</>
        )}
      </p>
      {machines.length > 0 && <Changes verdicts={states.data!.items} />}
      <HourTable list={list} />
    </div>
  );
}

function Changes({ verdicts }: { verdicts: StateVerdict[] }) {
  return (
    <details>
      <summary>{count(verdicts.length, "change")} of state, each with its reason</summary>
      <ol class="changes">
        {verdicts.map((v) => (
          <li key={v.id}>
            <time dateTime={v.event_time}>{when(v.event_time)}</time>{" "}
            <span>
              {sentence(v.machine)}: {v.from} → <strong>{v.to}</strong>
              {!v.certain && <em> (possible only, not counted)</em>}
              {view.value !== "actual" && <span class={`exercise exercise-${v.exercise}`}>{v.exercise}</span>}
              {v.reason && <span class="quiet"> {v.reason}</span>} <Why id={v.id} />
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function HourTable({ list }: { list: Hour[] }) {
  const [open, set] = useState(false);
  return (
    <details onToggle={(e) => set(e.currentTarget.open)}>
      <summary>The same as a table</summary>
      {open && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Incidents by hour, as a table">
          <table class="compact">
            <thead>
              <tr><th scope="col">Hour</th><th scope="col" class="num">Incidents</th><th scope="col">By kind</th><th scope="col" class="num">With an attribution</th></tr>
            </thead>
            <tbody>
              {list.filter((h) => h.n > 0).map((h) => (
                <tr key={h.at}>
                  <th scope="row">{when(new Date(h.at).toISOString())}</th>
                  <td class="num">{h.n}</td>
                  <td>{Object.entries(h.by).map(([f, n]) => `${familyWords(f)} ${n}`).join(", ")}</td>
                  <td class="num">{h.attributed}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
