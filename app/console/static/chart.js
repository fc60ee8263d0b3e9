// Pictures of numbers: bars a minute against a limit, and a bar by outcome.
import { h, s } from "./dom.js";
import { count, OUTCOMES } from "./words.js";

const [WIDTH, HEIGHT] = [600, 120];
export const ORDER = ["completed", "answered", "machine", "live", "busy", "no_answer", "failed", "canceled", "unknown", "waiting"];
const CLASS = { completed: "answered" };
const STEPS = [5, 10, 20, 30, 60, 120, 300, 600];

function picture(told, counts, top, title, line) {
  const step = WIDTH / counts.length;
  const bars = counts.map((value, at) => s("rect", {
    x: at * step + 1, width: step - 2, y: HEIGHT - (value / top) * HEIGHT, height: (value / top) * HEIGHT, rx: 1.5, class: "bar",
  }, s("title", {}, title(at))));
  return s("svg", { viewBox: `0 -4 ${WIDTH} ${HEIGHT + 4}`, role: "img", "aria-label": told, preserveAspectRatio: "none" }, bars, line);
}

// How many calls lasted how long.
export function lengths(seconds) {
  const counts = [...STEPS, Infinity].map((end, at) => seconds.filter((one) => one < end && one >= (STEPS[at - 1] ?? 0)).length);
  const names = counts.map((_, at) => (at < STEPS.length ? `under ${STEPS[at] < 60 ? `${STEPS[at]} s` : `${STEPS[at] / 60} min`}` : "longer"));
  const title = (at) => `${names[at]}: ${count(counts[at], "call")}`;
  return h("figure", { class: "lengths" }, picture(names.map((_, at) => title(at)).join(", "), counts, Math.max(...counts, 1), title),
    h("figcaption", {}, names.map((name) => h("span", {}, name.replace("under", "<")))));
}

// Sixty minutes, the last one running, and the line that the limit draws if it is near.
export function minutes(counts, limit) {
  const most = Math.max(...counts, 1);
  const top = limit <= most * 4 ? Math.max(most, limit) : most;
  const y = HEIGHT - (limit / top) * HEIGHT;
  const line = limit <= top && s("line", { x1: 0, x2: WIDTH, y1: y, y2: y, class: "limit" });
  const told = `Calls in each of the last ${counts.length} minutes: at most ${count(most, "call")}, the limit is ${limit}.`;
  const title = (at) => `${counts.length - 1 - at} min ago: ${count(counts[at], "call")}`;
  return h("figure", { class: "minutes" }, picture(told, counts, top, title, line), h("figcaption", {}, h("span", {}, "an hour ago"), h("span", {}, `highest ${count(most, "call")} a minute`), h("span", {}, "now")));
}

const known = (counts) => ORDER.filter((name) => counts[name] > 0);
const name = (one) => OUTCOMES[one] ?? one;

export function outcomes(counts) {
  const total = Math.max(1, known(counts).reduce((sum, one) => sum + counts[one], 0));
  let from = 0;
  const parts = known(counts).map((one) => {
    const [x, width] = [(from / total) * 100, (counts[one] / total) * 100];
    from += counts[one];
    return s("rect", { x: `${x}%`, width: `${width}%`, height: "100%", class: `part ${CLASS[one] ?? one}` },
      s("title", {}, `${name(one)}: ${counts[one].toLocaleString()}`));
  });
  const told = known(counts).map((one) => `${name(one)} ${counts[one]}`).join(", ") || "nothing yet";
  return s("svg", { class: "outcomes", role: "img", "aria-label": told, width: "100%", height: 12 }, parts);
}

export function legend(counts) {
  return h("ul", { class: "legend" }, known(counts).map((one) =>
    h("li", { class: `outcome ${CLASS[one] ?? one}` }, `${name(one)} `, h("b", {}, counts[one].toLocaleString()))));
}
