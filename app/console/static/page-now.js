// Now: whether all is well, and what is going on.
import { ask } from "./api.js";
import { minutes } from "./chart.js";
import { confirmed } from "./dialogs.js";
import { button, fill, h, table, write } from "./dom.js";
import { live } from "./live.js";
import { tell } from "./notice.js";
import { facts, Page, section } from "./page.js";
import { sentence } from "./session.js";
import { count, lasting, moment, WAITING_FOR } from "./words.js";

function inOneSentence({ health, overview }) {
  if (health.status === "unhealthy") return "Redis does not answer: nothing is accepted, and nothing is dialled.";
  const mode = health.simulated ? "Calls are simulated" : "Calls are real and cost money";
  if (health.drained) return `${mode}, and the queue is drained: what is accepted waits.`;
  if (health.account_error) return `${mode}, and all of them wait: ${sentence(health.account_error)}.`;
  if (health.status === "degraded") return `${mode}, and something is wrong:`;
  if (overview?.account.paused_until) return `${mode}. ${overview.health.sentence}`;
  return `${mode}, and all is well.`;
}

async function drain(drained) {
  if (drained) return tell(() => ask("POST", "undrain"));
  const wanted = await confirmed("Let no call go until you resume? What is accepted waits, and live calls go on.", "Drain");
  return wanted && tell(() => ask("POST", "drain"));
}

const figures = (overview) => facts([
  ["Live calls", `${overview.live.total} of ${overview.live.limit}`],
  ["Calls in the last minute", `${overview.calls.last_minute} of ${overview.calls.limit_per_minute}`],
  ["Waiting", overview.waiting.total.toLocaleString()], ["Next one due", overview.waiting.due ? "now" : overview.next_due_at ? moment(overview.next_due_at) : "nothing"],
  ["Longest wait for a turn", lasting(overview.longest_due_seconds)],
  ["Undelivered events", overview.undelivered_events], ["Workers", overview.workers], ["Clocks", overview.beats],
]);

const reason = ([word, waiting]) => h("tr", {}, h("td", {}, WAITING_FOR[word] ?? word), h("td", { class: "figure" }, waiting));
const line = (one) => h("tr", {},
  h("td", {}, h("a", { href: `#/campaigns/${one.task_id}` }, one.name ?? one.task_id.slice(0, 8))),
  h("td", {}, one.waiting_for ? WAITING_FOR[one.waiting_for] : ""),
  h("td", { class: "figure" }, one.waiting), h("td", { class: "figure" }, `${one.live} of ${one.max_live}`));

customElements.define("page-now", class extends Page {
  show() {
    const told = h("p", { class: "lead", role: "status" }, "Asking…");
    const problems = h("ul", { class: "problems" });
    const [numbers, hour] = [h("dl", { class: "figures" }), h("div")];
    const [reasons, campaigns] = [h("tbody"), h("tbody")];
    const waiting = section("What waits, and for what", table("What waits", ["For", ["Numbers", "figure"]], reasons));
    const running = section("Campaigns under way",
      table("Campaigns", ["Campaign", "Waits for", ["Waiting", "figure"], ["Live", "figure"]], campaigns));
    const chart = section("Calls a minute", hour);
    const stop = button("Drain", () => drain(Boolean(live.state.health?.drained)), { hidden: true });
    this.append(h("h1", {}, "Now"), told, problems, numbers, chart, waiting, running, h("p", { class: "actions" }, stop));
    this.withNews(() => {
      const { health, overview } = live.state;
      for (const part of [chart, waiting, running]) part.hidden = !overview;
      if (!health) return;
      write(told, inOneSentence({ health, overview }));
      fill(problems, health.problems, (one) => one.code, (one) => h("li", {}, sentence(one.detail ?? one.code)));
      stop.hidden = !overview;
      stop.textContent = health.drained ? "Resume: let calls go again" : "Drain: let no call go";
      if (!overview) return;
      numbers.replaceChildren(...figures(overview));
      fill(hour, [overview.calls], () => 0, (calls) => minutes(calls.last_hour, calls.limit_per_minute));
      const words = Object.entries(overview.waiting.by_waiting_for).filter(([, one]) => one);
      fill(reasons, words, ([word]) => word, reason);
      waiting.hidden = !words.length;
      fill(campaigns, overview.campaigns.slice(0, 20), (one) => one.task_id, line);
      running.hidden = !overview.campaigns.length;
    });
  }
});
