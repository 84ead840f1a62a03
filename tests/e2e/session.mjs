// Logging in and out on the page: a server with accounts, one account, its second factor computed here.
import { createHmac } from "node:crypto";
import { execFileSync } from "node:child_process";
import { start } from "./browser.mjs";
import { accessible, open } from "./parts.mjs";

const PASSWORD = "correct horse battery staple";

function base32(text) {
  let bits = "";
  for (const c of text) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0");
  return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
}

// RFC 6238, as an authenticator does it. A code opens once, so each caller asks for another step.
function code(secret, ahead = 0) {
  const counter = Buffer.alloc(8);
  counter.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30000) + ahead));
  const mac = createHmac("sha1", base32(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

export async function session({ checks, browser, axe, surety, db, agreement }) {
  const said = execFileSync(surety, ["account", "add", "anna", "--role", "monitor", "--db", db], { input: PASSWORD + "\n", encoding: "utf8", stdio: ["pipe", "pipe", "inherit"] });
  const secret = said.match(/secret=([A-Z2-7]+)/)[1];
  const served = await start(surety, ["serve", "--db", db, "--accounts", `${db}.accounts`, "--port", "0", agreement]);
  const { page, said: complaints, asked, close } = await open({ browser, url: served.url });
  const form = page.locator("form.log-in");
  const fill = async (password, digits) => {
    await form.getByLabel("Account").fill("anna");
    await form.getByLabel("Password").fill(password);
    await form.getByLabel("Code").fill(digits);
    await form.getByRole("button", { name: "Log in" }).click();
  };
  await checks.part("logging in", page, async () => {
    await page.getByRole("button", { name: "Log in" }).click();
    checks.ok(await page.evaluate(() => document.activeElement?.name === "account"), "the form takes the focus");
    await accessible(checks, page, axe, "the form to log in");
    await fill("not the password at all", code(secret));
    await page.waitForFunction(() => document.querySelector("form.log-in [role=alert]")?.textContent);
    const told = await form.getByRole("alert").innerText();
    checks.ok(/do not open/.test(told) && !/password at all/.test(told), "a refusal is told, without what was typed", told);
    await fill(PASSWORD, code(secret));
    await page.waitForSelector("p.session >> text=anna");
    checks.ok(/monitor/.test(await page.locator("p.session").innerText()), "the page says who is logged in, and as what");
    const cookies = await page.context().cookies();
    checks.ok(cookies.length === 1 && cookies[0].httpOnly && cookies[0].sameSite === "Strict", "one cookie, which no script reads", JSON.stringify(cookies.map((c) => ({ ...c, value: "…" }))));
    checks.ok((await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }))) === "{}", "nothing else is kept in the browser");
    checks.ok(!asked.some((u) => /horse|anna|code/.test(u)), "nothing secret is in an address");
    const reached = page.url();
    checks.ok(!/horse|anna/.test(reached), "nor in the page's own", reached);
  });
  await checks.part("logging out", page, async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await page.waitForSelector("p.session >> text=Log in");
    checks.ok((await page.context().cookies()).length === 0, "the cookie is gone");
    const open = execFileSync(surety, ["account", "sessions", "--db", db], { encoding: "utf8" });
    checks.ok(open === "", "and so is the session", open);
    const expected = complaints.filter((t) => !/401/.test(t)); // the browser reports the refused log-in itself
    checks.ok(expected.length === 0, "the console stays quiet", expected.join("\n"));
  });
  await close();
  checks.ok((await served.stop()) === 0, "a server with accounts stops cleanly");
}
