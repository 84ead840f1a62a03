// Reading the interface. Old data stays on the page while newer is fetched; the browser's own cache
// answers with ETags.
import { useEffect, useState } from "preact/hooks";
import { index, instrument, instruments, knownAt, live, revision, view } from "./state";
import type { AgreementHead, Index, Page } from "./types";

export interface Problem {
  code: string;
  message: string;
  help?: string;
}
export interface Loaded<T> {
  data?: T;
  problem?: Problem;
  loading: boolean;
}

export async function get<T>(path: string): Promise<T> {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body as T;
  throw (body?.error as Problem) ?? { code: "web.no-answer", message: `the server answered ${answer.status}` };
}

// The path with the view and moment of knowing that the page is set to.
export function path(list: string, more: Record<string, string | undefined> = {}): string {
  const q = new URLSearchParams();
  if (view.value !== "actual") q.set("exercise", view.value);
  if (knownAt.value) q.set("known_at", knownAt.value);
  for (const [name, value] of Object.entries(more)) if (value) q.set(name, value);
  const text = q.toString();
  return `/api/v1/${list}${text ? `?${text}` : ""}`;
}

export const ofInstrument = (list: string, more: Record<string, string | undefined> = {}) =>
  path(list, { instrument: instrument.value, ...more });

export function useLoad<T>(url: string | null): Loaded<T> {
  const [state, set] = useState<Loaded<T> & { url?: string | null }>({ loading: true });
  const asOf = revision.value;
  useEffect(() => {
    if (!url) return set({ loading: false });
    let stale = false;
    set((old) => ({ data: old.url === url ? old.data : undefined, loading: true, url }));
    get<T>(url).then(
      (data) => !stale && set({ data, loading: false, url }),
      (e: Problem) => !stale && set({ problem: e.code ? e : { code: "web.offline", message: "the server does not answer" }, loading: false, url }),
    );
    return () => {
      stale = true;
    };
  }, [url, asOf]);
  return state;
}

export async function loadIndex(): Promise<void> {
  const [first, list] = await Promise.all([get<Index>("/api/v1"), get<Page<AgreementHead>>(path("agreements"))]);
  index.value = first;
  instruments.value = list.items;
  if (!list.items.some((i) => i.name === instrument.value)) {
    const dated = list.items.find((i) => i.from && i.until);
    instrument.value = (dated ?? list.items[0])?.name ?? "";
  }
  revision.value = first.revision;
}

// Server-sent events; the browser reconnects by itself.
export function follow(): void {
  const events = new EventSource("/api/v1/events");
  events.onopen = () => {
    live.value = "live";
  };
  events.onerror = () => {
    live.value = "lost";
  };
  events.addEventListener("world", (e) => {
    live.value = "live";
    const now = JSON.parse((e as MessageEvent<string>).data) as { revision: number; size?: number; vouched_for?: string };
    const known = index.value;
    if (now.revision !== revision.value) loadIndex().catch(() => (live.value = "lost"));
    // Nothing new was said, but the record has another checkpoint, or others vouch for it.
    else if (known && (now.vouched_for !== known.vouched_for || now.size !== known.vouching?.size)) {
      get<Index>("/api/v1").then((i) => (index.value = i), () => (live.value = "lost"));
    }
  });
}
