// The masks' editor: areas drawn by hand over a fresh picture, and beside it
// exactly the picture that a provider would get. Uses the helpers of app.js and
// options.js, which are loaded before.
"use strict";

const maskEditor = byId("masks");
const stage = byId("mask-stage");
const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.02; // of the picture, for an arrow key; with Shift a quarter of it
const NEAR = 0.025; // so close to the first corner an area is closed

let masking = null; // { zone, revision, cameras: [{ camera, areas, drawn_on, size }], at, open, cursor, looks }

const round = (v) => Math.round(Math.min(Math.max(v, 0), 1) * 10000) / 10000;
const camera = () => masking.cameras[masking.at];

async function openMasks(zone) {
  try {
    const told = await talk("GET", `api/v1/zones/${zone.slug}/masks`);
    masking = { zone, revision: told.revision, cameras: told.cameras, at: 0, open: [], cursor: null, looks: 0, changed: false };
    text(byId("masks-title"), `Masks of ${zone.name}`);
    const notes = told.problem ? [told.problem] : [];
    each(byId("mask-notes"), notes, (words) => words, "notice", (el, words) => text(el.querySelector("span"), words));
    byId("mask-notes").hidden = notes.length === 0;
    byId("forget-clean").hidden = !zone.clean_pictures;
    complainOfMask("");
    if (!maskEditor.open) maskEditor.showModal();
    showCameras();
    await turnTo(0);
  } catch (e) {
    toast(e.message);
  }
}

function complainOfMask(words) {
  text(byId("mask-error"), words);
}

function showCameras() {
  const bar = byId("mask-cameras");
  bar.hidden = masking.cameras.length < 2;
  bar.replaceChildren(...masking.cameras.map((one, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `button ${at === masking.at ? "filled" : ""}`;
    button.setAttribute("aria-pressed", String(at === masking.at));
    button.textContent = one.camera;
    button.onclick = () => turnTo(at);
    return button;
  }));
}

/** Shows another camera: its whole picture to draw on, and what is left of it. */
async function turnTo(at) {
  masking.at = at;
  masking.open = [];
  masking.cursor = null;
  showCameras();
  byId("mask-picture").hidden = byId("mask-preview").hidden = true;
  drawAreas();
  sayOfMask("Taking a picture…");
  const size = await look(byId("mask-picture"), []);
  if (!size) return;
  camera().size = size;
  drawAreas();
  sayOfMask("Click the corners of what nobody may see, or move with the arrow keys and set corners with Enter.");
  refresh();
}

/** A picture taken now, with these areas hidden, drawn onto a canvas. */
async function look(canvas, areas) {
  const asked = masking;
  const [at, turn] = [asked.at, (asked.looks += 1)];
  try {
    const answer = await ask(`api/v1/zones/${asked.zone.slug}/preview`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Requested-With": "aicleaner" },
      body: JSON.stringify({ camera: at, areas }),
    });
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      throw new Error(told.error || `No picture came (${answer.status}); try again in a moment.`);
    }
    const picture = await createImageBitmap(await answer.blob());
    // Somebody turned to another camera, or drew on, meanwhile.
    if (masking !== asked || asked.at !== at || asked.looks !== turn) return null;
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    canvas.hidden = false;
    return [picture.width, picture.height];
  } catch (e) {
    if (masking === asked && asked.looks === turn) sayOfMask(e.message);
    return null;
  }
}

async function refresh() {
  const size = await look(byId("mask-preview"), camera().areas);
  if (size) text(byId("mask-preview-words"), camera().areas.length
    ? "Exactly what is judged, sent and kept once you save." : "Exactly what is judged and sent. Nothing is hidden.");
}

const sayOfMask = (words) => text(byId("mask-status"), words);

// --- drawing

function shape(name, attributes) {
  const el = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) el.setAttribute(key, String(value));
  return el;
}

function drawAreas() {
  const [width, height] = camera().size || [16, 9];
  stage.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const points = (corners) => corners.map(([x, y]) => `${x * width},${y * height}`).join(" ");
  const parts = camera().areas.map((area) => shape("polygon", { points: points(area), class: "area" }));
  const { open, cursor } = masking;
  if (open.length) {
    parts.push(shape("polyline", { points: points(cursor ? [...open, cursor] : open), class: "open" }));
    open.forEach(([x, y], i) => parts.push(shape("circle", { cx: x * width, cy: y * height, r: width / (i ? 160 : 90), class: "corner" })));
  }
  if (cursor) {
    const [x, y] = [cursor[0] * width, cursor[1] * height];
    const reach = width / 40;
    parts.push(shape("path", { d: `M${x - reach} ${y}h${2 * reach}M${x} ${y - reach}v${2 * reach}`, class: "cursor" }));
  }
  stage.replaceChildren(...parts);
  byId("close-area").disabled = open.length < 3;
  byId("undo-corner").disabled = open.length === 0;
  each(byId("mask-areas"), camera().areas, (_, i) => `${masking.at}-${i}`, "mask-area", (row, area, i) => {
    text(row.querySelector(".words"), `Area ${i + 1}, ${count(area.length, "corner")}`);
    const button = row.querySelector("button");
    button.setAttribute("aria-label", `Delete area ${i + 1}`);
    button.onclick = () => {
      camera().areas.splice(i, 1);
      changed(`Area ${i + 1} deleted.`);
      stage.focus();
    };
  });
}

