// Small pieces that every panel uses.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Loaded } from "./api";
import { between, label, plain, sentence, when } from "./format";
import { opened, view } from "./state";
import type { Grade as GradeName, View } from "./types";

const GRADES: GradeName[] = ["claimed", "reported", "corroborated", "verified", "adjudicated"];

// Five steps, filled up to the grade; the word is always beside it.
export function Grade({ of, label }: { of: GradeName; label?: string }) {
  const n = GRADES.indexOf(of) + 1;
  return (
    <span class="grade">
      <svg class="ladder" viewBox="0 0 38 10" width="38" height="10" aria-hidden="true">
        {GRADES.map((_, k) => (
          <rect key={k} x={k * 8} y={8 - k * 2} width="6" height={2 + k * 2} class={k < n ? "on" : "off"} />
        ))}
      </svg>
      {label && <span class="label">{label} </span>}
      {of === "none" ? "none" : of}
    </span>
  );
}

const MARKS: Record<string, string> = {
  dormant: "○", conditional: "◌", "in-force": "◐", triggered: "◑", due: "◕", fulfilled: "✓", breached: "✕",
  suspended: "‖", waived: "–", terminated: "■", void: "∅", undetermined: "?", unwitnessed: "○", witnessed: "●", "witnessed-by-fallback": "◐", holds: "●", fails: "○",
};
export function State({ of, words }: { of: string; words?: string }) {
  const key = of.replace(/[_ ]/g, "-");
  return (
    <span class={`state state-${key}`}>
      <span aria-hidden="true">{MARKS[key] ?? "◆"}</span> {words ?? label(key)}
    </span>
  );
}

export function Exercise({ of }: { of: View | undefined }) {
  if (!of || of === "actual") return null;
  return <span class={`exercise exercise-${of}`}>{of}</span>;
}
// The mark for things that carry no view of their own: what the page was asked for.
export const Asked = () => <Exercise of={view.value} />;

export const Binding = ({ of }: { of: string }) => <span class={`binding binding-${of}`}>{plain(of)}</span>;

export function When({ from, to }: { from: string | null | undefined; to?: string }) {
  if (!from || from === "-") return <span class="quiet">–</span>;
  return (
    <time dateTime={from} title={`${from}${to && to !== from ? ` – ${to}` : ""}`}>
      {to ? between(from, to) : when(from)}
    </time>
  );
}

export function Why({ id, children }: { id: string; children?: ComponentChildren }) {
  return (
    <button type="button" class="why" onClick={() => (opened.value = { kind: "verdict", id })}>
      {children ?? "Why?"}
    </button>
  );
}

export function Panel(props: { title: string; id: string; aside?: ComponentChildren; children: ComponentChildren; class?: string }) {
  return (
    <section class={`card ${props.class ?? ""}`} aria-labelledby={props.id}>
      <header class="card-head">
        <h2 id={props.id}>{props.title}</h2>
        <Asked />
        {props.aside && <div class="aside">{props.aside}</div>}
      </header>
      {props.children}
    </section>
  );
}

export function Ready<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ComponentChildren }) {
  if (of.problem) {
    return (
      <div class="problem" role="alert">
        <strong>{sentence(of.problem.message)}</strong>
        {of.problem.help && <p>{sentence(of.problem.help)}.</p>}
        <code>{of.problem.code}</code>
      </div>
    );
  }
  if (!of.data) return <p class="quiet pad" role="status">Reading…</p>;
  return <>{children(of.data)}</>;
}

export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;

// Long lists show their first rows; the rest on demand.
export function useMore(total: number, first = 40): [number, ComponentChildren] {
  const [n, set] = useState(first);
  const shown = Math.min(n, total);
  const more = shown < total && (
    <p class="more">
      <button type="button" class="plain" onClick={() => set(n + first * 5)}>
        Show more ({total - shown} left)
      </button>
    </p>
  );
  return [shown, more];
}
