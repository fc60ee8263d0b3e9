// Rows of an endpoint that answers by pages: shown one at a time, looked at again every so often, and found again by who comes back.
import { get } from "./api.js";
import { button, fill, h, table } from "./dom.js";

const [EVERY_MS, ROWS] = [3000, 50];

export function paged(page, { path, part, caption, columns, row, keyOf, empty, query = {} }) {
  const body = h("tbody");
  const none = h("p", { class: "empty", hidden: true }, empty);
  const rows = table(caption, columns, body);
  let { asked = query, cursors = [""] } = history.state ?? {}, next = null, last = [], turn = 0;
  const draw = () => {
    fill(body, last, keyOf, row);
    none.hidden = last.length > 0 || cursors.length > 1;
    rows.hidden = !none.hidden;
    newer.disabled = cursors.length < 2;
    older.disabled = !next;
    pager.hidden = newer.disabled && older.disabled;
    whole.removeAttribute("aria-busy");
  };
  const look = async () => {
    const mine = turn;
    const found = await get(path, { limit: ROWS, ...asked, cursor: cursors.at(-1) }, page.signal);
    if (mine !== turn) return;
    [last, next] = [found[part], found.next_cursor];
    draw();
  };
  const go = (change) => { turn++; change(); history.replaceState({ asked, cursors }, ""); return page.trying(look); };
  const newer = button("Back", () => go(() => cursors.pop()), { "data-act": "newer" });
  const older = button("Further", () => next && go(() => { cursors.push(next); next = null; }), { "data-act": "older" });
  const pager = h("p", { class: "actions", hidden: true }, newer, older);
  page.every(EVERY_MS, look);
  page.onNumbers(draw);
  const whole = h("div", { "aria-busy": "true" }, rows, none, pager);
  whole.ask = (changed) => go(() => { asked = { ...query, ...changed }; cursors = [""]; });
  whole.again = () => go(() => {});
  whole.asked = asked;
  return whole;
}
