// The page as people meet it: phone and desk, light and dark, with names and titles that mean harm, across a restart.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { APP, PREFIX, SUPERVISOR, ingress, listening, supervisor } from "./between.mjs";

const [binary, pictures] = process.argv.slice(2);
const installed = createRequire(path.join(process.env.AICLEANER_BROWSER, "node_modules", "x.js"));
const { chromium } = installed("playwright-core");
const axe = fs.readFileSync(installed.resolve("axe-core/axe.min.js"), "utf8");
const rooms = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../../assets/rooms");

const HOSTILE = '<img src=x onerror="window.ran=1">';
const TITLES = [HOSTILE, '"><script>window.ran=1</script>', "javascript:window.ran=1", "Put the cup away"];
const OPTIONS = {
  zones: [
    { name: HOSTILE, cameras: [`file:${rooms}/living_room/day-20.jpg`] },
    { name: "Kitchen", cameras: [`file:${rooms}/kitchen/day-08.jpg`] },
    { name: "Cellar", cameras: ["file:/nowhere/cellar.jpg"] },
  ],
  provider: "local", fallback_providers: [], local_only: false, daily_call_limit: 200, interval_minutes: 60,
  notify_personality: "default", notify_min_tasks: 1, mqtt: {}, advanced: {}, device_id: "aicleaner_v3", log_level: "info",
};

const data = fs.mkdtempSync(path.join(os.tmpdir(), "aicleaner-browser-"));
fs.writeFileSync(path.join(data, "options.json"), JSON.stringify(OPTIONS));
let service;
process.on("exit", () => service?.kill("SIGKILL"));

function start() {
  const log = fs.openSync(path.join(data, "log"), "a");
  const env = { SUPERVISOR_TOKEN: "not-a-real-one", AICLEANER_SUPERVISOR_URL: `http://${SUPERVISOR}`, AICLEANER_DATA_DIR: data };
  service = spawn(binary, ["run"], { env, stdio: ["ignore", log, log] });
}

async function stop() {
  if (!service || service.exitCode !== null) return;
  const ended = once(service, "exit");
  service.kill("SIGTERM");
  await ended;
}

/** Puts open tasks with these titles into the first room, as if a provider had named them and no check had refused them. */
async function withTitles(page, titles) {
  await page.route("**/api/v1/zones", async (route) => {
    // The page's own tag must not hide them.
    const headers = { ...route.request().headers() };
    delete headers["if-none-match"];
    const answer = await route.fetch({ headers });
    const house = await answer.json();
    const seen = new Date().toISOString();
    if (house.zones?.length) {
      house.zones[0].tasks = titles.map((title, at) => ({
        id: 900 + at, title, confidence: 0.9, priority: "normal", first_seen: seen, last_seen: seen, on_list: false,
        region: { x: 0.1 + 0.2 * at, y: 0.5, width: 0.15, height: 0.2 },
      }));
    }
    await route.fulfill({ response: answer, json: house });
  });
}

async function checked(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = grave.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html.slice(0, 160)).join("\n  ")}`);
  assert.deepEqual(told, [], where);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${where}: ${wide} pixels wider than the window`);
}

async function looks(browser, base, [size, viewport], colorScheme) {
  const where = `${size}-${colorScheme}`;
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => { complaints.push(`dialog: ${dialog.message()}`); return dialog.dismiss(); });
  await withTitles(page, TITLES);
  await page.goto(base);
  await page.locator(".card").nth(2).waitFor();
  await page.locator(".task").nth(TITLES.length - 1).waitFor();
  await page.locator(".card img").first().evaluate((picture) => picture.decode());

  const shown = await page.locator(".card").first().locator(".task .words").allTextContents();
  assert.deepEqual(shown, TITLES, "titles are shown as they are");
  assert.equal(await page.locator(".card h2").first().textContent(), HOSTILE);
  await checked(page, where);
  await page.screenshot({ path: path.join(pictures, `home-${where}.png`), fullPage: true });

  for (const [opener, dialog] of [["#edit-rooms", "#options"], ["#edit-providers", "#providers"], [".card .rules", "#ignore"]]) {
    await page.locator(opener).first().click();
    const open = page.locator(`${dialog}[open]`);
    await open.waitFor();
    await checked(page, `${where} ${dialog}`);
    await page.screenshot({ path: path.join(pictures, `${dialog.slice(1)}-${where}.png`) });
    await page.keyboard.press("Escape");
    await open.waitFor({ state: "detached" });
  }
  assert.equal(await page.evaluate(() => window.ran), undefined, "nothing of what others wrote has run");
  assert.deepEqual(complaints, [], where);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await context.close();
}

