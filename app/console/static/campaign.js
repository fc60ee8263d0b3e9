// One campaign: its bar, its numbers, and what one can do with it.
import { ask, get, segment } from "./api.js";
import { campaignActions } from "./campaign-actions.js";
import { legend, lengths, outcomes } from "./chart.js";
import { cells } from "./csv.js";
import { button, fill, h, write } from "./dom.js";
import { field } from "./fields.js";
import { paged } from "./list.js";
import { tell } from "./notice.js";
import { facts, section } from "./page.js";
import { CALL_COLUMNS, callRow, outcomeChoice } from "./rows.js";
import { sentence } from "./session.js";
import { fullMoment, WAITING_FOR } from "./words.js";

const [EVERY_MS, PATIENCE_MS, FEW, LOOKS] = [2000, 300_000, 1000, 5];

const file = (id) => ask("GET", `tasks/${segment(id)}/calls`, { headers: { Accept: "text/csv" }, patience: PATIENCE_MS });

async function download(id) {
  const url = URL.createObjectURL(new Blob([await file(id)], { type: "text/csv" }));
  h("a", { href: url, download: `${id}.csv` }).click();
  URL.revokeObjectURL(url);
}

// What only its file tells: how long each call lasted, and of how many keys were pressed.
async function counted(id) {
  const [{ cells: names }, ...rows] = cells(await file(id));
  const told = (name) => rows.map((row) => row.cells[names.indexOf(name)]).filter(Boolean);
  const ended = (...words) => told("call_status").filter((one) => words.includes(one)).length;
  return { lasted: told("duration_seconds").map(Number).filter(Boolean), dialled: told("attempts").filter(Number).length, rang: ended("completed", "no-answer"), answered: ended("completed"), pressed: told("digits").length };
}

// How far its numbers got; the counts have one between two attempts among those that wait.
function funnel({ total, waiting, canceled, completed, no_answer: silent }, found) {
  const most = (name, least) => [name, Math.max(least, found[name] ?? 0)];
  return [["queued", total], most("dialled", total - waiting - canceled), most("rang", completed + silent), most("answered", completed), ["pressed a key", found.pressed]]
    .filter(([, value]) => value !== undefined).map(([name, value]) => h("li", {}, h("b", {}, value.toLocaleString()), ` ${name}`));
}

export function showCampaign(page, id) {
  const heading = h("h1", {}, "A campaign");
  const told = h("p", { class: "lead", role: "status" }, "Asking…");
  const [bar, about, steps] = [h("div"), h("dl", { class: "facts" }), h("ol", { class: "funnel" })];
  const [chart, recount] = [h("div"), button("Count lengths and keys", () => tell(recounted), { hidden: true })];
  let task = null, found = {}, looks = 0, named = null; // task-status tells no name
  const recounted = async () => { found = await counted(id); draw(); };
  const [actions, fit] = campaignActions(id, () => task, () => { named = null; return page.trying(look); }, () => tell(() => download(id)));
  const draw = () => {
    if (!task) return;
    heading.textContent = task.name ?? "A campaign";
    if (page.isConnected) document.title = `${heading.textContent} · Calls`; // by which tabs are told apart
    write(told, `${sentence(task.message)}.${task.paused_reason ? ` Paused: ${sentence(task.paused_reason)}` : ""}`);
    fill(bar, [task.result.counts], () => 0, (counts) => h("div", {}, outcomes(counts), legend(counts)));
    steps.replaceChildren(...funnel(task.result.counts, found));
    fill(chart, [found.lasted ?? []], () => 0, (lasted) => (lasted.length ? lengths(lasted) : h("p", {}, "None counted yet.")));
    recount.hidden = task.result.counts.total <= FEW;
    const waits = Object.entries(task.result.waiting_for ?? {}).map(([word, n]) => `${n}: ${WAITING_FOR[word]}`).join("; ");
    about.replaceChildren(...facts([["Waits for", waits], ["Done by", fullMoment(task.result.estimated_completion)],
      ["Your id", task.external_id], ["Error", task.error && sentence(task.error)], ["Queued", fullMoment(task.created_at)],
      ["Last change", fullMoment(task.updated_at)], ["Task", id]]));
    fit();
  };
  const look = async () => {
    const state = await get(`task-status/${segment(id)}`, {}, page.signal);
    if (!state.result?.counts) { location.replace(`#/calls/${segment(id)}`); return; }
    const then = { created_from: state.created_at, created_to: new Date(Date.parse(state.created_at) + 1000).toISOString() };
    named ??= (await get("tasks", { kind: "bulk", limit: 200, ...then }, page.signal)).tasks.find((one) => one.task_id === id) ?? {};
    task = { name: named.name, external_id: named.external_id, ...state };
    draw();
    if (recount.hidden && looks++ % LOOKS === 0) await recounted();
  };
  const numbers = paged(page, { path: `tasks/${segment(id)}/calls`, part: "calls", caption: "Numbers of the campaign",
    columns: CALL_COLUMNS, row: callRow, keyOf: (call) => call.call_id, empty: "No number is so." });
  const filter = outcomeChoice(numbers.asked.outcome);
  filter.addEventListener("change", () => numbers.ask({ outcome: filter.value }));
  page.append(h("p", {}, h("a", { href: "#/campaigns" }, "← Campaigns")), heading, told, bar, steps, actions, section("How long its calls lasted", chart, h("p", { class: "actions" }, recount)), section("About it", about),
    section("Its numbers", field("Outcome", filter), numbers));
  page.every(EVERY_MS, look);
}
