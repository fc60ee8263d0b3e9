// Rows of calls, as every list of them has it.
import { segment } from "./api.js";
import { h } from "./dom.js";
import { phone, sentence } from "./session.js";
import { lasting, moment, OUTCOMES, WAITING_FOR, word } from "./words.js";

export const outcome = (task) => h("span", { class: `outcome ${task.outcome ?? task.result?.outcome ?? ""}` }, word(task));

export const outcomeChoice = (chosen) => h("select", { name: "outcome" }, h("option", { value: "" }, "any"),
  Object.keys(OUTCOMES).filter((one) => !["canceled", "completed"].includes(one)).map((value) => h("option", { value, selected: value === chosen }, OUTCOMES[value])));

export function callRow(call) {
  const last = call.attempts?.at(-1) ?? {};
  const next = call.next_attempt_at ? `, next try ${moment(call.next_attempt_at)}` : "";
  return h("tr", {},
    h("td", {}, h("a", { href: `#/calls/${segment(call.call_id)}`, "data-act": "open" }, phone(call.to_number) || "forgotten")),
    h("td", {}, call.external_id ?? ""),
    h("td", {}, outcome(call)),
    h("td", {}, sentence(call.waiting_for ? `waits: ${WAITING_FOR[call.waiting_for]}${next}` : last.error ?? "")),
    h("td", { class: "figure" }, call.attempts?.length || ""),
    h("td", { class: "figure" }, lasting(last.duration_seconds)),
    h("td", { class: "figure" }, moment(last.started_at)));
}

export const CALL_COLUMNS = ["Number", "Your id", "Outcome", "Why", ["Tries", "figure"], ["Lasted", "figure"], ["Began", "figure"]];
