// Events: what its client was not told, and why; sent again from here.
import { ask, segment } from "./api.js";
import { button, h } from "./dom.js";
import { paged } from "./list.js";
import { tell } from "./notice.js";
import { Page } from "./page.js";
import { outcome } from "./rows.js";
import { phone } from "./session.js";
import { moment } from "./words.js";

customElements.define("page-events", class extends Page {
  show() {
    const list = paged(this, { path: "calls", query: { undelivered: "true" }, part: "calls", caption: "Calls with undelivered events",
      columns: ["Number", "Outcome", ["Began", "figure"], ""], keyOf: (call) => call.call_id,
      empty: "Every event was delivered, or is being tried.",
      row: (call) => h("tr", {},
        h("td", {}, h("a", { href: `#/calls/${segment(call.call_id)}`, "data-act": "open" }, phone(call.to_number))),
        h("td", {}, outcome(call)), h("td", { class: "figure" }, moment(call.attempts?.at(-1)?.started_at)),
        h("td", {}, button("Send again", async () => {
          await tell(() => ask("POST", `tasks/${segment(call.call_id)}/redeliver`));
          list.again();
        }, { "data-act": "again" }))) });
    this.append(h("h1", {}, "Events"), h("p", {}, "Events that a call's status_callback_url did not take, and will not get by themselves."), list);
  }
});
