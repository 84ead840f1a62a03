// node run.mjs --surety PROGRAM [--url URL] [--picture FILE] [--shots DIR] [--only WALK]
//
// Starts `surety serve` on a free port with a database made from examples/, walks through every panel
// with mouse and with keyboard alone, checks accessibility, and takes the README's picture.
// Without Chromium or the node packages it says how many checks it skips and succeeds.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Checks, findChromium, launch, start } from "./browser.mjs";
import { narrow, keyboard, panels, truth } from "./parts.mjs";
import { session } from "./session.mjs";
import { vouched } from "./vouched.mjs";

const option = (name) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const wanted = (walk) => !option("only") || option("only") === walk.name;
const CHECKS = 94; // about how many are skipped when the browser is missing

function missing() {
  if (!findChromium()) return "chromium is not installed (apt-get install --no-install-recommends chromium)";
  if (!existsSync(join(here, "node_modules/playwright-core"))) return "node packages are missing (npm ci in tests/e2e)";
  if (!option("url") && !existsSync(option("surety") ?? "")) return "no program: --surety build/release/surety";
  return null;
}

const examples = (folder, wanted) =>
  readdirSync(join(root, "examples", folder)).filter(wanted).sort().map((f) => join(root, "examples", folder, f));

// A database of the examples' evidence, in a folder of its own.
function database(surety, folder) {
  const db = join(folder, "surety.db");
  const evidence = [
    ...examples("truces-2025", (f) => f.endsWith(".ndjson") && !f.startsWith("hypothetical")),
    ...examples("paris-2026", (f) => f.endsWith(".ndjson")),
  ];
  execFileSync(surety, ["import", "--db", db, ...evidence], { stdio: ["ignore", "ignore", "inherit"] });
  return db;
}

async function server(folder) {
  if (option("url")) return { url: option("url"), stop: async () => 0 };
  const surety = option("surety");
  const db = database(surety, folder);
  const agreements = readdirSync(join(root, "agreements")).filter((f) => f.endsWith(".treaty")).sort().map((f) => join(root, "agreements", f));
  const assumed = examples("truces-2025", (f) => f.startsWith("hypothetical") && f.endsWith(".ndjson") && !f.includes("mirror")).flatMap((f) => ["--assume", f]);
  return start(surety, ["serve", "--db", db, "--port", "0", ...assumed, ...agreements]);
}

// A walk with a server of its own, and little to derive.
async function apart(walk, context) {
  const surety = option("surety"), db = join(mkdtempSync(join(folder, "apart-")), "s.db");
  execFileSync(surety, ["import", "--db", db, join(root, "examples/truces-2025/air-attacks.ndjson")], { stdio: "ignore" });
  await walk({ ...context, surety, db, agreement: join(root, "agreements/easter-truce-2025.treaty") });
}

const reason = missing();
if (reason) {
  console.log(`e2e: 0 passed, 0 failed, ${CHECKS} skipped: ${reason}`);
  process.exit(process.env.SURETY_E2E_REQUIRED ? 1 : 0);
}

const folder = mkdtempSync(join(tmpdir(), "surety-e2e-"));
const checks = new Checks(option("shots") ?? join(folder, "shots"));
const served = await server(folder);
const browser = await launch(findChromium());
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
try {
  const context = { checks, browser, url: served.url, axe, shots: option("shots"), picture: option("picture") };
  for (const walk of [truth, panels, keyboard, narrow]) if (wanted(walk)) await walk(context);
  if (!option("url")) for (const walk of [session, vouched]) if (wanted(walk)) await apart(walk, context);
} finally {
  await browser.close();
  const code = await served.stop();
  if (!option("url")) checks.ok(code === 0, "the server stops cleanly when it is told to", `exit code ${code}`);
}
const code = checks.report();
if (code === 0) rmSync(folder, { recursive: true, force: true });
else console.log(`pictures of failures: ${checks.folder} in ${dirname(folder)}`);
process.exit(code);
