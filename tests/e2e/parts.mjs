// The walks. Each takes { checks, browser, url, axe } and leaves nothing open.
import { join } from "node:path";

const PANELS = ["Situation", "Incidents", "Duties", "Compare", "Pledges", "Coverage", "Text"];

export async function open({ browser, url }, size = { width: 1440, height: 1000 }, address = "") {
  const context = await browser.newContext({ viewport: size, locale: "en-GB", timezoneId: "Europe/Paris", reducedMotion: "reduce" });
  context.setDefaultTimeout(180_000); // a debug build on a busy machine derives a world in a minute
  const page = await context.newPage();
  const said = [], asked = [];
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && said.push(m.text()));
  page.on("pageerror", (e) => said.push(String(e)));
  page.on("request", (r) => asked.push(r.url()));
  await page.goto(url + address, { waitUntil: "domcontentloaded" });
  await page.waitForSelector("main h1");
  return { page, said, asked, close: () => context.close() };
}

const settled = async (page) => {
  await page.waitForFunction(() => ![...document.querySelectorAll("[role=status]")].some((e) => /^(Reading|Drawing)/.test(e.textContent)));
  await page.waitForTimeout(120);
};

// axe-core is put in through the debugger, which the page's own policy does not bind.
export async function accessible(checks, page, axe, what) {
  if (!(await page.evaluate(() => !!window.axe))) await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const r = await window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return r.violations.map((v) => `${v.id} ×${v.nodes.length}: ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].failureSummary?.split("\n")[1] ?? ""}`);
  });
  checks.ok(found.length === 0, `${what}: axe-core finds no violation`, found.join("\n        "));
}

const pick = (page, name) => page.locator(".bar select").first().selectOption(name);

// What the server says without a browser: policy, errors, and that it only reads.
export async function truth({ checks, url }) {
  await checks.part("the interface", null, async () => {
    const page = await fetch(url);
    const policy = page.headers.get("content-security-policy") ?? "";
    checks.ok(page.status === 200 && /text\/html/.test(page.headers.get("content-type")), "the page is served");
    checks.ok(/script-src 'self'/.test(policy) && !/unsafe|https?:/.test(policy), "the policy allows scripts of this server only", policy);
    checks.ok(!/<script(?![^>]* src=)/.test(await page.text()), "nothing in the page is inline");
    const again = await fetch(url, { headers: { "If-None-Match": page.headers.get("etag") } });
    checks.ok(again.status === 304 || again.status === 200, "an unchanged page is not sent twice");
    const post = await fetch(url + "api/v1/duties", { method: "POST", body: "x" }).catch(() => ({ status: 0 }));
    checks.ok([405, 413].includes(post.status), "writing is refused", `status ${post.status}`);
    const wrong = await fetch(url + "api/v1/duties?known_at=yesterday");
    const body = await wrong.json();
    checks.ok(wrong.status === 400 && body.error.code === "api.bad-query" && body.error.expected, "a wrong query is told what was expected");
    const none = await fetch(url + "api/v1/explain/v-0000");
    checks.ok(none.status === 404, "an unknown verdict is not found", `status ${none.status}`);
    const up = await fetch(url + "record/../api.h");
    checks.ok(up.status === 404, "only the record's own files are served");
    let at = 0, seen = 0, next = 0;
    const ids = new Set();
    while (next !== null && at++ < 200) {
      const list = await (await fetch(`${url}api/v1/incidents?limit=97&offset=${next}`)).json();
      for (const i of list.items) ids.add(i.id);
      seen += list.items.length;
      next = list.next;
    }
    checks.ok(seen > 0 && ids.size === seen, "paging gives every incident once", `${seen} seen, ${ids.size} different`);
  });
}

