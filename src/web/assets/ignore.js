// What is no task in a room: the rules, a test of one, and changing them. Uses
// the helpers of app.js and options.js, which are loaded before.
"use strict";

const ignoring = byId("ignore");
const FROM = {
  options: "from the options",
  entity: "from the ignore entity, until the option changes",
  page: "from this page",
};
let ruled = null; // whose rules are shown

/** Called by app.js for a room's button. */
async function openRules(zone) {
  ruled = zone;
  text(byId("ignore-title"), `What is no task: ${zone.name}`);
  byId("rule").value = "";
  text(byId("rule-names"), "");
  if (await fillRules() && !ignoring.open) ignoring.showModal();
}

const rulesAt = () => `api/v1/zones/${ruled.slug}/ignore`;

async function fillRules() {
  try {
    const { rules } = await talk("GET", rulesAt());
    each(byId("rules"), rules, (rule) => `${rule.from} ${rule.rule}`, "rule-row", (el, rule) => {
      text(el.querySelector("b"), rule.rule);
      text(el.querySelector(".words"), FROM[rule.from] || "");
      const back = el.querySelector("button");
      back.hidden = rule.from === "options";
      back.setAttribute("aria-label", `Take back: ${rule.rule}`);
      back.onclick = () => changeRules("DELETE", rule.rule);
    });
    return true;
  } catch (e) {
    toast(e.message);
    return false;
  }
}

async function changeRules(method, rule) {
  try {
    await talk(method, rulesAt(), { rule });
    if (method === "POST") byId("rule").value = "";
    text(byId("rule-names"), "");
    await fillRules();
    poll();
  } catch (e) {
    text(byId("rule-names"), e.message);
  }
}

async function testRule() {
  try {
    const { tasks } = await talk("POST", `${rulesAt()}/test`, { rule: byId("rule").value });
    const open = tasks.filter((task) => task.state.is === "open").map((task) => task.title);
    const past = tasks.filter((task) => task.state.is !== "open").map((task) => task.title);
    const said = [];
    if (open.length) said.push(`Takes away: ${open.join("; ")}.`);
    if (past.length) said.push(`Would have kept away: ${past.join("; ")}.`);
    text(byId("rule-names"), said.join(" ") || "Names none of the tasks of the last weeks.");
  } catch (e) {
    text(byId("rule-names"), e.message);
  }
}

byId("test-rule").addEventListener("click", testRule);
byId("add-rule").addEventListener("click", () => changeRules("POST", byId("rule").value));
byId("rule").addEventListener("keydown", (event) => { if (event.key === "Enter") testRule(); });
byId("close-ignore").addEventListener("click", () => ignoring.close());
