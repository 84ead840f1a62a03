// node build.mjs [--out DIR]: the page into web/dist. Names of scripts and styles carry a hash of their
// content, so a browser may keep them for ever; each file that shrinks gets a .gz twin.
import { build } from "esbuild";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { basemap } from "./basemap.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = process.argv.includes("--out") ? process.argv[process.argv.indexOf("--out") + 1] : join(here, "dist");
const out = `${dist}.${process.pid}`; // complete before it takes its place: two builds never mix
const BUDGET = 800_000; // bytes, compressed, everything together

mkdirSync(out, { recursive: true });

const { metafile } = await build({
  entryPoints: { app: join(here, "src/main.tsx"), style: join(here, "src/style.css") },
  outdir: out,
  absWorkingDir: here,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2021",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  metafile: true,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
});
const outputOf = (entry) =>
  "/" + basename(Object.entries(metafile.outputs).find(([, o]) => o.entryPoint === entry)[0]);

const html = readFileSync(join(here, "index.html"), "utf8")
  .replace("{{css}}", outputOf("src/style.css"))
  .replace("{{js}}", outputOf("src/main.tsx"));
writeFileSync(join(out, "basemap.json"), JSON.stringify(basemap()));
writeFileSync(join(out, "icon.svg"), readFileSync(join(here, "icon.svg")));
writeFileSync(join(out, "index.html"), html);

let plain = 0, packed = 0;
for (const name of readdirSync(out).sort()) {
  const bytes = readFileSync(join(out, name));
  const gz = gzipSync(bytes, { level: 9 });
  plain += bytes.length;
  packed += Math.min(gz.length, bytes.length);
  if (gz.length < bytes.length * 0.9) writeFileSync(join(out, `${name}.gz`), gz);
}
if (packed > BUDGET) throw new Error(`the page is ${packed} bytes compressed, over its budget of ${BUDGET}`);
if (statSync(join(out, "index.html")).size > 2000) throw new Error("index.html has grown: nothing may be inline in it");
rmSync(dist, { recursive: true, force: true });
renameSync(out, dist);
console.log(`web: ${plain} bytes, ${packed} compressed`);
