// What one can do with a campaign.
import { ask, segment } from "./api.js";
import { readRecipients } from "./csv.js";
import { confirmed, filledIn } from "./dialogs.js";
import { button, h } from "./dom.js";
import { field, text } from "./fields.js";
import { tell } from "./notice.js";
import { randomId } from "./session.js";
import { count, paused } from "./words.js";

const EDITED = ["name", "delay_between_calls", "max_concurrent_calls", "message"];
const once = () => ({ "Idempotency-Key": randomId() });
const CANCEL = "Cancel the campaign? No further number is dialled, live calls are hung up, and it cannot go on after that.";

function edit(path) {
  const fields = [
    h("p", {}, "What you leave empty stays as it is. Calls that are already under way keep what they had."),
    field("Name", text("name")),
    field("Seconds between two calls", text("delay_between_calls", { type: "number", min: 1, max: 300 })),
    field("Most calls at once", text("max_concurrent_calls", { type: "number", min: 1, max: 50 })),
    field("What it says", h("textarea", { name: "message", rows: 3 })),
  ];
  return filledIn("Edit the campaign", fields, "Save", async (data) => {
    const given = EDITED.filter((name) => data.get(name).trim()).map((name) => [name, data.get(name).trim()]);
    const body = Object.fromEntries(given.map(([name, value]) => [name, /^(delay|max)/.test(name) ? Number(value) : value]));
    if (body.message) { body.call_metadata = { message: body.message }; delete body.message; }
    return { message: `Saved. ${(await ask("PATCH", path, { body })).message}` };
  });
}

function add(path) {
  const lines = field("Recipients", h("textarea", { name: "lines", rows: 6, required: true }), "One a line, or lines of CSV.");
  return filledIn("Add numbers", [lines], "Add them", (data) => {
    const { recipients, faults } = readRecipients(data.get("lines"));
    if (faults.length) throw new Error(`Line ${faults[0].line}: ${faults[0].told}`);
    return ask("POST", `${path}/recipients`, { body: { recipients: recipients.map(asSent) }, headers: once() });
  });
}

// A recipient as the API takes it: without its line, and without what it has not.
export function asSent({ line, variables, ...one }) {
  return Object.keys(variables).length ? { ...one, variables } : one;
}

// The buttons, and what shows and hides them as the campaign goes on.
export function campaignActions(id, task, again, csv) {
  const path = `tasks/${segment(id)}`;
  const doing = (action) => async () => { await tell(action); await again(); };
  const filling = (dialog) => async () => { const answer = await dialog(path); if (answer) await doing(async () => answer)(); };
  const retry = () => ask("POST", `${path}/retry`, { body: { outcomes: ["busy", "no_answer"] }, headers: once() });
  const pause = button("Pause", () => doing(() => ask("POST", `${path}/${paused(task()) ? "resume" : "pause"}`))(), { "data-act": "pause" });
  const change = button("Edit", filling(edit));
  const cancel = button("Cancel it", async () => {
    if (await confirmed(CANCEL, "Cancel the campaign")) await doing(() => ask("DELETE", `cancel-task/${segment(id)}`))();
  }, { class: "danger" });
  const more = button("Add numbers", filling(add));
  const again_ = button("Retry", doing(retry));
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
