// Incidents hour by hour, the time before beside the time in force, and the ceasefire's states above.
// Left and right arrow keys walk through the hours; the same figures stand below as a table.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ofInstrument, useLoad } from "./api";
import { between, clock, count, day, familyWords, hourOf, label, sentence, when } from "./format";
import { Empty, Why } from "./parts";
import { view } from "./state";
import type { Bin, Page, StateVerdict, Timeline as Hours } from "./types";

const HOUR = 3_600_000;
const H = 130, MAY = 34, TOP = 8, AXIS = 26, LANE = 24, LABEL = 16, LEFT = 34, RIGHT = 8;

export const FAMILIES = ["strike", "fire", "assault", "explosion", "alert", "control", "casualties", "other"];
export const shade = (f: string) => `fam fam-${FAMILIES.includes(f) ? f : "other"}`;

const groupOf = (event: string) => (FAMILIES.includes(event) ? event : "other");
const sum = (by: Record<string, number>) => Object.values(by).reduce((a, b) => a + b, 0);

interface Hour {
  at: number;
  n: number;
  by: Record<string, number>;
  attributed: number;
}

function fill(h: Hours): Hour[] {
  const have = new Map(h.bins.map((x) => [Date.parse(x.from), x]));
  const out: Hour[] = [];
  const end = Date.parse(h.window_to);
  for (let at = Date.parse(h.from); at < end; at += h.bin_hours * HOUR) {
    const x = have.get(at);
    out.push({ at, by: x?.by_event ?? {}, n: sum(x?.by_event ?? {}), attributed: x?.attributed ?? 0 });
  }
  return out;
}

// How many more may lie in each hour, of those whose hour nobody knows.
function mayLie(h: Hours, list: Hour[], bin: number): number[] {
  const out = list.map(() => 0);
  for (const v of h.vague) {
    const from = Date.parse(v.from), to = Date.parse(v.to!), n = sum(v.by_event);
    list.forEach((x, k) => {
      if (x.at <= to && x.at + bin > from) out[k] += n;
    });
  }
  return out;
}

// Surely and possibly inside [from, to): counts are intervals, as everywhere.
function inside(h: Hours, list: Hour[], from: number, to: number): [number, number] {
  const sure = list.reduce((a, x) => a + (x.at >= from && x.at < to ? x.n : 0), 0);
  let certain = sure, possible = sure;
  for (const v of h.vague) {
    const a = Date.parse(v.from), b = Date.parse(v.to!), n = sum(v.by_event);
    if (a >= from && b < to) certain += n;
    if (a < to && b >= from) possible += n;
  }
  return [certain, possible];
}
const spread = ([a, b]: [number, number]) => (a === b ? `${a}` : `${a} to ${b}`);

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
    if (t > at && state) out.push({ state, from: at, to: t, id });
    state = v.to;
    at = t;
    id = v.id;
  }
  if (end > at && state) out.push({ state, from: at, to: end, id });
  return out;
}

const kinds = (by: Record<string, number>) => Object.entries(by).map(([f, n]) => `${familyWords(f).toLowerCase()} ${n}`).join(", ");

function Readout({ hour, bin, may }: { hour: Hour; bin: number; may: number }) {
  const end = new Date(hour.at + bin * HOUR);
  return (
    <>
      <strong>
        {day(new Date(hour.at))} {clock(new Date(hour.at))}{bin > 1 ? ` – ${day(end)} ` : "–"}{clock(end)}
      </strong>{" "}
      {hour.n === 0 ? "none recorded" : `${count(hour.n, "incident")}: ${kinds(hour.by)}; ${hour.attributed} with an attribution`}
      {may > 0 && `; ${may} more may lie in it`}
    </>
  );
}

const fit = (words: string, width: number) => (words.length * 7 + 10 < width ? words : words.split(":")[0].length * 7 + 10 < width ? words.split(":")[0] : "");

