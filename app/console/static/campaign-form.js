// A campaign from a file: looked through before anything is queued.
import { askOnce, segment } from "./api.js";
import { asSent } from "./campaign-actions.js";
import { dayAndTime, OPTIONS } from "./call-form.js";
import { distinct, readRecipients, textOf } from "./csv.js";
import { button, fill, h, table } from "./dom.js";
import { choosing, field, fields, filled, showFaults } from "./fields.js";
import { notice } from "./notice.js";
import { preview } from "./said.js";
import { numbersShown, sentence } from "./session.js";
import { count, fullMoment } from "./words.js";

const [CHUNK, MOST_FAULTS_SHOWN, MOST_TOLD] = [1000, 100, 5];
const SPOKEN = ["call_metadata.message", "machine.message", "gather.prompt"];
const WHY = { do_not_call: "it is on the do-not-call list", prefix_refused: "its prefix is not allowed" };

// What a line says, without the digits of what may be somebody's number.
const cell = (text) => (numbersShown() ? text : text.replace(/\d[\d\s().-]{3,}\d/g, "…")).slice(0, 60);

const fault = ({ line, text, told }) => h("tr", {},
  h("td", { class: "figure" }, line), h("td", {}, cell(text)), h("td", {}, sentence(told)));

function fileField(area) {
  const drop = fields("file")[0].firstElementChild, input = drop.querySelector("input");
  const take = async (file) => {
    if (!file) return;
    const text = await textOf(file);
    if (text === null) return notice(`${file.name} is neither UTF-8 nor UTF-16: save it as “CSV UTF-8”.`, { kind: "fault" });
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const over = (event) => { event.preventDefault(); drop.classList.toggle("over", event.type === "dragover"); };
  input.addEventListener("click", () => { input.value = ""; }); // so that one that was put right may be chosen again
  input.addEventListener("change", () => take(input.files[0]));
  for (const kind of ["dragover", "dragleave", "drop"]) drop.addEventListener(kind, over);
  drop.addEventListener("drop", (event) => take(event.dataTransfer.files[0]));
  return drop;
}

export function campaignForm() {
  let found = readRecipients(""), busy = false, part = {}; // of a campaign of which only a part was queued
  const area = h("textarea", { rows: 5, spellcheck: "false", placeholder: "to_number,first_name\n+12025550100,Ada" });
  const [told, lines] = [h("p", { role: "status" }), h("tbody")];
  const faults = h("div", { hidden: true }, table("Lines with faults", [["Line", "figure"], "It says", "What is wrong"], lines));
  const start = button("Start the campaign", () => go(false), { class: "main" }), tryOut = button("Try it out", () => go(true));
  const skip = h("input", { type: "checkbox" }), skipping = h("p", { class: "field", hidden: true }, h("label", {}, skip, " Leave out the lines with faults"));
  const fit = () => {
    const { recipients, faults: wrong } = found;
    const once = distinct(recipients).length, twice = recipients.length - once;
    told.textContent = !recipients.length && !wrong.length ? "" :
      `${count(once, "number")} can be called${twice ? `, ${twice} of the lines repeat one` : ""}; ` +
      `${wrong.length ? `${count(wrong.length, "line")} cannot.` : "no line has a fault."}`;
    fill(lines, wrong.slice(0, MOST_FAULTS_SHOWN), (one) => one.line, fault);
    faults.hidden = skipping.hidden = !wrong.length;
    tryOut.disabled = start.disabled = busy || !once || (wrong.length > 0 && !skip.checked);
    start.textContent = once ? `${found.task ? "Add the other" : "Start with"} ${count(once, "number")}` : "Start the campaign";
  };
  const form = h("form", { novalidate: true }, fileField(area),
    field("Recipients", area, "One a line; a first line with names of columns makes the other columns variables."),
    told, faults, skipping, fields("named", "says", "paced", "begins"), dayAndTime(""), fields(...OPTIONS, "stops"),
    h("details", {}, h("summary", {}, "More"), h("div", { class: "row" }, fields("callers", "tells"))));
  area.addEventListener("input", () => {
    const read = readRecipients(area.value), others = distinct(read.recipients, part.queued);
    found = others.length < distinct(read.recipients).length ? { ...read, recipients: others, task: part.task, queued: part.queued } : read; // edited, it is that list still
    fit();
  });
  skip.addEventListener("change", fit);
  form.append(preview(form, () => found.recipients[0]?.variables ?? {}), h("p", { class: "actions" }, start, " ", tryOut)); // started by itself, not by an Enter in a field
  const go = async (dry) => {
    busy = true;
    fit();
    await submit(form, found, dry);
    [part, busy] = [found.task && found.recipients.length + found.faults.length ? found : {}, false];
    fit();
  };
  addEventListener("beforeunload", (event) => busy && event.preventDefault()); // some thousands may not be queued yet
  choosing(form, form.elements.start);
  fit();
  return form;
}

// Only those of a line's cells that what is said speaks leave the browser.
function sent(recipients, form) {
  const said = SPOKEN.map((name) => form.elements[name].value).join("\n");
  return asSent(recipients, [...said.matchAll(/\{\{\s*([A-Za-z_]\w*)\s*\}\}/g)].map(([, name]) => name));
}

// Once more if nobody answers.
const post = (path, body) => askOnce(path, body).catch((error) => (error.status === 0 ? askOnce(path, body) : Promise.reject(error)));

// Tries each thousand, queues the first and adds the others, or only tries the first. Who is queued is not found any more, so
// that only the others can be added later; nor is who is refused, whose line has a fault.
async function submit(form, found, dry) {
  showFaults(form);
  const recipients = distinct(found.recipients), all = sent(recipients, form), refused = new Map(), others = {};
  let from = 0, queued = 0;
  try {
    const settings = filled(form), some = () => ({ recipients: all.slice(from, from + CHUNK) });
    const queue = (dry_run) => post("queue-bulk-calls", { ...some(), ...settings, dry_run });
    for (from = CHUNK; !dry && !found.task && from < all.length; from += CHUNK) await queue(true);
    for (from = 0; from < (dry ? 1 : all.length); from += CHUNK) {
      const answer = await (dry || !found.task ? queue(dry) : post(`tasks/${segment(found.task)}/recipients`, some()));
      if (!dry) [found.task, queued, found.queued] = [answer.task_id, from + CHUNK, [...found.queued ?? [], ...recipients.slice(from, from + CHUNK)]];
      const left = (answer.skipped ?? []).map((one) => `${one.to_number} is left out: ${WHY[one.reason] ?? one.reason}`);
      const ends = answer.finish ? [`The last call would be over at ${fullMoment(answer.finish)}`] : [], link = !dry && h("a", { href: `#/campaigns/${segment(found.task)}` }, "Follow it");
      notice([answer.message, ...ends, ...answer.warnings ?? [], ...left.slice(0, MOST_TOLD), left.length > MOST_TOLD && `And ${count(left.length - MOST_TOLD, "other")}`].filter(Boolean).join(". "), { link });
    }
  } catch (error) {
    for (const [path, told] of Object.entries(error.errors ?? {})) {
      const at = path.match(/^recipients\D+(\d+)/)?.[1];
      if (at === undefined) others[path] = told;
      else refused.set(recipients[from + Number(at)].line, told);
    }
    const part = queued && `The first ${count(queued, "number")} are queued; the others are not.`;
    notice([part, error.message, ...showFaults(form, others)].filter(Boolean).join(" "), { kind: "fault" });
  }
  found.recipients = distinct(found.recipients, recipients.slice(0, queued)).filter((one) => !refused.has(one.line));
  found.faults.push(...[...refused].map(([line, told]) => ({ line, text: "", told })));
}
