// Campaigns: each with what became of its numbers.
import { segment } from "./api.js";
import { showCampaign } from "./campaign.js";
import { outcomes } from "./chart.js";
import { h } from "./dom.js";
import { paged } from "./list.js";
import { Page } from "./page.js";
import { sentence } from "./session.js";
import { moment, paused, STATUSES } from "./words.js";

const row = (task) => h("tr", {},
  h("td", {}, h("a", { href: `#/campaigns/${segment(task.task_id)}`, "data-act": "open" }, task.name ?? task.task_id.slice(0, 8))),
  h("td", {}, paused(task) ? "paused" : STATUSES[task.status]),
  h("td", { class: "wide" }, outcomes(task.result.counts), h("small", {}, sentence(task.message))),
  h("td", { class: "figure" }, task.result.estimated_completion ? moment(task.result.estimated_completion) : ""),
  h("td", { class: "figure" }, moment(task.created_at)));

customElements.define("page-campaigns", class extends Page {
  show() {
    if (this.parts.length) return showCampaign(this, this.parts[0]);
    return this.append(h("h1", {}, "Campaigns"), paged(this, {
      path: "tasks", query: { kind: "bulk" }, part: "tasks", caption: "Campaigns", keyOf: (task) => task.task_id, row,
      columns: ["Campaign", "State", ["Outcomes", "wide"], ["Done by", "figure"], ["Queued", "figure"]],
      empty: ["There is no campaign yet. ", h("a", { href: "#/do" }, "Start one"), "."],
    }));
  }
});
