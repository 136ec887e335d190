// Shows what api/v1/zones says and sends what a person asks for. Every text
// goes in as text, never as markup; every address is relative, because Home
// Assistant serves this page below a path of its own.
"use strict";

const POLL_MS = 4000; // where nobody tells us of changes
const SLOW_POLL_MS = 30000; // where the service does
const PATIENCE_MS = 12000;
const TOAST_MS = 5000;

const byId = (id) => document.getElementById(id);
const PARTS = {
  home_assistant: "Home Assistant",
  mqtt: "MQTT",
  store: "Memory",
  settings: "Options",
  provider: "Provider",
};
const STATUS = {
  queued: "Waiting for its turn",
  checking: "Looking…",
  paused: "Waiting for Home Assistant",
  off: "Off",
  failed: "Check failed",
};

let house = null;
let etag = null;
let clockAhead = 0; // the service's clock minus ours, in ms
let misses = 0;
let timer = 0;
let polling = false;
let again = false; // asked for while an answer was under way
let events = null; // the service's word that something has changed
const leaving = new Map(); // task id → when a person settled it here
let settledIn = null; // the card whose task was settled last, until its row is gone

// --- talking to the service

async function ask(path, options = {}) {
  const limit = new AbortController();
  const patience = setTimeout(() => limit.abort(), PATIENCE_MS);
  try {
    return await fetch(path, { ...options, signal: limit.signal });
  } finally {
    clearTimeout(patience);
  }
}

