// What one can do with a campaign.
import { ask, askOnce, segment } from "./api.js";
import { readRecipients } from "./csv.js";
import { confirmed, filledIn } from "./dialogs.js";
import { button, h } from "./dom.js";
import { field, fields, filled } from "./fields.js";
import { tell } from "./notice.js";
import { randomId } from "./session.js";
import { count, paused } from "./words.js";

const CANCEL = "Cancel the campaign? No further number is dialled, live calls are hung up, and it cannot go on after that.";

// Whether the person wanted it.
export async function cancelled(id, question, yes) {
  const wanted = await confirmed(question, yes);
  if (wanted) await tell(() => ask("DELETE", `cancel-task/${segment(id)}`));
  return wanted;
}

// What may change of a call or a campaign while it waits, beside what is known of it; a time only until it has begun.
export function edit(path, what, parts, begun, known = {}) {
  const hint = h("p", {}, "What you leave empty stays as it is. What is already under way keeps what it had.");
  const content = h("div", {}, hint, fields(...parts, ...(begun ? [] : ["at"]), "hours", "again", "limits"));
  for (const one of content.querySelectorAll("input, textarea")) Object.assign(one, { placeholder: known[one.name] ?? "", required: false });
  for (const one of content.querySelectorAll(".undo")) one.hidden = false;
  return filledIn(`Edit the ${what}`, content, "Save", async (form) =>
    ({ message: `Saved. ${(await ask("PATCH", path, { body: filled(form) })).message}` }));
}

function add(path) {
  const lines = field("Recipients", h("textarea", { name: "lines", rows: 6, required: true }), "One a line, or lines of CSV.");
  return filledIn("Add numbers", [lines], "Add them", async (form) => {
    const { recipients, faults } = readRecipients(form.elements.lines.value);
    if (faults.length) throw new Error(`Line ${faults[0].line}: ${faults[0].told}`);
    const send = (names) => askOnce(`${path}/recipients`, { recipients: asSent(recipients, names) });
    // Of the other columns only those leave the browser that the campaign's texts speak: it says which, when they are missing.
    return send([]).catch((error) => {
      const [, missing] = Object.values(error.errors ?? {}).join().match(/Must hold (.+?), which the message names/) ?? [];
      return missing ? send(missing.split(", ")) : Promise.reject(error);
    }).catch(({ message, errors = {} }) => {
      const told = Object.entries(errors).map(([at, why]) => `${at.replace(/^recipients\D+(\d+).*/, (_, n) => `Line ${recipients[n].line}`)}: ${why}`);
      throw new Error(told.slice(0, 5).join(" ") || message);
    });
  });
}

// Recipients as the API takes them: without their lines, and of their other cells those of such names that they have.
export const asSent = (recipients, names) => recipients.map(({ line, variables, ...one }) => {
  const said = Object.entries(variables).filter(([name]) => names.includes(name));
  return said.length ? { ...one, variables: Object.fromEntries(said) } : one;
});

// The buttons, and what shows and hides them as the campaign goes on: none before it is known.
export function campaignActions(id, task, again, csv) {
  const path = `tasks/${segment(id)}`;
  const doing = (action) => async () => { await tell(action); await again(); };
  const filling = (dialog) => async () => { if (await dialog(path)) await again(); };
  const retry = () => ask("POST", `${path}/retry`, { body: { outcomes: ["busy", "no_answer"] }, headers: { "Idempotency-Key": randomId() } });
  const pause = button("Pause", (event) => event.detail > 1 || doing(() => ask("POST", `${path}/${paused(task()) ? "resume" : "pause"}`))(), { "data-act": "pause", hidden: true });
  const change = button("Edit", filling(() => edit(path, "campaign", ["named", "says", "paced", "stops"], task().status !== "PENDING", task())), { hidden: true });
  const cancel = button("Cancel it", async () => await cancelled(id, CANCEL, "Cancel the campaign") && again(), { class: "danger", hidden: true });
  const more = button("Add numbers", filling(add), { hidden: true });
  const again_ = button("Retry", doing(retry), { hidden: true });
  const fit = () => {
    const { status, result } = task();
    const [going, counts] = [["PENDING", "PROGRESS"].includes(status), result.counts];
    pause.textContent = paused(task()) ? "Resume" : "Pause";
    for (const one of [pause, change, cancel]) one.hidden = !going;
    more.hidden = status === "REVOKED";
    again_.hidden = status === "REVOKED" || !(counts.busy + counts.no_answer);
    again_.textContent = `Retry ${count(counts.busy + counts.no_answer, "busy or unanswered number")}`;
  };
  return [h("p", { class: "actions" }, pause, change, more, again_, button("CSV", csv), cancel), fit];
}
