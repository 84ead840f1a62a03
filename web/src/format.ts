// Words, times and numbers as a person reads them. Times carry their zone everywhere.
import { zone } from "./state";
import type { Amount, Field } from "./types";

const formats = new Map<string, Intl.DateTimeFormat>();
function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([zone.value, options]);
  let f = formats.get(key);
  if (!f) formats.set(key, (f = new Intl.DateTimeFormat("en-GB", { timeZone: zone.value, hourCycle: "h23", ...options })));
  return f;
}

export const bounded = (t: string | null | undefined): t is string => !!t && t !== "-";

export function when(t: string | null | undefined): string {
  if (!bounded(t)) return "–";
  return formatter({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(t)).replace(",", "");
}
export const day = (t: string | Date) => formatter({ weekday: "short", day: "numeric", month: "short" }).format(new Date(t));
const year = (t: string) => formatter({ year: "numeric" }).format(new Date(t));
export const clock = (t: string | Date) => formatter({ hour: "2-digit", minute: "2-digit" }).format(new Date(t));
export const hourOf = (t: Date) => Number(formatter({ hour: "2-digit" }).format(t));

export function between(from: string, to: string): string {
  if (!bounded(to) || from === to) return when(from);
  const sameDay = day(from) === day(to);
  if (sameDay) return `${when(from)} – ${clock(to)}`;
  const sameYear = year(from) === year(to);
  return `${sameYear ? when(from).replace(` ${year(from)}`, "") : when(from)} – ${when(to)}`;
}

// "Moscow time (UTC+3)"
export function zoneWords(): string {
  if (zone.value === "UTC") return "UTC";
  const city = zone.value.split("/").pop()!.replace(/_/g, " ");
  return `${city} time`;
}

const words: Record<string, string> = {
  "in-force": "in force",
  "non-use": "No use of force",
  respect: "Respect of borders and sovereignty",
  consultation: "Consultation",
  "council-action": "Action in the Security Council",
  assistance: "Assistance if attacked",
  "military-support": "Military support",
  intelligence: "Intelligence",
  logistics: "Logistics",
  sanctions: "Sanctions",
  diplomacy: "Diplomacy",
  monitoring: "Monitoring",
  findings: "Findings and attribution",
  force: "Force in the country",
  hub: "Hubs and protected storage",
  deliveries: "Deliveries of arms and means",
  production: "Joint production",
  training: "Training",
  reconstruction: "Reconstruction of forces",
  contribution: "Contributions",
  cessation: "Halt of hostilities",
  access: "Access for monitors",
  explanation: "Explanation",
  conclude: "Instruments still to be concluded",
  prosperity: "Prosperity",
  coordination: "Coordination",
};
export const about = (kind: string) => words[kind] ?? label(kind);
export const plain = (w: string) => w.replace(/[-_]/g, " ");
// A text of a person keeps its hyphens; a name of the program's loses them.
export const sentence = (w: string) => w.replace(/^./, (c) => c.toUpperCase());
export const label = (w: string) => sentence(plain(w));
// "Easter-Truce-2025" → "Easter Truce 2025"
export const named = (id: string) => id.replace(/-/g, " ");

const families: Record<string, string> = {
  strike: "Strikes from the air",
  fire: "Fire",
  assault: "Ground assaults",
  explosion: "Explosions",
  alert: "Air-raid alerts",
  movement: "Movements",
  control: "Control of places",
  interference: "Interference",
  casualties: "Casualties",
};
export const family = (event: string) => event.split(".")[0];
export const familyWords = (f: string) => families[f] ?? label(f);
export const eventWords = (event: string) => {
  const [f, ...rest] = event.split(".");
  return rest.length ? `${label(f)}, ${plain(rest.join(" "))}` : label(f);
};

export const count = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString("en-GB").replace(/,/g, " ")} ${n === 1 ? one : many}`;

export function metres(m: number | undefined): string {
  if (!m) return "no error stated";
  return m >= 1000 ? `within ${Math.round(m / 1000)} km` : `within ${m} m`;
}

const grouped = (n: string) => n.replace(/\B(?=(\d{3})+(?!\d))/g, " ");
export function amount(a: Amount | null | undefined): string {
  if (!a) return "–";
  const unit = a.unit ? ` ${a.unit}` : "";
  const figure =
    a.low && a.high ? (a.low === a.high ? grouped(a.low) : `${grouped(a.low)} to ${grouped(a.high)}`)
    : a.high ? `up to ${grouped(a.high)}`
    : a.low ? `at least ${grouped(a.low)}`
    : "";
  if (figure) return figure + unit + (a.words ? ` (“${a.words}”)` : "");
  return a.words ? `“${a.words}”, no figure given` : "–";
}
export function field(f: Field): string {
  if (typeof f === "string") return f;
  if (f.unknown) return "unknown";
  if (f.withheld) return "withheld";
  return amount(f);
}

// "France, UK and 7 more"
export function several(names: string[], most = 3): string {
  if (names.length <= most + 1) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}
