// The rooms' editor: shows what api/v1/options says and sends back what a
// person made of it. Uses the small helpers of app.js, which is loaded before.
"use strict";

const ROOM_FIELDS = ["name", "cameras", "todo_list", "purpose", "interval_minutes"];
const editor = byId("options");
let shownOptions = null; // what the service said last
let roomKeys = 0;

async function talk(method, path, body) {
  let answer;
  try {
    answer = await ask(path, method === "GET" ? { cache: "no-store" } : {
      method,
      headers: { "Content-Type": "application/json", "X-Requested-With": "aicleaner" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("AICleaner cannot be reached; try again in a moment.");
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  const error = new Error(told.error || `That did not work (${answer.status}); try again in a moment.`);
  error.problems = told.problems || [];
  throw error;
}

async function openOptions() {
  try {
    fillOptions(await talk("GET", "api/v1/options"));
    if (!editor.open) editor.showModal();
  } catch (e) {
    toast(e.message);
  }
}

function fillOptions(options) {
  shownOptions = options;
  byId("rooms").replaceChildren();
  options.zones.forEach(addRoom);
  byId("interval").value = options.options.interval_minutes ?? "";
  const notes = [options.locked, options.unused, options.cost].filter(Boolean);
  each(byId("option-notes"), notes, (words) => words, "notice", (el, words) => text(el.querySelector("span"), words));
  byId("option-notes").hidden = notes.length === 0;
  byId("use-saved").hidden = !options.unused || Boolean(options.locked);
  byId("save-options").disabled = byId("add-room").disabled = Boolean(options.locked);
  text(byId("option-place"), `Kept in ${options.place}.`);
  complain("", options.problems);
}

function addRoom(zone = {}) {
  const room = byId("room").content.firstElementChild.cloneNode(true);
  room.dataset.key = `room-${(roomKeys += 1)}`;
  if (zone.at !== undefined) room.dataset.at = zone.at;
  for (const field of ROOM_FIELDS) {
    const input = room.querySelector(`[name="${field}"]`);
    const value = zone[field];
    input.value = Array.isArray(value) ? value.join("\n") : value ?? "";
    input.id = `${room.dataset.key}-${field}`;
    input.previousElementSibling.htmlFor = input.id;
  }
  room.querySelector(".remove").onclick = () => {
    const name = room.querySelector('[name="name"]').value;
    room.remove();
    toast(name ? `${name} goes when you save, with its history.` : "Taken away.");
  };
  byId("rooms").append(room);
  return room;
}

function readRoom(room) {
  const zone = {};
  if (room.dataset.at !== undefined) zone.at = Number(room.dataset.at);
  for (const field of ROOM_FIELDS) {
    const typed = room.querySelector(`[name="${field}"]`).value.trim();
    if (field === "cameras") zone.cameras = typed.split("\n").map((line) => line.trim()).filter(Boolean);
    else zone[field] = number(field, typed);
  }
  return zone;
}

/** A whole number as such; anything else goes as it was typed and is answered in words. */
function number(field, typed) {
  if (typed === "") return null;
  return field === "interval_minutes" && /^\d+$/.test(typed) ? Number(typed) : typed;
}

/** Shows what is wrong, the room's problems at the room. */
function complain(sentence, problems) {
  const rooms = [...byId("rooms").children];
  for (const room of rooms) room.querySelector(".wrong").replaceChildren();
  const others = [];
  for (const problem of problems) {
    const room = rooms[Number((problem.path.match(/^zones\[(\d+)\]/) || [])[1])];
    const words = `${problem.path}: found ${problem.found}, allowed is ${problem.allowed}. ${problem.hint}`;
    if (!room) {
      others.push(words);
      continue;
    }
    const line = document.createElement("li");
    line.textContent = words;
    room.querySelector(".wrong").append(line);
  }
  text(byId("option-error"), [sentence, ...others].filter(Boolean).join(" "));
  const first = rooms.find((room) => room.querySelector(".wrong").childElementCount);
  if (first) first.scrollIntoView({ block: "nearest" });
}

/** Whether it could not be told any more which room is which: a room keeps its
 *  history over a rename only when nothing else comes, goes or is renamed. */
function isMuddle(zones) {
  const renamed = zones.filter((zone) => zone.at !== undefined && zone.name !== shownOptions.zones[zone.at].name);
  const kept = zones.filter((zone) => zone.at !== undefined);
  const others = zones.length - kept.length + shownOptions.zones.length - kept.length;
  return renamed.length > 1 || (renamed.length === 1 && others > 0);
}

async function saveOptions() {
  const button = byId("save-options");
  const change = {
    revision: shownOptions.revision,
    zones: [...byId("rooms").children].map(readRoom),
    set: { interval_minutes: number("interval_minutes", byId("interval").value.trim()) },
  };
  if (isMuddle(change.zones)) {
    complain("Rename one room at a time and save: together with other changes of rooms its history would be lost.", []);
    return;
  }
  button.disabled = true;
  try {
    const options = await talk("PUT", "api/v1/options", change);
    toast(options.unused || "Saved and in use.");
    editor.close();
    poll();
  } catch (e) {
    complain(e.message, e.problems || []);
  }
  button.disabled = false;
}

async function useSaved() {
  try {
    fillOptions(await talk("POST", "api/v1/options/use", {}));
    toast(shownOptions.unused || "All saved options are in use.");
    poll();
  } catch (e) {
    complain(e.message, []);
  }
}

byId("edit-rooms").onclick = openOptions;
byId("first-room").onclick = async () => {
  await openOptions();
  if (editor.open && !shownOptions.locked) addRoom().querySelector('[name="name"]').focus();
};
byId("add-room").onclick = () => addRoom().querySelector('[name="name"]').focus();
byId("save-options").onclick = saveOptions;
byId("use-saved").onclick = useSaved;
byId("close-options").onclick = () => editor.close();
