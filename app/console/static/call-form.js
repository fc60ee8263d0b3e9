// One call: now, after a while, or at a day and time.
import { askOnce, segment } from "./api.js";
import { h } from "./dom.js";
import { choosing, fields, filled, showFaults } from "./fields.js";
import { notice } from "./notice.js";
import { preview } from "./said.js";

// What calls and campaigns have in common besides what they say.
export const OPTIONS = ["answered", "hours", "again", "limits"];

// A part of a form that goes with a choice: a day and a time.
export const dayAndTime = (choice) => h("fieldset", { "data-when": choice }, fields("at"));

export function callForm() {
  const send = h("button", { class: "main" });
  const form = h("form", { novalidate: true }, fields("whom"), dayAndTime("time"), fields("says", ...OPTIONS),
    h("details", {}, h("summary", {}, "More"), h("div", { class: "row" }, fields("caller", "tells"))));
  form.append(preview(form), h("p", { class: "actions" }, send));
  const when = form.querySelector("[data-chooses]");
  choosing(form, when, () => { send.textContent = when.value === "time" ? "Schedule the call" : "Queue the call"; });
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(form, send, when.value === "time"); });
  return form;
}

async function submit(form, send, later) {
  showFaults(form);
  send.disabled = true;
  try {
    const answer = await askOnce(later ? "schedule-call" : "queue-single-call", filled(form));
    const link = h("a", { href: `#/calls/${segment(answer.task_id)}` }, "Follow it");
    notice([answer.message, ...answer.warnings].join(". "), { link });
  } catch (error) {
    notice([error.message, ...showFaults(form, error.errors)].join(" "), { kind: "fault" });
  } finally {
    send.disabled = false;
  }
}
