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
  let task = null;
  const cancel = button("Cancel it", () => cancelled(id, CANCEL, "Cancel it"), { class: "danger", hidden: true });
  const editing = () => edit(path, "call", ["says"], task.result.waiting_for !== "schedule");
  const change = button("Edit", editing, { hidden: true });
  const resend = button("Send its events again", () => tell(() => ask("POST", `${path}/redeliver`)), { hidden: true });
  const draw = () => {
    if (!task) return;
    write(told, `${sentence(task.message)}.`);
    cancel.hidden = over(task.status) && task.result?.outcome !== "live";
    change.hidden = task.status !== "PENDING";
    resend.hidden = !task.result?.undelivered_callbacks;
    list.replaceChildren(...about(task));
  };
  const timeline = section("What happened", happened);
  timeline.hidden = true;
  page.append(h("p", {}, h("a", { href: "#/calls" }, "← Calls")), h("h1", {}, "One call"), told,
    section("About it", list, h("p", { class: "actions" }, change, resend, cancel)), timeline);
  page.onNumbers(draw);
  page.every(EVERY_MS, async () => {
    task = await get(`task-status/${segment(id)}`, {}, page.signal);
    if (task.result?.counts) { location.replace(`#/campaigns/${segment(id)}`); return; }
    draw();
    const { events } = await ask("GET", `${path}/events`, { query: { limit: MOST_EVENTS }, signal: page.signal, also: [404] });
    timeline.hidden = !events?.length;
    fill(happened, events ?? [], (one) => one.n, happening);
  });
}