function changed(words) {
  masking.changed = true;
  camera().drawn_on = camera().size;
  drawAreas();
  sayOfMask(words);
  refresh();
}

function addCorner([x, y]) {
  if (!camera().size) return;
  const { open } = masking;
  const shapeOf = camera().size[0] / camera().size[1];
  if (open.length >= 3 && Math.hypot(x - open[0][0], (y - open[0][1]) / shapeOf) < NEAR) {
    closeArea();
    return;
  }
  if (open.length >= 64) {
    sayOfMask("An area has 64 corners at most; close it.");
    return;
  }
  open.push([round(x), round(y)]);
  drawAreas();
  sayOfMask(`${count(open.length, "corner")}. ${open.length < 3 ? "An area needs three." : "Close the area when it is complete."}`);
}

function closeArea() {
  if (masking.open.length < 3) return;
  camera().areas.push(masking.open);
  masking.open = [];
  changed(`Area ${camera().areas.length} is hidden.`);
}

function undoCorner() {
  masking.open.pop();
  drawAreas();
  sayOfMask(masking.open.length ? count(masking.open.length, "corner") : "No corners.");
}

function place(event) {
  const box = stage.getBoundingClientRect();
  return [round((event.clientX - box.left) / box.width), round((event.clientY - box.top) / box.height)];
}

stage.addEventListener("click", (event) => {
  masking.cursor = null;
  addCorner(place(event));
});

stage.addEventListener("keydown", (event) => {
  const step = event.shiftKey ? STEP / 4 : STEP;
  const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (move) {
    const [x, y] = masking.cursor || masking.open[masking.open.length - 1] || [0.5, 0.5];
    masking.cursor = [round(x + move[0]), round(y + move[1])];
    drawAreas();
    sayOfMask(`${Math.round(masking.cursor[0] * 100)} % from the left, ${Math.round(masking.cursor[1] * 100)} % from the top.`);
  } else if (event.key === "Enter" || event.key === " ") {
    addCorner(masking.cursor || [0.5, 0.5]);
  } else if (event.key === "c" || event.key === "C") {
    closeArea();
  } else if (event.key === "Backspace" || event.key === "Delete") {
    undoCorner();
  } else if (event.key === "Escape" && masking.open.length) {
    masking.open = [];
    drawAreas();
    sayOfMask("The area that was being drawn is gone.");
  } else return;
  event.preventDefault();
});

// --- saving

async function saveMasks() {
  if (masking.open.length) {
    complainOfMask("Close the area that you are drawing, or undo its corners, then save.");
    return;
  }
  const button = byId("save-masks");
  const cameras = masking.cameras.map(({ areas, drawn_on: on, size }) => ({ areas, drawn_on: on || size || null }));
  button.disabled = true;
  try {
    await talk("PUT", `api/v1/zones/${masking.zone.slug}/masks`, { revision: masking.revision, cameras });
    toast(masking.zone.clean_pictures
      ? "Saved and in use. The clean pictures were deleted, because they show what was visible before: say “This is clean” again."
      : "Saved and in use from the next picture on.");
    masking.changed = false;
    maskEditor.close();
    poll();
  } catch (e) {
    complainOfMask(e.message);
  }
  button.disabled = false;
}

async function forgetClean() {
  try {
    await talk("DELETE", `api/v1/zones/${masking.zone.slug}/reference`, {});
    byId("forget-clean").hidden = true;
    toast(`The clean pictures of ${masking.zone.name} were deleted.`);
    poll();
  } catch (e) {
    complainOfMask(e.message);
  }
}

byId("close-area").onclick = () => { closeArea(); stage.focus(); };
byId("undo-corner").onclick = () => { undoCorner(); stage.focus(); };
byId("look-again").onclick = () => turnTo(masking.at);
byId("save-masks").onclick = saveMasks;
byId("forget-clean").onclick = forgetClean;
byId("close-masks").onclick = () => maskEditor.close();
maskEditor.addEventListener("close", () => {
  if (masking && masking.changed) toast("The masks were not changed.");
  masking = null;
});