export function Timeline({ hours }: { hours: Hours }) {
  const [ref, width] = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const states = useLoad<Page<StateVerdict>>(ofInstrument("states", { limit: "10000" }));
  const list = fill(hours);
  if (list.length === 0) return <div ref={ref}><Empty>No incident is recorded.</Empty></div>;

  const begin = list[0].at, end = list[list.length - 1].at + hours.bin_hours * HOUR;
  const x = (t: number) => LEFT + ((t - begin) / (end - begin)) * (width - LEFT - RIGHT);
    const from = Math.max(begin, Date.parse(hours.window_from)), to = Date.parse(hours.window_to);
  const bin = hours.bin_hours * HOUR;
  const may = mayLie(hours, list, bin);
  const sureInside = inside(hours, list, from, to);
  const sureBefore: [number, number] | null = from > begin ? inside(hours, list, begin, from) : null;
  const lanes = TOP + H + AXIS + (hours.vague.length ? LABEL + MAY + 8 : 0);
  const most = Math.max(4, ...list.map((h) => h.n));
  const mayMost = Math.max(0, ...may);
  const y = (n: number) => TOP + H - (n / most) * H;
  const machines = [...new Set((states.data?.items ?? []).map((v) => v.machine))];
  const families = FAMILIES.filter((f) => list.some((h) => Object.keys(h.by).some((k) => groupOf(k) === f)));
  const step = Math.max(1, width / list.length);
  const dayStarts = list.filter((h) => hourOf(new Date(h.at)) === 0);
  const height = lanes + machines.length * (LANE + LABEL);
  const chosen = at === null ? null : list[at];
  const unit = hours.bin_hours > 1 ? "day" : "hour";

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
    const k = Math.floor((t - begin) / bin);
    setAt(k >= 0 && k < list.length ? k : null);
  };

  return (
    <div class="timeline" ref={ref}>
      <div class="legend" aria-hidden="true">
        {families.map((f) => (
          <span key={f}><i class={shade(f)} /> {familyWords(f)}</span>
        ))}
        {hours.stated && <span><i class="swatch-window" /> declared time in force</span>}
      </div>
      <svg
        width={width} height={height} viewBox={`0 0 ${width} ${height}`} tabindex={0} role="application"
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
          let high = 0;
          return (
            <g key={h.at} class={k === at ? "bar now" : "bar"}>
              {k === at && <rect class="cursor" x={x(h.at)} y={TOP} width={step} height={H} />}
              {FAMILIES.map((f) => {
                const n = Object.entries(h.by).reduce((a, [e, v]) => a + (groupOf(e) === f ? v : 0), 0);
                if (n === 0) return null;
                high += n;
                return <rect key={f} class={shade(f)} x={x(h.at) + 0.5} y={y(high)} width={Math.max(1, step - 1)} height={(n / most) * H} />;
              })}
            </g>
          );
        })}
        {dayStarts.map((h, k) => (
          <g key={h.at} class="axis">
            <line x1={x(h.at)} x2={x(h.at)} y1={TOP} y2={TOP + H + 6} />
            {(width / dayStarts.length > 70 || k % Math.ceil((70 * dayStarts.length) / width) === 0) && (
              <text x={x(h.at) + 4} y={TOP + H + 17}>{day(new Date(h.at))}</text>
            )}
          </g>
        ))}
        {mayMost > 0 && (
          <g transform={`translate(0 ${TOP + H + AXIS})`}>
            <text class="lane-name" x={LEFT} y={12}>{`${sentence(unit)} not known: so many more may lie in each, at most ${mayMost}`}</text>
            {may.map((n, k) => n > 0 && (
              <rect key={k} class={k === at ? "may now" : "may"} x={x(list[k].at)} y={LABEL + MAY * (1 - n / mayMost)} width={step + 0.4} height={(n / mayMost) * MAY} />
            ))}
          </g>
        )}
        {machines.map((m, lane) => (
          <g key={m} class="lane" transform={`translate(0 ${lanes + lane * (LANE + LABEL)})`}>
            <text class="lane-name" x={LEFT} y={12}>{label(m)}</text>
            {bands(states.data!.items, m, begin, end).map((b) => {
              const w = x(b.to) - x(b.from);
              return (
                <g key={b.from} class={`band band-${b.state}`}>
                  <rect x={x(b.from)} y={LABEL} width={Math.max(1, w - 1)} height={LANE - 5} />
                  <text x={x(b.from) + 6} y={LABEL + 14}>{fit(label(b.state), w)}</text>
                </g>
              );
            })}
          </g>
        ))}
      </svg>
      <p class="readout" aria-live="polite">
        {chosen ? <Readout hour={chosen} bin={hours.bin_hours} may={may[at!]} /> : (
          <>
            {hours.stated ? (
              <>
                <strong>{spread(sureInside)}</strong> in the declared time{sureBefore && <>, <strong>{spread(sureBefore)}</strong> in the equal time before</>}.{" "}
              </>
            ) : <><strong>{spread(sureInside)}</strong> in the time that is recorded. </>}
            The lower figure is what surely lies in it. Counts are of what was recorded; who could see what stands under Coverage.
          </>
        )}
      </p>
      {machines.length > 0 && <Changes verdicts={states.data!.items} />}
      <HourTable list={list} vague={hours.vague} />
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
              {label(v.machine)}: {v.from || "nothing"} → <strong>{v.to}</strong>
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

function HourTable({ list, vague }: { list: Hour[]; vague: Bin[] }) {
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
                  <td>{kinds(h.by)}</td>
                  <td class="num">{h.attributed}</td>
                </tr>
              ))}
              {vague.map((v) => (
                <tr key={`${v.from} ${v.to}`}>
                  <th scope="row">somewhere in {between(v.from, v.to!)}</th>
                  <td class="num">{sum(v.by_event)}</td>
                  <td>{kinds(v.by_event)}</td>
                  <td class="num">{v.attributed}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
