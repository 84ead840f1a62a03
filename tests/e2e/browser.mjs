// Finds Chromium and Node's parts, starts the program, and counts what passes. No test framework: each
// check is one sentence with one condition, and a failure takes a picture.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

export function findChromium() {
  const candidates = [process.env.SURETY_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  return candidates.find((c) => c && existsSync(c));
}

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--force-color-profile=srgb", "--hide-scrollbars",
];

export async function launch(executablePath) {
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath, args: FLAGS });
}

// Starts a command that prints "open http://…" and waits for that line.
export async function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let said = "";
  const url = await new Promise((resolve, reject) => {
    const seen = (chunk) => {
      said += chunk;
      const m = said.match(/http:\/\/\S+/);
      if (m) resolve(m[0]);
    };
    child.stdout.on("data", seen);
    child.stderr.on("data", seen);
    child.on("exit", (code) => reject(new Error(`${command} stopped with ${code}:\n${said}`)));
    setTimeout(() => reject(new Error(`${command} said nothing of an address within 60 s:\n${said}`)), 60_000).unref();
  });
  const stop = () =>
    new Promise((resolve) => {
      child.removeAllListeners("exit");
      if (child.exitCode !== null) return resolve(child.exitCode);
      child.on("exit", resolve);
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 5000).unref();
    });
  return { url, stop, child, said: () => said };
}

export class Checks {
  passed = 0;
  failures = [];
  constructor(folder) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }
  ok(condition, sentence, detail = "") {
    if (condition) this.passed++;
    else {
      this.failures.push(sentence);
      console.log(`FAILED: ${sentence}${detail ? `\n        ${detail}` : ""}`);
    }
  }
  // A part that throws is one failure, with a picture of the page, and the next part still runs.
  async part(name, page, body) {
    try {
      await body();
    } catch (e) {
      this.ok(false, `${name}: ${String(e.message ?? e).split("\n").slice(0, 6).join(" | ")}`);
      await page?.screenshot({ path: join(this.folder, `failed-${name.replace(/\W+/g, "-")}.png`) }).catch(() => {});
    }
  }
  report(skipped = 0) {
    console.log(`e2e: ${this.passed} passed, ${this.failures.length} failed, ${skipped} skipped`);
    return this.failures.length === 0 ? 0 : 1;
  }
}
