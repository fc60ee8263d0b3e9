// One call: where it stands, and all that happened, in its order.
import { ask, get, segment } from "./api.js";
import { cancelled, edit } from "./campaign-actions.js";
import { button, fill, h, write } from "./dom.js";
import { tell } from "./notice.js";
import { facts, section } from "./page.js";
import { phone, sentence } from "./session.js";
import { fullMoment, lasting, moment, OUTCOMES, over, WAITING_FOR } from "./words.js";

const [EVERY_MS, MOST_EVENTS] = [1000, 200];
const CANCEL = "Cancel it? It is not dialled any more, and hung up if it is live.";
const KINDS = { initiated: "Twilio has the call", ringing: "It rings", "in-progress": "Somebody answered", completed: "It ended" };
const KNOWN = new Set(["TaskId", "CampaignId", "SequenceNumber", "CallStatus"]);

function happening({ at, kind, fields }) {
  const told = Object.entries(fields ?? {}).filter(([name, value]) => value !== null && value !== "" && !KNOWN.has(name))
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
  const status = fields?.CallStatus;
  const what = KINDS[status ?? kind] ?? status ?? kind.replaceAll("_", " ");
  return h("li", {}, h("time", { datetime: at }, moment(at)), h("b", {}, what), told && h("small", {}, sentence(told)));
}

function about(task) {
  const result = task.result ?? {};
  return facts([
    ["Outcome", OUTCOMES[result.outcome]], ["Waits for", WAITING_FOR[result.waiting_for]], ["Number", phone(result.to_number)],
    ["Caller id", phone(result.from_number)], ["Error", task.error && sentence(task.error)],
    ["Began", fullMoment(result.started_at)], ["Ended", fullMoment(result.ended_at)], ["Lasted", lasting(result.duration_seconds)],
    ["Answered by", result.answered_by], ["Keys pressed", result.digits], ["Events not delivered", result.undelivered_callbacks],
    ["Events tried again", result.retrying_callbacks], ["Accepted", fullMoment(task.created_at)],
    ["Last change", fullMoment(task.updated_at)], ["Twilio's id", result.call_sid], ["Task", task.task_id],
  ]);
}

export function showCall(page, id) {
  const told = h("p", { class: "lead", role: "status" }, "Asking…");
  const [list, happened] = [h("dl", { class: "facts" }), h("ol", { class: "timeline" })];
  const path = `tasks/${segment(id)}`;
  const campaign = id.length > 36 && id.slice(0, 36); // of one of its calls
  let task = null, past = [], cursor = ""; // of its events: those of all pages but the last, and where that begins
  const cancel = button("Cancel it", () => cancelled(id, CANCEL, "Cancel it"), { class: "danger", hidden: true });
  const change = button("Edit", () => edit(path, "call", ["says"], task.result.waiting_for !== "schedule"), { hidden: true });
  const resend = button("Send its events again", () => tell(() => ask("POST", `${path}/redeliver`)), { hidden: true });
  const draw = () => {
    if (!task) return;
    write(told, `${sentence(task.message)}.`);
    cancel.hidden = over(task.status) && task.result?.outcome !== "live";
    change.hidden = task.status !== "PENDING" || campaign;
    resend.hidden = !task.result?.undelivered_callbacks;
    list.replaceChildren(...about(task));
  };
  const timeline = section("What happened", happened);
  timeline.hidden = true;
  const up = h("a", { href: campaign ? `#/campaigns/${segment(campaign)}` : "#/calls" }, campaign ? "← Its campaign" : "← Calls");
  page.append(h("p", {}, up), h("h1", {}, "One call"), told,
    section("About it", list, h("p", { class: "actions" }, change, resend, cancel)), timeline);
  page.onNumbers(draw);
  page.every(EVERY_MS, async () => {
    task = await get(`task-status/${segment(id)}`, {}, page.signal);
    if (task.result?.counts) { location.replace(`#/campaigns/${segment(id)}`); return; }
    draw();
    let events, more;
    do {
      const query = { limit: MOST_EVENTS, cursor };
      ({ events = [], next_cursor: more } = await ask("GET", `${path}/events`, { query, signal: page.signal, also: [404] }));
      fill(happened, [...past, ...events], (one) => one.n, happening);
      timeline.hidden = !happened.children.length;
      if (more) [cursor, past] = [more, [...past, ...events]];
    } while (more);
  });
}
