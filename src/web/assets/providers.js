// Who judges: shows what api/v1/providers says, tests one, and hears whether
// the household agrees to an AI of Home Assistant's. Uses the helpers of
// app.js and options.js, which are loaded before.
"use strict";

const judges = byId("providers");

async function openProviders() {
  try {
    fillProviders(await talk("GET", "api/v1/providers"));
    if (!judges.open) judges.showModal();
  } catch (e) {
    toast(e.message);
  }
}

function fillProviders({ standing, consent, calls_a_day }) {
  const notes = [...standing.warnings];
  if (standing.local_only) notes.unshift("No picture leaves the home network (local_only).");
  byId("provider-notes").hidden = notes.length === 0;
  each(byId("provider-notes"), notes, (words) => words, "notice", (el, words) => text(el.querySelector("span"), words));
  each(byId("links"), standing.links, (_, at) => at, "link", (el, link, at) => {
    text(el.querySelector("b"), link.model ? `${link.provider}, ${link.model}` : link.provider);
    const state = link.circuit === "open"
      ? `${link.sentence || "Not asked now."} ${link.until ? `Tried again ${until(link.until)}.` : "Tried again when the options change or a test works."}`
      : "Is asked.";
    text(el.querySelector(".words"), link.test ? `${state} Last test ${since(link.test.at)}: ${link.test.sentence}` : state);
    el.querySelector("button").onclick = () => testProvider(at, el);
  });
  const money = standing.cost_limit === null ? "" : ` and ${standing.cost_limit} $`;
  text(byId("spent"), `Today ${count(standing.calls_today, "AI call")}, ${standing.cost_today.toFixed(4)} $; at most ${standing.call_limit} calls${money} a day.`);
  const entity = consent && consent.asked && !consent.agreed ? consent.proposed : null;
  byId("consent").hidden = !entity && !(consent && consent.agreed && consent.asked);
  byId("agree").hidden = !entity;
  byId("withdraw").hidden = Boolean(entity);
  if (entity) {
    text(byId("consent-words"), `Home Assistant has an AI that could judge your rooms: ${entity.name}, of the integration ${entity.integration || "that it did not name"}. ` +
      `It would get the picture of each check, the room’s name and purpose and its open tasks, up to ${count(calls_a_day, "time")} a day, ` +
      `${entity.local ? "and works in your home network" : "and may send them to a company on the internet"}.`);
    byId("agree").onclick = () => say("POST", { entity: entity.entity });
  } else if (consent && consent.agreed) {
    text(byId("consent-words"), `${consent.agreed} judges your rooms, as you agreed.`);
    byId("withdraw").onclick = () => say("DELETE", {});
  }
}

async function say(method, body) {
  try {
    await talk(method, "api/v1/providers/consent", body);
    fillProviders(await talk("GET", "api/v1/providers"));
  } catch (e) {
    toast(e.message);
  }
}

async function testProvider(at, el) {
  const button = el.querySelector("button");
  button.disabled = true;
  text(el.querySelector(".words"), "Testing…");
  try {
    const told = await talk("POST", `api/v1/providers/${at}/test`, {});
    if (told.running) toast("The test takes longer; its result appears here.");
    else text(el.querySelector(".words"), told.sentence);
  } catch (e) {
    text(el.querySelector(".words"), e.message);
  } finally {
    button.disabled = false;
  }
}

byId("edit-providers").addEventListener("click", openProviders);
byId("close-providers").addEventListener("click", () => judges.close());