export async function panels(c) {
  const { checks, axe } = c;
  const { page, said, asked, close } = await open(c);
  const shot = async (name) => c.shots && page.screenshot({ path: join(c.shots, `${name}.png`), fullPage: true });

  await checks.part("situation", page, async () => {
    await pick(page, "Easter-Truce-2025");
    await page.waitForSelector(".map path.home");
    await settled(page);
    checks.ok((await page.locator(".map .mark").count()) > 0, "incidents stand on the map");
    checks.ok((await page.locator(".map path.disputed").count()) > 0, "a disputed line is drawn dashed");
    checks.ok(/no statement on status/i.test(await page.locator(".map-wrap").innerText()), "the page says what boundaries mean");
    checks.ok((await page.locator(".timeline .bar rect[class^=fam]").count()) > 3, "hours with incidents stand in the timeline");
    checks.ok((await page.locator(".timeline .window").count()) === 1, "the declared time is marked");
    await page.locator(".live-live").waitFor({ timeout: 5000 });
    checks.ok(true, "the page follows the server");
    await accessible(checks, page, axe, "situation");
    if (c.picture) {
      await page.setViewportSize({ width: 1440, height: 1650 });
      await page.screenshot({ path: c.picture });
      await page.setViewportSize({ width: 1440, height: 1000 });
    }
    await shot("situation");
    await page.locator(".places summary").click();
    await page.locator(".places button").first().click();
    checks.ok(await page.locator(".picked").isVisible(), "a place opens its incidents");
    await page.locator(".picked ul button").first().click();
    await page.locator("dialog[open]").waitFor();
    await page.locator("dialog .facts").waitFor();
    checks.ok(/Occurred/.test(await page.locator("dialog").innerText()) && /Attributed to/.test(await page.locator("dialog").innerText()), "a case tells occurrence and attribution apart");
    await accessible(checks, page, axe, "case");
    await shot("case");
    await page.keyboard.press("Escape");
    checks.ok((await page.locator("dialog[open]").count()) === 0, "Escape closes the case");
  });

  for (const name of PANELS.slice(1)) {
    await checks.part(name, page, async () => {
      await pick(page, name === "Incidents" || name === "Coverage" ? "Easter-Truce-2025" : "Paris-Framework");
      await page.getByRole("link", { name, exact: true }).click();
      await settled(page);
      checks.ok((await page.locator("main .card").count()) > 0 && (await page.locator("main .problem").count()) === 0, `${name}: the panel shows itself`);
      checks.ok((await page.locator("main tbody tr, main .clause, main .accounts article").count()) > 0, `${name}: there is something in it`);
      await accessible(checks, page, axe, name);
      await shot(name.toLowerCase());
    });
  }

  await checks.part("explanation", page, async () => {
    await pick(page, "Easter-Truce-2025");
    await page.getByRole("link", { name: "Duties", exact: true }).click();
    await settled(page);
    await page.locator("tbody .why").first().click();
    await page.locator("dialog .tree li").first().waitFor();
    checks.ok(/surety explain v-/.test(await page.locator("dialog").innerText()), "a duty explains itself down to its proof");
    await accessible(checks, page, axe, "explanation");
    await shot("explanation");
    await page.getByRole("button", { name: "Close" }).click();
  });

  await checks.part("compare", page, async () => {
    await page.getByRole("link", { name: "Compare", exact: true }).click();
    await settled(page);
    checks.ok((await page.locator(".compare thead th").count()) >= 4, "three instruments stand side by side");
  });

  await checks.part("hypothetical", page, async () => {
    const radio = page.getByRole("radio", { name: "Hypothetical" });
    checks.ok(await radio.isEnabled(), "the hypothetical view is offered");
    await page.locator(".views label", { hasText: "Hypothetical" }).click();
    await page.locator(".banner-hypothetical").waitFor();
    await page.getByRole("link", { name: "Duties", exact: true }).click();
    await settled(page);
    const rows = await page.locator("main tbody tr").count();
    const marked = await page.locator("main tbody tr .exercise-hypothetical").count();
    checks.ok(rows > 0 && rows === marked, "every hypothetical duty is marked as such", `${marked} of ${rows}`);
    checks.ok((await page.locator(".card").count()) === (await page.locator(".card-head .exercise-hypothetical").count()), "every panel is marked as such");
    await accessible(checks, page, axe, "hypothetical");
    await shot("hypothetical");
    const address = page.url();
    checks.ok(/view=hypothetical/.test(address), "the view stands in the address");
    await page.locator(".views label", { hasText: "Actual" }).click();
    await page.waitForFunction(() => !document.querySelector(".exercise-hypothetical"));
    checks.ok(true, "back in the actual view nothing hypothetical is left");
  });

  await checks.part("known at", page, async () => {
    await page.getByRole("link", { name: "Incidents", exact: true }).click();
    await settled(page);
    const now = await page.locator("main tbody tr").count();
    await page.locator("input[type=datetime-local]").fill("2025-04-01T00:00");
    await page.locator(".banner-known").waitFor();
    await settled(page);
    const then = await page.locator("main tbody tr").count();
    checks.ok(now > 0 && then === 0, "before anything was known, nothing is shown", `${now} now, ${then} then`);
    await page.getByRole("button", { name: "Latest" }).click();
  });

  checks.ok(said.length === 0, "the browser's console stays empty", said.slice(0, 5).join(" | "));
  const host = new URL(c.url).host;
  checks.ok(asked.every((u) => new URL(u).host === host || u.startsWith("data:")), "nothing is asked of another host");
  await close();
}

