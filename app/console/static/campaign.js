// One campaign: its bar, its numbers, and what one can do with it.
import { ask, get, segment } from "./api.js";
import { campaignActions } from "./campaign-actions.js";
import { legend, outcomes } from "./chart.js";
import { fill, h } from "./dom.js";
import { choice, field } from "./fields.js";
import { paged } from "./list.js";
import { facts, section } from "./page.js";
import { CALL_COLUMNS, callRow, FILTERS } from "./rows.js";
import { sentence } from "./session.js";
import { fullMoment, OUTCOMES, WAITING_FOR } from "./words.js";

const EVERY_MS = 2000;

async function download(id) {
  const text = await ask("GET", `tasks/${segment(id)}/calls`, { headers: { Accept: "text/csv" } });
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  h("a", { href: url, download: `${id}.csv` }).click();
  URL.revokeObjectURL(url);
}

// How far its numbers got.
function funnel({ total, waiting, canceled, completed }) {
  const dialled = total - waiting - canceled;
  return [["queued", total], ["dialled", dialled], ["answered", completed]]
    .map(([name, value]) => h("li", {}, h("b", {}, value.toLocaleString()), ` ${name}`));
}

export function showCampaign(page, id) {
  const heading = h("h1", {}, "A campaign");
  const told = h("p", { class: "lead", role: "status" }, "Asking…");
  const [bar, about, steps] = [h("div"), h("dl", { class: "facts" }), h("ol", { class: "funnel" })];
  let task = null;
  const [actions, fit] = campaignActions(id, () => task, () => page.trying(() => { named = null; return look(); }), () => page.trying(() => download(id)));
  const draw = () => {
    if (!task) return;
    heading.textContent = task.name ?? "A campaign";
    const text = `${sentence(task.message)}.${task.paused_reason ? ` Paused: ${sentence(task.paused_reason)}` : ""}`;
    if (told.textContent !== text) told.textContent = text;
    fill(bar, [task.result.counts], () => 0, (counts) => h("div", {}, outcomes(counts), legend(counts)));
    steps.replaceChildren(...funnel(task.result.counts));
    const waits = Object.entries(task.result.waiting_for ?? {}).map(([word, n]) => `${n}: ${WAITING_FOR[word]}`).join("; ");
    about.replaceChildren(...facts([["Waits for", waits], ["Done by", fullMoment(task.result.estimated_completion)],
      ["Your id", task.external_id], ["Error", task.error && sentence(task.error)], ["Queued", fullMoment(task.created_at)],
      ["Last change", fullMoment(task.updated_at)], ["Task", id]]));
    fit();
  };
  let named = null; // task-status tells no name
  const look = async () => {
    named ??= (await get("tasks", { kind: "bulk", limit: 200 }, page.signal)).tasks.find((one) => one.task_id === id) ?? {};
    task = { name: named.name, external_id: named.external_id, ...await get(`task-status/${segment(id)}`, {}, page.signal) };
    draw();
  };
  const filter = choice("outcome", [["", "any"], ...FILTERS.map((one) => [one, OUTCOMES[one]])]);
  const numbers = paged(page, { path: `tasks/${segment(id)}/calls`, part: "calls", caption: "Numbers of the campaign",
    columns: CALL_COLUMNS, row: callRow, keyOf: (call) => call.call_id, empty: "No number is so." });
  filter.addEventListener("change", () => numbers.ask({ outcome: filter.value }));
  page.append(h("p", {}, h("a", { href: "#/campaigns" }, "← Campaigns")), heading, told, bar, steps, actions, section("About it", about),
    section("Its numbers", field("Outcome", filter), numbers));
  page.every(EVERY_MS, look);
}
