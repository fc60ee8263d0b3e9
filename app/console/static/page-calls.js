// Calls: today's, and any by number, id or your own id; one of them with all that happened.
import { get, segment } from "./api.js";
import { showCall } from "./call.js";
import { h } from "./dom.js";
import { plain } from "./csv.js";
import { field, text } from "./fields.js";
import { paged } from "./list.js";
import { tell } from "./notice.js";
import { Page } from "./page.js";
import { CALL_COLUMNS, callRow, outcomeChoice } from "./rows.js";

customElements.define("page-calls", class extends Page {
  show() {
    if (this.parts.length) return showCall(this, this.parts[0]);
    const calls = paged(this, { path: "calls", part: "calls", caption: "Calls", columns: CALL_COLUMNS, row: callRow,
      keyOf: (call) => call.call_id, empty: ["No call is so. ", h("a", { href: "#/do" }, "Call somebody"), "."] });
    const what = text("what", { type: "search", value: calls.asked.to_number ?? "" });
    const filter = outcomeChoice(calls.asked.outcome);
    const search = async (event) => {
      event?.preventDefault();
      const [wanted, number] = [what.value.trim(), plain(what.value)];
      if (!number || number.startsWith("+")) return calls.ask({ to_number: number, outcome: filter.value });
      return tell(async () => {
        const { tasks } = await get("tasks", { external_id: wanted, limit: 1 }, this.signal);
        location.hash = `#/${tasks[0]?.kind === "bulk" ? "campaigns" : "calls"}/${segment(tasks[0]?.task_id ?? wanted)}`;
      });
    };
    filter.addEventListener("change", search);
    return this.append(h("h1", {}, "Calls"), h("form", { role: "search", class: "row", onsubmit: search },
      field("Number, id, or your own id", what, "A number of the last 24 hours, with +."), field("Outcome", filter),
      h("p", { class: "actions" }, h("button", {}, "Search"))), calls);
  }
});