/** Asked for by a person, through both proxies, and seen by the service. */
async function acts(browser, base) {
  const page = await browser.newPage();
  await page.goto(base);
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
  await page.getByRole("button", { name: "Check now: Kitchen" }).click();
  assert.equal((await answered).status(), 202);
  await page.close();
}

/** What happens elsewhere is shown by a page whose own clock stands still: it asks because it was told. */
async function hears(browser, base) {
  const page = await browser.newPage();
  await page.clock.install();
  const stream = page.waitForResponse((answer) => answer.url().endsWith("/api/v1/events"));
  await page.goto(base);
  assert.equal((await stream).status(), 200);
  const kept = (number) => page.locator(`.card .clean[title*="(${number} of 5"]`);
  await kept(0).first().waitFor();
  await page.clock.pauseAt(new Date(Date.now() + 60_000));
  const headers = { "content-type": "application/json", "x-requested-with": "aicleaner", origin: new URL(base).origin };
  const done = await fetch(`${base}api/v1/zones/kitchen/reference`, { method: "POST", headers, body: "{}" });
  assert.equal(done.status, 202, await done.text());
  await kept(1).waitFor();
  await page.close();
}

/** A tab that stays open while the app is updated. */
async function survives(browser, base) {
  const page = await browser.newPage();
  await page.goto(base);
  await page.locator(".card").nth(2).waitFor();
  await stop();
  const away = page.waitForResponse((answer) => answer.status() === 502, { timeout: 60_000 });
  await away;
  const back = page.waitForResponse((answer) => answer.ok() && answer.url().includes("api/v1/zones"), { timeout: 60_000 });
  start();
  await back;
  await page.locator(".card").nth(2).waitFor();
  await page.close();
}

/** What the first visit costs, on a quarter of this machine's speed. */
async function figures(browser, base) {
  const page = await browser.newPage();
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const answers = [];
  page.on("response", (answer) => answers.push(answer));
  await page.goto(base);
  await page.locator(".card").nth(2).waitFor();
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  const sizes = await Promise.all(answers.map((answer) => answer.body().then((body) => body.length, () => 0)));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`first visit: ${answers.length} requests, ${Math.round(bytes / 1024)} KiB with pictures, first paint after ${Math.round(paint)} ms (processor slowed 4 times)`);
  await page.close();
}

const asked = [];
const [outer, inner] = [ingress(asked), supervisor(OPTIONS)];
let browser;
try {
  await listening(inner, 80, SUPERVISOR);
  const port = await listening(outer, 0, "127.0.0.1");
  const origin = `http://127.0.0.1:${port}`;
  const base = `${origin}${PREFIX}/`;
  start();
  for (let tries = 0; ; tries += 1) {
    const house = await fetch(`${base}api/v1/zones`).then((answer) => answer.json(), () => null).catch(() => null);
    if (house?.zones?.length === 3 && house.zones.every((zone) => zone.last_check)) break;
    assert.ok(tries < 300, `the rooms were not looked at: ${JSON.stringify(house)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  for (const size of [["narrow", { width: 360, height: 740 }], ["wide", { width: 1280, height: 900 }]]) {
    for (const scheme of ["light", "dark"]) await looks(browser, base, size, scheme);
  }
  await figures(browser, base);
  await acts(browser, base);
  await hears(browser, base);
  await survives(browser, base);
  assert.deepEqual(asked.filter(({ url }) => !url.startsWith(`${PREFIX}/`)), [], "every address of the page is below its prefix");
  console.log(`${asked.length} requests through ${origin}, screenshots in ${path.relative(process.cwd(), pictures)}`);
} catch (error) {
  console.error(fs.readFileSync(path.join(data, "log"), "utf8").split("\n").slice(-20).join("\n"));
  throw error;
} finally {
  await browser?.close();
  await stop();
  outer.close();
  outer.closeAllConnections();
  inner.close();
  inner.closeAllConnections();
  fs.rmSync(data, { recursive: true, force: true });
}
