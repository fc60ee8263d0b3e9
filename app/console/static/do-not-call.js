// The do-not-call list: who is on it, putting numbers on, and taking one off with a reason.
import { ask, segment } from "./api.js";
import { numbersOf } from "./csv.js";
import { filledIn } from "./dialogs.js";
import { button, h } from "./dom.js";
import { field, text } from "./fields.js";
import { paged } from "./list.js";
import { tell } from "./notice.js";
import { phone, randomId } from "./session.js";
import { moment } from "./words.js";

const WAYS = { api: "by the API", key_press: "pressed a key", command: "by the operator" };

export function doNotCall(page) {
  const takeOff = async (number) => {
    const why = field("Reason", text("reason", { required: true }), "It is kept for five years, with who took it off.");
    const answer = await filledIn(`Take ${phone(number)} off the list`, [why], "Take it off", (form) =>
      ask("DELETE", `do-not-call/${segment(number)}`, { query: { reason: form.elements.reason.value } }));
    if (answer) list.again();
  };
  const row = (one) => h("tr", {}, h("td", {}, one.to_number ? phone(one.to_number) : "forgotten"),
    h("td", {}, [WAYS[one.way], one.added_by].filter(Boolean).join(", ")), h("td", { class: "figure" }, moment(one.added_at)),
    h("td", {}, one.to_number && button("Take off", () => takeOff(one.to_number), { "data-act": "off" })));
  const list = paged(page, { path: "do-not-call", part: "numbers", caption: "Numbers not to be called", row,
    columns: ["Number", "How", ["Since", "figure"], ""], keyOf: (one) => one.to_number ?? one.digest, empty: "No number is on the list." });
  const area = h("textarea", { name: "barred", rows: 2, required: true });
  const form = h("form", { onsubmit: async (event) => {
    event.preventDefault();
    const body = { phone_numbers: numbersOf(area.value) };
    const added = await tell(() => ask("POST", "do-not-call", { body, headers: { "Idempotency-Key": randomId() } }));
    if (added) { area.value = ""; list.again(); }
  } }, field("Numbers not to be called any more", area, "With + and the country's code, one a line."),
  h("p", { class: "actions" }, h("button", {}, "Put them on the list")));
  return [form, list];
}