// Everything that matters with Tab, Enter, arrows and Escape alone.
export async function keyboard(c) {
  const { checks } = c;
  const { page, close } = await open(c, { width: 1440, height: 1000 }, "#/overview?instrument=Easter-Truce-2025");
  const focused = () => page.evaluate(() => {
    const e = document.activeElement;
    return `${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""} ${(e.getAttribute("aria-label") ?? e.textContent ?? "").slice(0, 60)}`;
  });
  const tabTo = async (test, most = 80) => {
    for (let n = 0; n < most; n++) {
      await page.keyboard.press("Tab");
      if (test.test(await focused())) return true;
    }
    return false;
  };
  await checks.part("keyboard", page, async () => {
    await page.waitForSelector(".map path.home");
    await settled(page);
    checks.ok(await tabTo(/^a\.skip/, 3), "the first stop is a way past the header");
    await page.keyboard.press("Enter");
    checks.ok(/^main/.test(await focused()), "and it leads to the content", await focused());
    checks.ok(await tabTo(/^svg.* Incidents by hour/), "the timeline can be reached");
    const before = await page.locator(".readout").innerText();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    checks.ok((await page.locator(".readout").innerText()) !== before, "arrow keys read its hours");
    checks.ok(await tabTo(/^svg\.map/), "the map can be reached");
    const whole = await page.locator(".map g[transform]").first().getAttribute("transform");
    await page.keyboard.press("+");
    await page.keyboard.press("ArrowLeft");
    checks.ok((await page.locator(".map g[transform]").first().getAttribute("transform")) !== whole, "plus and arrows move it");
    await page.goto(c.url + "#/duties?instrument=Paris-Framework");
    await page.reload();
    await page.waitForSelector("tbody .why");
    checks.ok(await tabTo(/^button\.why/, 60), "a duty's reason can be reached");
    await page.keyboard.press("Enter");
    await page.locator("dialog[open] .tree").waitFor();
    await page.keyboard.press("Tab");
    checks.ok(await page.evaluate(() => !document.activeElement.closest("main, header.top")), "focus never reaches the page behind the open drawer");
    await page.keyboard.press("Escape");
    checks.ok(/^button\.why/.test(await focused()), "and goes back to where it came from", await focused());
  });
  await close();
}

// A telephone's width: nothing is cut off sideways.
export async function narrow(c) {
  const { checks, axe } = c;
  const { page, close } = await open(c, { width: 375, height: 760 });
  for (const panel of ["overview", "incidents", "duties", "pledges", "coverage", "agreement"]) {
    await checks.part(`narrow ${panel}`, page, async () => {
      await page.goto(`${c.url}#/${panel}?instrument=${panel === "incidents" || panel === "coverage" || panel === "overview" ? "Easter-Truce-2025" : "Paris-Framework"}`);
      await settled(page);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      checks.ok(over <= 1, `narrow ${panel}: no scrolling sideways`, `${over} px too wide`);
      if (c.shots) await page.screenshot({ path: join(c.shots, `narrow-${panel}.png`) });
    });
  }
  await checks.part("narrow accessible", page, () => accessible(checks, page, axe, "narrow"));
  await close();
}