async function send(path, { method = "POST", body = {} } = {}) {
  let answer;
  try {
    answer = await ask(path, {
      method,
      headers: { "Content-Type": "application/json", "X-Requested-With": "aicleaner" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("AICleaner cannot be reached; try again in a moment.");
  }
  if (answer.ok) return;
  const told = await answer.json().catch(() => ({}));
  throw new Error(told.error || `That did not work (${answer.status}); try again in a moment.`);
}

async function poll() {
  clearTimeout(timer);
  listen();
  if (polling) again = true;
  if (document.hidden || polling) return;
  polling = true;
  again = false;
  try {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await ask("api/v1/zones", { headers, cache: "no-store" });
    if (answer.status !== 304) {
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(told.error || `AICleaner answered ${answer.status}.`);
      house = told;
      etag = answer.headers.get("ETag");
      clockAhead = Date.parse(told.now) - Date.now();
    }
    misses = 0;
  } catch (e) {
    misses += 1;
    if (misses >= 2) show(e instanceof TypeError || e.name === "AbortError" ? null : e.message);
  } finally {
    polling = false;
  }
  if (misses === 0) show();
  const told = misses === 0 && events && events.readyState === EventSource.OPEN;
  const pause = told ? SLOW_POLL_MS : POLL_MS * Math.min(Math.max(1, misses), 5);
  timer = setTimeout(poll, again ? 0 : pause);
}

/** Hears of changes while the page is seen; where that does not work, asking is enough. */
function listen() {
  const ended = events && events.readyState === EventSource.CLOSED;
  if (events && (document.hidden || ended)) {
    events.close();
    events = null;
  }
  if (events || document.hidden || misses > 0) return;
  events = new EventSource("api/v1/events");
  events.addEventListener("changed", poll);
  events.onerror = poll;
}

// --- words

function since(time) {
  const seconds = (Date.now() + clockAhead - Date.parse(time)) / 1000;
  return seconds < 45 ? "just now" : `${span(seconds)} ago`;
}

function until(time) {
  const seconds = (Date.parse(time) - Date.now() - clockAhead) / 1000;
  return seconds < 45 ? "any moment" : `in ${span(seconds)}`;
}

function span(seconds) {
  if (seconds < 5400) return `${Math.max(1, Math.round(seconds / 60))} min`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
const tone = (score) => (score >= 75 ? "good" : score >= 50 ? "fair" : score >= 25 ? "poor" : "bad");

function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.classList.add("shown");
  clearTimeout(box.timer);
  box.timer = setTimeout(() => box.classList.remove("shown"), TOAST_MS);
}

// --- showing

/** Keeps one element per item, in order, made from a template. */
function each(parent, items, key, template, fill) {
  const old = new Map([...parent.children].map((el) => [el.dataset.key, el]));
  items.forEach((item, at) => {
    const name = String(key(item, at));
    const el = old.get(name) || byId(template).content.firstElementChild.cloneNode(true);
    old.delete(name);
    el.dataset.key = name;
    if (parent.children[at] !== el) parent.insertBefore(el, parent.children[at] || null);
    fill(el, item, at);
  });
  for (const el of old.values()) el.remove();
}

function text(el, words) {
  if (el.textContent !== words) el.textContent = words;
}

function show(lost) {
  const problems = house ? [...house.config_problems] : [];
  if (misses >= 2) {
    problems.unshift(lost || "AICleaner cannot be reached; it may be restarting. Trying again…");
  }
  if (house) {
    // Each part's own words stand below, under the health of the parts.
    if (house.degraded) problems.push(house.degraded.sentence);
    if (house.unused_options) problems.push(house.unused_options);
    if (!house.enabled) problems.push("The main switch is off: no checks but those you ask for.");
  }
  byId("notices").hidden = problems.length === 0;
  each(byId("notices"), problems, (words) => words, "notice", (el, words) => text(el.querySelector("span"), words));
  if (!house) {
    if (misses >= 2) showTally("", "Not connected");
    return;
  }

  const zones = house.zones;
  const tasks = zones.reduce((sum, zone) => sum + zone.tasks.length, 0);
  const unsure = zones.filter(isUnsure).length;
  const jobs = tasks > 0 ? `${count(tasks, "thing")} to do` : unsure > 0 ? `${unsure} to look at again` : "nothing to do";
  if (zones.length === 0) showTally("", "Ready when you are");
  else showTally(`${count(zones.length, "room")} · `, jobs);
  byId("edit-rooms").hidden = !house.editable;
  byId("empty").hidden = zones.length > 0;
  byId("check-all").hidden = zones.length < 2;
  each(byId("zones"), zones, (zone) => zone.slug, "zone", showZone);
  showHealth();
}

function showTally(rooms, jobs) {
  text(byId("tally").querySelector(".rooms"), rooms);
  text(byId("tally").querySelector(".jobs"), jobs);
}

/** Nothing to do is known, though the room does not look like it. */
const isUnsure = ({ reading, tasks, needs_cleaning }) =>
  Boolean(reading && !reading.old && tasks.length === 0 && needs_cleaning);

function showZone(card, zone) {
  const part = (name) => card.querySelector(name);
  const reading = zone.reading;
  const busy = zone.status === "checking" || zone.status === "queued";
  card.className = `card ${reading ? tone(reading.score) : ""} ${reading && reading.old ? "still" : ""}`;
  card.setAttribute("aria-label", zone.name);
  text(part("h2"), zone.name);
  text(part(".label"), reading ? reading.label : "Not judged yet");
  text(part(".summary"), reading ? reading.summary : "");

  const ring = part(".ring");
  ring.setAttribute("aria-label", reading
    ? `Cleanliness ${reading.score} of 100${reading.old ? ", from an earlier picture" : ""}` : "No score yet");
  ring.title = reading
    ? `Judged by ${reading.provider}, ${Math.round(reading.confidence * 100)} % sure` : "";
  part(".arc").setAttribute("stroke-dasharray", `${reading ? reading.score : 0} 100`);
  text(part(".figure"), reading ? String(reading.score) : "–");

  const picture = part("img");
  const address = zone.snapshot || "";
  if ((picture.getAttribute("src") || "") !== address) {
    if (address) picture.setAttribute("src", address);
    else picture.removeAttribute("src");
  }
  picture.alt = address ? `The picture of ${zone.name} that was judged last` : "";
  picture.hidden = !address;
  part(".nothing").hidden = Boolean(address);
  picture.onload = () => fitBoxes(card);

  const chip = part(".chip");
  chip.hidden = !(zone.status in STATUS);
  chip.classList.toggle("busy", zone.status === "checking");
  text(chip, STATUS[zone.status] || "");

  part(".problem").hidden = !zone.problem;
  if (zone.problem) text(part(".problem span"), zone.problem.sentence);

  showTasks(card, zone);
  const clear = part(".clear");
  clear.hidden = !(reading && !reading.old && zone.tasks.length === 0);
  clear.classList.toggle("unsure", isUnsure(zone));
  text(clear.querySelector("span"), isUnsure(zone)
    ? "A second look in a few minutes confirms what there is to do." : "Nothing to do here.");

  const times = [];
  if (zone.last_check) times.push(`Checked ${since(zone.last_check)}`);
  if (zone.streak_days > 1) times.push(`${zone.streak_days} days in order`);
  if (!zone.monitoring) times.push("Scheduled checks are off");
  else if (zone.snoozed_until && !busy) times.push(`Left alone, next ${until(zone.snoozed_until)}`);
  else if (zone.next_check && !busy) times.push(`Next ${until(zone.next_check)}`);
  const line = part(".times");
  if (line.dataset.words !== times.join("|")) {
    line.dataset.words = times.join("|");
    line.replaceChildren(...times.map((words) => {
      const el = document.createElement("span");
      el.textContent = words;
      return el;
    }));
  }

  const button = part(".check");
  button.disabled = busy;
  button.setAttribute("aria-label", `Check now: ${zone.name}`);
  button.onclick = () => act(button, `api/v1/zones/${zone.slug}/check`, `Looking at ${zone.name}…`);

  // Only the built-in judge learns.
  const learns = Boolean(zone.snapshot && zone.reading && zone.reading.provider === "local");
  part(".opinion").hidden = !learns && !zone.lessons;
  for (const opinion of ["tidy", "messy"]) {
    const say = part(`.${opinion}`);
    say.hidden = !learns;
    say.disabled = busy;
    say.setAttribute("aria-label", `${zone.name} looks ${opinion} in this picture`);
    say.onclick = () => act(say, `api/v1/zones/${zone.slug}/${opinion}`, "Thank you; looking again with that in mind.");
  }
  for (const [name, path, said] of [
    [".unteach", "lessons/last", "The last lesson is taken back."],
    [".unlearn", "lessons", `${zone.name} is judged as at first again.`],
  ]) {
    const back = part(name);
    back.hidden = !zone.lessons;
    back.disabled = busy;
    back.setAttribute("aria-label", `${back.textContent.trim()}: ${zone.name}`);
    back.title = `${zone.lessons} of at most 32 lessons kept`;
    back.onclick = () => act(back, `api/v1/zones/${zone.slug}/${path}`, said, undefined, { method: "DELETE" });
  }

  const rules = part(".rules");
  rules.setAttribute("aria-label", `Ignore: what is no task in ${zone.name}`);
  rules.onclick = () => openRules(zone);

  showMask(part(".mask"), zone);
  const rest = part(".rest");
  if (rest.options.length === 0) {
    rest.append(...house.snooze_choices.map((words) => new Option(words === "off" ? "Snooze" : words, words)));
  }
  // What somebody is about to choose is not taken from under their hand.
  if (rest.dataset.shown !== zone.snooze) rest.dataset.shown = rest.value = zone.snooze;
  rest.setAttribute("aria-label", `Leave ${zone.name} alone for`);
  rest.onchange = () => act(rest, `api/v1/zones/${zone.slug}/snooze`,
    rest.value === "off" ? `${zone.name} is looked at again.` : `${zone.name} is left alone for ${rest.value}.`,
    () => { rest.value = zone.snooze; }, { body: { for: rest.value } });

  const clean = part(".clean");
  clean.hidden = !zone.snapshot;
  clean.disabled = busy;
  clean.title = `Compare with this picture from now on (${zone.clean_pictures || 0} of 5 clean pictures kept)`;
  clean.setAttribute("aria-label", `This is clean: ${zone.name}`);
  clean.onclick = () => act(clean, `api/v1/zones/${zone.slug}/reference`, `From now on ${zone.name} is compared with this picture.`);
}

/** How the masks' button says how much is hidden; masks.js does the rest. */
function showMask(button, zone) {
  text(button.querySelector("span"), zone.masked_areas ? `Masks (${zone.masked_areas})` : "Masks");
  button.setAttribute("aria-label", `Masks of ${zone.name}: ${count(zone.masked_areas, "area")} hidden`);
  button.onclick = () => openMasks(zone);
}

function showTasks(card, zone) {
  each(card.querySelector(".tasks"), zone.tasks, (task) => task.id, "task", (row, task, at) => {
    const part = (name) => row.querySelector(name);
    const gone = leaving.has(task.id) && Date.now() - leaving.get(task.id) < 2 * POLL_MS;
    if (!gone) leaving.delete(task.id);
    row.classList.toggle("leaving", gone);
    text(part(".number"), String(at + 1));
    text(part(".words"), task.title);
    const weight = task.priority === "normal" ? "" : `, ${task.priority} priority`;
    part(".words").title = `Since ${new Date(task.first_seen).toLocaleString()}${weight}`;
    const settle = (button, verb, words, said) => {
      button.disabled = gone;
      button.title = words;
      button.setAttribute("aria-label", `${words}: ${task.title}`);
      button.onclick = () => {
        leaving.set(task.id, Date.now());
        settledIn = card;
        show();
        act(button, `api/v1/tasks/${task.id}/${verb}`, said, () => leaving.delete(task.id));
      };
    };
    settle(part(".done"), "done", "Done", "Done. Thank you!");
    settle(part(".dismiss"), "dismiss", "Not a task", "Not a task, then; not suggested again for two weeks.");
    const light = (on) => () => {
      const box = card.querySelector(`.box[data-key="${task.id}"]`);
      if (box) box.classList.toggle("lit", on);
    };
    row.onpointerenter = light(true);
    row.onpointerleave = light(false);
    part(".done").onfocus = part(".dismiss").onfocus = light(true);
    part(".done").onblur = part(".dismiss").onblur = light(false);
  });
  if (settledIn === card && !zone.tasks.some((task) => leaving.has(task.id))) {
    // Whoever works with the keyboard goes on from here, not from the top.
    settledIn = null;
    if (document.activeElement === document.body) {
      (card.querySelector(".done") || card.querySelector(".check")).focus({ preventScroll: true });
    }
  }
  showBoxes(card, zone);
}

function showBoxes(card, zone) {
  const boxes = card.querySelector(".boxes");
  const placed = zone.tasks.map((task, at) => ({ ...task, number: at + 1 })).filter((task) => task.region);
  each(boxes, zone.snapshot ? placed : [], (task) => task.id, "box", (box, task) => {
    const { x, y, width, height } = task.region;
    box.style.left = `${x * 100}%`;
    box.style.top = `${y * 100}%`;
    box.style.width = `${width * 100}%`;
    box.style.height = `${height * 100}%`;
    text(box.firstElementChild, String(task.number));
  });
  fitBoxes(card);
}

/** Gives the frame the picture's shape, within reason, and lays the boxes over
 *  the picture itself, not over any bars beside it. */
function fitBoxes(card) {
  const picture = card.querySelector("img");
  const boxes = card.querySelector(".boxes");
  const frame = card.querySelector(".picture");
  if (!picture.naturalWidth) return;
  const shape = picture.naturalWidth / picture.naturalHeight;
  frame.style.aspectRatio = String(Math.min(Math.max(shape, 4 / 3), 16 / 9));
  const scale = Math.min(frame.clientWidth / picture.naturalWidth, frame.clientHeight / picture.naturalHeight);
  const width = picture.naturalWidth * scale;
  const height = picture.naturalHeight * scale;
  boxes.style.width = `${width}px`;
  boxes.style.height = `${height}px`;
  boxes.style.left = `${(frame.clientWidth - width) / 2}px`;
  boxes.style.top = `${(frame.clientHeight - height) / 2}px`;
}

function showHealth() {
  const parts = Object.entries(house.health);
  const looks = { ok: "good", off: "", starting: "", paused: "fair", degraded: "bad" };
  const plain = { ok: "works", off: "not set up", starting: "starting…", paused: "away for a moment", degraded: "has a problem" };
  const ill = parts.filter(([, part]) => part.state === "degraded");
  const failing = house.zones.filter((zone) => zone.problem).length;
  const away = parts.filter(([, part]) => part.state === "paused" || part.state === "starting");
  const box = byId("health");
  box.hidden = parts.length === 0;
  box.querySelector("summary .dot").className = `dot ${ill.length || failing ? "bad" : away.length ? "fair" : "good"}`;
  text(box.querySelector("summary .words"), ill.length ? `${count(ill.length, "part has", "parts have")} a problem`
    : failing ? `${count(failing, "room has", "rooms have")} a problem`
    : away.length ? `${count(away.length, "part is", "parts are")} not there yet` : "Everything works");
  each(box.querySelector("ul"), parts, ([name]) => name, "part", (el, [name, part]) => {
    el.querySelector(".dot").className = `dot ${looks[part.state] || ""}`;
    text(el.querySelector("b"), PARTS[name] || name);
    text(el.querySelector(".words"), part.sentence || plain[part.state] || part.state);
  });
  const saved = house.saved_today ? `, ${house.saved_today} saved` : "";
  text(byId("facts"), `Judged by ${house.provider} · ${count(house.calls_today, "AI call")} today${saved} · ${house.version}`);
}

// --- what a person asks for

async function act(button, path, said, undo, request) {
  button.disabled = true;
  try {
    await send(path, request);
    toast(said);
  } catch (e) {
    if (undo) undo();
    toast(e.message);
  }
  button.disabled = false;
  poll();
}

byId("check-all").onclick = () => act(byId("check-all"), "api/v1/check", "Looking at every room…");
byId("check-all").setAttribute("aria-label", "Check all rooms");
document.addEventListener("visibilitychange", poll);
window.addEventListener("resize", () => document.querySelectorAll(".card").forEach(fitBoxes));
poll();
