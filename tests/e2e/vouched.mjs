// Who vouches for the record, on the page: unwitnessed until a witness of either side has cosigned, then witnessed, at once.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { start } from "./browser.mjs";
import { accessible, open } from "./parts.mjs";

const SIDES = ["alpha", "bravo"];

export async function vouched({ checks, browser, axe, surety, db, agreement, shots }) {
  const folder = dirname(db), log = join(folder, "record/log.vkey"), ports = {};
  const witness = (side) =>
    start(surety, ["record", "witness", "--db", join(folder, `${side}.db`), "--name", `${side}.example/w`, "--log", log, "--port", ports[side] ?? "0"]);
  // Each side's witness introduces itself and is then away for a while: the policy says who must cosign, and where they are to be found.
  const lines = [`log ${readFileSync(log, "utf8").trim()}`];
  for (const side of SIDES) {
    const first = await witness(side);
    lines.push(`witness ${side} ${first.said().match(/surety: witness (\S+) at/)[1]} ${first.url}`);
    ports[side] = new URL(first.url).port;
    await first.stop();
  }
  writeFileSync(`${db}.policy`, [...lines, "group both-sides all alpha bravo", "quorum both-sides", ""].join("\n"));
  const served = await start(surety, ["serve", "--db", db, "--port", "0", agreement]);
  const { page, said, close } = await open({ browser, url: served.url });
  const shot = async (name) => shots && page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  const main = () => page.locator("main").innerText();
  const why = async () => {
    await page.getByRole("link", { name: "Duties", exact: true }).click();
    await page.locator("tbody .why").first().click();
    await page.locator("dialog .vouched").waitFor();
    return page.locator("dialog .vouched").innerText();
  };

  await checks.part("unwitnessed", page, async () => {
    await page.getByRole("link", { name: "Record", exact: true }).click();
    await page.locator("main .state-unwitnessed").waitFor();
    const told = await main();
    checks.ok(/cosigned by 0 of 2 witnesses, which is no quorum/.test(told) && /Not operative/.test(told), "the record's panel says that it is unwitnessed, and why", told);
    checks.ok((await page.locator("main td", { hasText: "not cosigned" }).count()) === 2, "it names each witness that has not cosigned");
    checks.ok(/both-sides\s+quorum/.test(told) && /not reached/.test(told), "and the group that is not reached");
    checks.ok(/unwitnessed/.test(await page.locator(".live").innerText()), "the head of every panel says so too");
    await accessible(checks, page, axe, "record, unwitnessed");
    await shot("record-unwitnessed");
    const beside = await why();
    checks.ok(/unwitnessed/.test(beside) && /checkpoint of/.test(beside), "beside a verdict it stands as well", beside);
    await accessible(checks, page, axe, "a verdict, unwitnessed");
    await shot("verdict-unwitnessed");
    await page.keyboard.press("Escape");
  });

  const present = [];
  for (const side of SIDES) present.push(await witness(side));
  await promisify(execFile)(surety, ["record", "cosign", "--db", db]).catch(() => {}); // the page tells how it went

  await checks.part("witnessed", page, async () => {
    await page.locator(".live", { hasText: "· witnessed" }).waitFor({ timeout: 30_000 });
    checks.ok(true, "when the quorum is reached the page says so by itself");
    await page.getByRole("link", { name: "Record", exact: true }).click();
    await page.locator("main .state-witnessed").waitFor();
    const told = await main();
    checks.ok(/Operative: the quorum/.test(told) && /cosigned by 2 of 2 witnesses/.test(told), "the record's panel says that it is operative, and by whom", told);
    checks.ok((await page.locator("main tbody time").count()) === 3 && !/not (cosigned|reached|operative)/.test(told), "each witness and the quorum has its moment", told);
    const size = readFileSync(join(folder, "record/checkpoint"), "utf8").split("\n")[1];
    checks.ok(told.replace(/\s/g, "").includes(`Checkpoint${size}entr`), "it says at which size", `${size} in ${told}`);
    await accessible(checks, page, axe, "record, witnessed");
    await shot("record-witnessed");
    const beside = await why();
    checks.ok(/witnessed/.test(beside) && !/unwitnessed/.test(beside) && /since/.test(beside), "beside a verdict as well", beside);
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 375, height: 760 });
    await page.goto(`${served.url}#/record`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    checks.ok(over <= 1, "narrow record: no scrolling sideways", `${over} px too wide`);
    await shot("narrow-record");
  });
  checks.ok(said.length === 0, "the console stays quiet over the record", said.join(" | "));
  await close();
  for (const one of [served, ...present]) await one.stop();
}
