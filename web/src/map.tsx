// The offline map. A circle is where an incident may be, as wide as its source's own error; nothing is
// drawn more precisely than it was reported. Everything on the map also stands in the list beside it.
import { geoCircle, geoConicConformal, geoGraticule, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { path as apiPath, useLoad } from "./api";
import { count, eventWords, family, familyWords, metres } from "./format";
import { Empty, useMore } from "./parts";
import { instrument, opened } from "./state";
import { FAMILIES, shade } from "./timeline";
import type { Geometry, Incident } from "./types";

interface Base {
  source: string;
  topology: Topology;
  disputed: GeoJSON.FeatureCollection;
}

const W = 900, HGT = 600;
const EXTENT: GeoJSON.MultiPoint = { type: "MultiPoint", coordinates: [[21.5, 44.0], [40.6, 44.0], [40.6, 52.5], [21.5, 52.5]] };

const CITIES: [string, number, number, boolean?][] = [
  ["Kyiv", 50.45, 30.52, true], ["Kharkiv", 49.99, 36.23], ["Odesa", 46.48, 30.73], ["Dnipro", 48.46, 35.04], ["Lviv", 49.84, 24.03],
  ["Donetsk", 48.0, 37.8], ["Luhansk", 48.57, 39.31], ["Zaporizhzhia", 47.84, 35.14], ["Kherson", 46.64, 32.61], ["Simferopol", 44.95, 34.1],
  ["Mykolaiv", 46.97, 32.0], ["Sumy", 50.91, 34.8], ["Chernihiv", 51.49, 31.29], ["Poltava", 49.59, 34.55], ["Vinnytsia", 49.23, 28.47],
  ["Kursk", 51.73, 36.19], ["Belgorod", 50.6, 36.59], ["Rostov", 47.24, 39.71], ["Chișinău", 47.01, 28.86], ["Minsk", 53.9, 27.56], ["Warsaw", 52.23, 21.01],
];
const COUNTRIES: [string, number, number][] = [
  ["UKRAINE", 49.35, 31.6], ["RUSSIA", 51.6, 39.6], ["BELARUS", 52.45, 28.2], ["POLAND", 51.0, 22.3], ["ROMANIA", 45.9, 25.4], ["MOLDOVA", 47.55, 28.35],
];

interface Group {
  key: string;
  name: string;
  lon: number;
  lat: number;
  radius: number;
  incidents: Incident[];
  attributed: number;
}

function groups(list: Incident[]): { placed: Group[]; unplaced: Incident[] } {
  const by = new Map<string, Group>();
  const unplaced: Incident[] = [];
  for (const i of list) {
    const p = i.place;
    if (p?.lat === undefined || p.lon === undefined || (p.radius_m ?? 0) > MOST_M) {
      unplaced.push(i);
      continue;
    }
    const key = `${p.lon},${p.lat},${p.radius_m ?? 0}`;
    let g = by.get(key);
    if (!g) by.set(key, (g = { key, name: p.name || `${p.lat}, ${p.lon}`, lon: p.lon, lat: p.lat, radius: p.radius_m ?? 0, incidents: [], attributed: 0 }));
    g.incidents.push(i);
    if (i.attributions.length > 0) g.attributed++;
  }
  // Wide circles first, so that narrow ones lie on top.
  return { placed: [...by.values()].sort((a, b) => b.radius - a.radius || b.incidents.length - a.incidents.length), unplaced };
}

const WIDE_M = 20_000; // from here on a dot would pretend
const MOST_M = 400_000; // wider than this is a country, not a place
const EARTH = 6_371_008.8;
const circle = (g: Group) => geoCircle().center([g.lon, g.lat]).radius((g.radius / EARTH) * (180 / Math.PI)).precision(4)();

function usePan() {
  const [t, set] = useState({ k: 1, x: 0, y: 0 });
  const clamp = (k: number, x: number, y: number) => {
    const kk = Math.min(12, Math.max(1, k));
    return { k: kk, x: Math.min(0, Math.max(W * (1 - kk), x)), y: Math.min(0, Math.max(HGT * (1 - kk), y)) };
  };
  const zoom = (by: number, cx = W / 2, cy = HGT / 2) =>
    set((o) => {
      const k = Math.min(12, Math.max(1, o.k * by));
      return clamp(k, cx - ((cx - o.x) * k) / o.k, cy - ((cy - o.y) * k) / o.k);
    });
  const pan = (dx: number, dy: number) => set((o) => clamp(o.k, o.x + dx, o.y + dy));
  const centre = (px: number, py: number) => set((o) => clamp(Math.max(o.k, 3), W / 2 - px * Math.max(o.k, 3), HGT / 2 - py * Math.max(o.k, 3)));
  return { t, zoom, pan, centre, reset: () => set({ k: 1, x: 0, y: 0 }) };
}

export function MapView({ incidents, total }: { incidents: Incident[]; total: number }) {
  const base = useLoad<Base>("/basemap.json");
  const zones = useLoad<Geometry>(instrument.value ? apiPath(`agreements/${encodeURIComponent(instrument.value)}/geometry`) : null);
  const [hidden, hide] = useState<string[]>([]);
  const [chosen, choose] = useState<string | null>(null);
  const [showZones, setZones] = useState(false);
  const view = usePan();
  const drag = useRef<{ x: number; y: number } | null>(null);
  const svg = useRef<SVGSVGElement>(null);

  const projection = useMemo(() => geoConicConformal().rotate([-31.5, 0]).parallels([46, 51]).fitExtent([[8, 8], [W - 8, HGT - 8]], EXTENT).clipExtent([[-W, -HGT], [2 * W, 2 * HGT]]), []);
  const draw = useMemo(() => geoPath(projection), [projection]);
  const land = useMemo(() => {
    if (!base.data) return null;
    const t = base.data.topology;
    const all = feature(t, t.objects.countries as GeometryCollection<{ name: string }>).features;
    return {
      countries: all.map((f) => ({ name: f.properties.name, d: draw(f) ?? "", home: f.properties.name === "Ukraine" })),
      disputed: base.data.disputed.features.map((f) => draw(f) ?? ""),
      graticule: draw(geoGraticule().step([5, 2.5]).extent([[5, 38], [60, 62]])()) ?? "",
    };
  }, [base.data, draw]);

  // Only with Ctrl: a wheel alone scrolls the page.
  useEffect(() => {
    const el = svg.current;
    if (!el) return;
    const wheel = (e: WheelEvent) => {
      if (!e.ctrlKey && !e.metaKey) return;
      e.preventDefault();
      const box = el.getBoundingClientRect();
      view.zoom(e.deltaY < 0 ? 1.25 : 0.8, ((e.clientX - box.left) / box.width) * W, ((e.clientY - box.top) / box.height) * HGT);
    };
    el.addEventListener("wheel", wheel, { passive: false });
    return () => el.removeEventListener("wheel", wheel);
  }, [land]);

  const present = FAMILIES.filter((f) => incidents.some((i) => (FAMILIES.includes(family(i.event)) ? family(i.event) : "other") === f));
  const { placed, unplaced } = useMemo(
    () => groups(incidents.filter((i) => !hidden.includes(FAMILIES.includes(family(i.event)) ? family(i.event) : "other"))),
    [incidents, hidden],
  );
  const k = view.t.k;
  const selected = placed.find((g) => g.key === chosen);

  const key = (e: KeyboardEvent) => {
    const moves: Record<string, () => void> = {
      "+": () => view.zoom(1.5), "=": () => view.zoom(1.5), "-": () => view.zoom(1 / 1.5), "0": view.reset,
      ArrowLeft: () => view.pan(80, 0), ArrowRight: () => view.pan(-80, 0), ArrowUp: () => view.pan(0, 80), ArrowDown: () => view.pan(0, -80),
    };
    if (!moves[e.key]) return;
    moves[e.key]();
    e.preventDefault();
  };

  return (
    <div class="map-wrap">
      <div class="map-tools">
        <fieldset class="chips">
          <legend class="sr">Kinds shown</legend>
          {present.map((f) => (
            <label key={f}>
              <input type="checkbox" checked={!hidden.includes(f)} onChange={() => hide(hidden.includes(f) ? hidden.filter((h) => h !== f) : [...hidden, f])} />
              <i class={shade(f)} /> {familyWords(f)}
            </label>
          ))}
        </fieldset>
        {!!zones.data?.zones.length && (
          <label class="check"><input type="checkbox" checked={showZones} onChange={() => setZones(!showZones)} /> Zones of the text</label>
        )}
      </div>
      <div class="map-frame">
        <svg
          ref={svg} class="map" viewBox={`0 0 ${W} ${HGT}`} tabindex={0} role="application" aria-roledescription="map"
          aria-label={`Map of ${count(incidents.length, "incident")}. Plus and minus zoom, arrow keys move, 0 resets. The list of places holds the same.`}
          onKeyDown={key}
          onPointerDown={(e) => { drag.current = { x: e.clientX, y: e.clientY }; }}
          onPointerMove={(e) => {
            if (!drag.current || !(e.buttons & 1)) return;
            const scale = W / svg.current!.getBoundingClientRect().width;
            view.pan((e.clientX - drag.current.x) * scale, (e.clientY - drag.current.y) * scale);
            drag.current = { x: e.clientX, y: e.clientY };
          }}
          onPointerUp={() => (drag.current = null)}
        >
          <defs>
            <clipPath id="frame"><rect width={W} height={HGT} /></clipPath>
          </defs>
          <rect class="sea" width={W} height={HGT} />
          <g clip-path="url(#frame)">
            <g transform={`translate(${view.t.x} ${view.t.y}) scale(${k})`}>
              {land && (
                <>
                  <path class="graticule" d={land.graticule} vector-effect="non-scaling-stroke" />
                  {land.countries.map((c) => <path key={c.name} class={c.home ? "land home" : "land"} d={c.d} vector-effect="non-scaling-stroke" />)}
                  {land.disputed.map((d) => <path key={d} class="disputed" d={d} vector-effect="non-scaling-stroke" />)}
                </>
              )}
              {showZones && zones.data?.zones.map((z) => <path key={z.name} class="zone" d={draw(z.geojson) ?? ""} vector-effect="non-scaling-stroke" />)}
              <Labels project={projection} k={k} />
              {placed.map((g) => <Mark key={g.key} g={g} k={k} on={g.key === chosen} project={projection} draw={draw} choose={() => choose(g.key === chosen ? null : g.key)} />)}
            </g>
          </g>
        </svg>
        <div class="map-buttons" role="group" aria-label="Map">
          <button type="button" aria-label="Zoom in" onClick={() => view.zoom(1.5)}>+</button>
          <button type="button" aria-label="Zoom out" onClick={() => view.zoom(1 / 1.5)}>−</button>
          <button type="button" aria-label="Whole map" onClick={view.reset}>⌂</button>
        </div>
      </div>
      <p class="map-key">
        <span><svg width="26" height="14" aria-hidden="true"><circle cx="13" cy="7" r="6" class="error attributed" /></svg> somewhere within, as its source says</span>
        <span><svg width="26" height="14" aria-hidden="true"><circle cx="13" cy="7" r="6" class="error" /></svg> the same, nobody named</span>
        <span><svg width="26" height="14" aria-hidden="true"><line x1="1" x2="25" y1="7" y2="7" class="disputed" /></svg> disputed or administrative line</span>
      </p>
      {selected && <Chosen g={selected} close={() => choose(null)} />}
      <Places placed={placed} chosen={chosen} pick={(g) => { choose(g.key); const p = projection([g.lon, g.lat]); if (p) view.centre(p[0], p[1]); }} />
      {unplaced.length > 0 && (
        <p class="note">{count(unplaced.length, "incident")} cannot be drawn: {unplaced.length === 1 ? "its place is" : "their places are"} only a name, or as wide as a country ({[...new Set(unplaced.map((i) => i.place?.name || "none"))].slice(0, 4).join(", ")}).</p>
      )}
      {total > incidents.length && <p class="note">The first {incidents.length} of {total} incidents are drawn.</p>}
      <p class="note">
        Boundaries are no statement on status. Base map: {base.data?.source ?? "Natural Earth"}; Crimea is drawn as part of Ukraine
        (UN General Assembly resolution 68/262), with the line at its north dashed. Other areas under occupation are named, not drawn: no line
        that may be redistributed is dated to these hours.
      </p>
    </div>
  );
}

type Project = ReturnType<typeof geoConicConformal>;

function Labels({ project, k }: { project: Project; k: number }) {
  const at = (lat: number, lon: number) => project([lon, lat]) ?? [0, 0];
  return (
    <g class="labels" aria-hidden="true">
      {COUNTRIES.map(([name, lat, lon]) => {
        const [x, y] = at(lat, lon);
        return <text key={name} class="country" x={x} y={y} font-size={13 / k}>{name}</text>;
      })}
      {CITIES.map(([name, lat, lon, capital]) => {
        const [x, y] = at(lat, lon);
        return (
          <g key={name}>
            <circle cx={x} cy={y} r={(capital ? 2.6 : 1.8) / k} class="city" />
            <text class="city-name" x={x + 5 / k} y={y + 4 / k} font-size={11.5 / k}>{name}</text>
          </g>
        );
      })}
      <text class="status" x={at(45.25, 34.2)[0]} y={at(45.25, 34.2)[1]} font-size={10.5 / k}>Crimea (Ukraine), occupied since 2014</text>
      <text class="status" x={at(48.86, 39.15)[0]} y={at(48.86, 39.15)[1]} font-size={10.5 / k}>occupied in part</text>
      <text class="status" x={at(47.12, 35.9)[0]} y={at(47.12, 35.9)[1]} font-size={10.5 / k}>occupied in part</text>
    </g>
  );
}

// A wide circle has no dot at its middle: nothing is known to have happened there.
function Mark({ g, k, on, project, draw, choose }: { g: Group; k: number; on: boolean; project: Project; draw: ReturnType<typeof geoPath>; choose: () => void }) {
  const [x, y] = project([g.lon, g.lat]) ?? [0, 0];
  const n = g.incidents.length;
  const wide = g.radius >= WIDE_M;
  const size = (n === 1 ? 4.5 : 6.5 + Math.min(7, Math.sqrt(n))) / k;
  const found = new Set(g.incidents.map((i) => family(i.event)));
  const kind = found.size === 1 ? [...found][0] : "other";
  const cls = `${g.attributed > 0 ? "attributed" : ""} ${on ? "on" : ""} ${wide ? "wide" : ""}`;
  const w = (n > 9 ? 22 : 16) / k, h = 16 / k;
  return (
    <g class={`mark ${cls}`} onClick={choose} aria-hidden="true">
      {g.radius > 0 && <path class={`error ${cls}`} d={draw(circle(g)) ?? ""} vector-effect="non-scaling-stroke" />}
      {wide ? <rect class="pill" x={x - w / 2} y={y - h / 2} width={w} height={h} rx={8 / k} vector-effect="non-scaling-stroke" />
        : <circle class={`${shade(kind)} centre`} cx={x} cy={y} r={size} vector-effect="non-scaling-stroke" />}
      {(wide || n > 1) && <text x={x} y={y + 3.7 / k} font-size={(n > 99 ? 9 : 10.5) / k} text-anchor="middle" class={wide ? "in-wide" : `in-${kind}`}>{n}</text>}
      <title>{`${g.name}: ${count(n, "incident")}, ${metres(g.radius)}, ${g.attributed} with an attribution`}</title>
    </g>
  );
}

function Chosen({ g, close }: { g: Group; close: () => void }) {
  return (
    <div class="picked">
      <p>
        <strong>{g.name}</strong> <span class="quiet">{metres(g.radius)} · {count(g.incidents.length, "incident")}</span>
        <button type="button" class="plain" onClick={close}>Close</button>
      </p>
      <ul>
        {g.incidents.slice(0, 12).map((i) => (
          <li key={i.id}>
            <button type="button" class="why" onClick={() => (opened.value = { kind: "incident", id: i.id })}>
              {eventWords(i.event)}
            </button>{" "}
            <span class="quiet">{i.attributions[0] ? `attributed to ${i.attributions.map((a) => a.party).join(" and ")}` : "unattributed"}</span>
          </li>
        ))}
        {g.incidents.length > 12 && <li class="quiet">and {g.incidents.length - 12} more, under Incidents</li>}
      </ul>
    </div>
  );
}

function Places({ placed, chosen, pick }: { placed: Group[]; chosen: string | null; pick: (g: Group) => void }) {
  const list = useMemo(() => [...placed].sort((a, b) => b.incidents.length - a.incidents.length || a.name.localeCompare(b.name)), [placed]);
  const [shown, more] = useMore(list.length, 20);
  if (list.length === 0) return <Empty>No incident has a place that can be drawn.</Empty>;
  return (
    <details class="places">
      <summary>{count(list.length, "place")}, as a list</summary>
      <ul>
        {list.slice(0, shown).map((g) => (
          <li key={g.key}>
            <button type="button" class="why" aria-pressed={g.key === chosen} onClick={() => pick(g)}>{g.name}</button>{" "}
            <span class="quiet">{count(g.incidents.length, "incident")}, {metres(g.radius)}, {g.attributed} attributed</span>
          </li>
        ))}
      </ul>
      {more}
    </details>
  );
}
