// Logging in and out. Shown only where the server has accounts; the session itself is in a cookie that
// this script cannot read, and nothing that was typed is kept.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { loadIndex } from "./api";
import { revision } from "./state";

interface Session {
  accounts: boolean;
  account: string;
  role: string;
  of: string;
}

export const session = signal<Session | null>(null);

export async function loadSession(): Promise<void> {
  const answer = await fetch("/api/v1/session", { headers: { Accept: "application/json" } });
  if (answer.ok) session.value = await answer.json();
}

// What this reader may know has changed: everything is asked for again.
async function again(answer: Response): Promise<void> {
  session.value = await answer.json();
  await loadIndex();
  revision.value = revision.value + 0.5; // another number, so that every panel reads anew
}

async function logOut(): Promise<void> {
  const answer = await fetch("/api/v1/session", { method: "DELETE" });
  if (answer.ok) await again(answer);
  else await loadSession(); // it had ended already
}

function Form({ close }: { close: () => void }) {
  const [problem, say] = useState("");
  const [busy, wait] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLInputElement>("[name=account]")?.focus(), []);
  async function logIn(e: Event) {
    e.preventDefault();
    const f = new FormData(form.current!);
    const body = JSON.stringify({ account: f.get("account"), password: f.get("password"), code: String(f.get("code")).replace(/\s/g, "") });
    wait(true);
    const answer = await fetch("/api/v1/session", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => null);
    wait(false);
    if (answer?.ok) {
      close();
      return again(answer);
    }
    const told = (await answer?.json().catch(() => null))?.error;
    say(told ? `${told.message}: ${told.help}.` : "The server does not answer.");
    form.current?.querySelector<HTMLInputElement>("[name=code]")?.select();
  }
  return (
    <form class="log-in" ref={form} onSubmit={logIn} aria-label="Log in">
      <label class="field">
        <span>Account</span>
        <input name="account" autocomplete="username" autocapitalize="none" spellcheck={false} required />
      </label>
      <label class="field">
        <span>Password</span>
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <label class="field">
        <span>Code, six digits</span>
        <input name="code" inputMode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,7}" required />
      </label>
      <button class="plain" disabled={busy}>{busy ? "Checking" : "Log in"}</button>
      <button class="plain" type="button" onClick={close}>Cancel</button>
      <p role="alert">{problem}</p>
    </form>
  );
}

export function SessionBar() {
  const [open, show] = useState(false);
  const s = session.value;
  if (!s?.accounts) return null;
  if (open && !s.account) return <Form close={() => show(false)} />;
  return (
    <p class="session">
      {s.account ? (
        <>
          {s.account} <span class="quiet">({s.role}{s.of ? ` of ${s.of}` : ""})</span>{" "}
          <button type="button" class="plain" onClick={logOut}>Log out</button>
        </>
      ) : (
        <button type="button" class="plain" onClick={() => show(true)}>Log in</button>
      )}
    </p>
  );
}
