// Ahead: what is due in the next days, and what the pace can take of it.
import { segment } from "./api.js";
import { cancelled } from "./campaign-actions.js";
import { button, fill, h, table } from "./dom.js";
import { paged } from "./list.js";
import { live } from "./live.js";
import { Page, section } from "./page.js";
import { phone, sentence } from "./session.js";
import { count, day, zone } from "./words.js";

const HOUR = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

const hour = ({ begins_at, calls, campaigns, most }) => h("tr", {},
  h("td", {}, `${day(begins_at)}, from ${HOUR.format(new Date(begins_at))}`),
  h("td", { class: "figure" }, calls), h("td", { class: "figure" }, campaigns),
  h("td", {}, calls > most ? `${count(calls - most, "call")} more than the pace takes in an hour` : "fits"));

const row = (task, again) => h("tr", {},
  h("td", {}, h("a", { href: `#/calls/${segment(task.task_id)}` }, phone(task.to_number))),
  h("td", {}, sentence(task.message)),
  h("td", {}, button("Cancel", async () => {
    if (await cancelled(task.task_id, `Cancel the call to ${phone(task.to_number)}?`, "Cancel it")) again();
  }, { class: "danger", "data-act": "cancel" })));

customElements.define("page-ahead", class extends Page {
  show() {
    const body = h("tbody");
    const hours = table("Hours in which something is due", ["Hour", ["Calls", "figure"], ["Campaigns", "figure"], "Pace"], body);
    const told = h("p", {});
    const scheduled = paged(this, { path: "tasks", query: { kind: "scheduled", status: "PENDING" }, part: "tasks",
      caption: "Each scheduled call", columns: ["Number", "When", ""], keyOf: (task) => task.task_id,
      row: (task) => row(task, () => scheduled.again()), empty: "No call is scheduled." });
    this.append(h("h1", {}, "Ahead"), section(`The next three days, in ${zone()}`, told, hours), section("Scheduled calls", scheduled));
    this.withNews(() => {
      const { overview } = live.state;
      hours.hidden = !overview?.ahead.hours.length;
      if (!overview) return;
      const { ahead, calls } = overview;
      const later = ahead.beyond.calls + ahead.beyond.campaigns;
      told.textContent = `${hours.hidden ? "Nothing is due in them." : ""} ${later ? `${count(later, "task")} more after them.` : ""}`;
      const most = Math.floor(calls.limit_per_minute * 60);
      fill(body, ahead.hours.map((one) => ({ ...one, most })), (one) => one.begins_at, hour);
    });
  }
});
