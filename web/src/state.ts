// What the page is looking at. It lives in the address (#/duties?view=…), so that a view can be
// cited, bookmarked and gone back to.
import { computed, effect, signal } from "@preact/signals";
import type { AgreementHead, Index, View } from "./types";

export const PANELS = ["overview", "incidents", "duties", "compare", "pledges", "coverage", "agreement", "record"] as const;
export type Panel = (typeof PANELS)[number];

export const panel = signal<Panel>("overview");
export const view = signal<View>("actual");
export const instrument = signal("");
export const knownAt = signal<string | null>(null);
export const utc = signal(false); // times in UTC, else in the agreement's own zone

export const index = signal<Index | null>(null);
export const instruments = signal<AgreementHead[]>([]);
export const revision = signal(0);
export type Live = "connecting" | "live" | "lost";
export const live = signal<Live>("connecting");

// What the drawer shows: a verdict or an incident, by id.
export const opened = signal<{ kind: "verdict" | "incident"; id: string } | null>(null);

export const current = computed(() => instruments.value.find((i) => i.name === instrument.value) ?? null);
export const zone = computed(() => (utc.value ? "UTC" : (current.value?.zone ?? "UTC")));

const isView = (s: string | null): s is View => s === "actual" || s === "exercise" || s === "hypothetical";

export function readAddress(): void {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const q = new URLSearchParams(query ?? "");
  const name = path as Panel;
  panel.value = PANELS.includes(name) ? name : "overview";
  const v = q.get("view");
  view.value = isView(v) ? v : "actual";
  if (q.get("instrument")) instrument.value = q.get("instrument")!;
  knownAt.value = q.get("known_at");
  utc.value = q.get("zone") === "UTC";
}

export function address(to: Panel): string {
  const q = new URLSearchParams();
  if (view.value !== "actual") q.set("view", view.value);
  if (instrument.value) q.set("instrument", instrument.value);
  if (knownAt.value) q.set("known_at", knownAt.value);
  if (utc.value) q.set("zone", "UTC");
  const text = q.toString();
  return `#/${to}${text ? `?${text}` : ""}`;
}

export function keepAddress(): void {
  addEventListener("hashchange", readAddress);
  effect(() => {
    const wanted = address(panel.value);
    if (location.hash !== wanted) history.replaceState(null, "", wanted);
  });
}
