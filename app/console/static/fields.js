// Labelled fields of forms, what people say in them, and the faults that the server finds there.
import { numbersOf, plain } from "./csv.js";
import { h } from "./dom.js";
import { zone } from "./words.js";

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const HOURS = "Must be days and hours, e.g. mon-fri 09:00-17:00; sat 10:00-14:00.";
let made = 0;

function tied(label, input, hint) {
  input.id = label.htmlFor = `field-${++made}`;
  if (hint) input.setAttribute("aria-describedby", hint.id = `${input.id}-hint`);
}

export function field(name, input, hint) {
  const [label, about] = [h("label", {}, name), hint && h("small", {}, hint)];
  tied(label, input, about);
  return h("p", { class: "field" }, label, input, about);
}

// What templates of the page hold, ready to stand in a form.
export function fields(...names) {
  return names.map((name) => {
    const copy = document.getElementById(name).content.cloneNode(true);
    for (const one of copy.querySelectorAll(".field")) tied(...["label", "[name], [data-chooses]", "small"].map((part) => one.querySelector(part)));
    for (const one of copy.querySelectorAll("[name=timezone]")) one.value = zone();
    return copy;
  });
}

export const text = (name, attributes = {}) => h("input", { name, type: "text", autocomplete: "off", ...attributes });

// Shows of the parts of a form those that go with what is chosen; hidden ones say nothing.
export function choosing(form, select, also = () => {}) {
  const fit = () => {
    for (const one of form.querySelectorAll("fieldset[data-when]")) one.hidden = one.disabled = one.dataset.when !== select.value;
    also();
  };
  select.addEventListener("change", fit);
  fit();
}

const wrong = (path, told) => Object.assign(new Error(told), { errors: { [path]: told } });

function span(part) {
  const [, days, start, end] = part.trim().toLowerCase().match(/^([a-z,-]+) +(\d\d:\d\d)-(\d\d:\d\d)$/) ?? [];
  const found = (days ?? "").split(",").flatMap((one) => {
    const [from, to = from] = one.split("-").map((day) => DAYS.indexOf(day));
    return from < 0 || to < 0 ? [null] : Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, at) => DAYS[(from + at) % 7]);
  });
  if (found.includes(null)) throw wrong("calling_windows.windows", HOURS);
  return { days: [...new Set(found)], start, end };
}

const AS = {
  number: Number, tel: plain, numbers: numbersOf,
  percent: (told) => Number(told) / 100, minutes: (told) => Number(told) * 60,
  list: (told) => told.split(/[\s,;]+/).filter(Boolean),
  hours: (told) => told.split(";").filter((one) => one.trim()).map(span),
  instant: (told) => new Date(told).toISOString(),
  checkbox: () => true, nothing: () => null,
};

// What was filled in, as the API takes it: a name with dots is of a part; what is empty, hidden, or only goes with something empty, is not said.
export function filled(form) {
  const body = {};
  for (const input of form.elements) {
    const { name, type, checked, value, validity, dataset: { as = type, besides } } = input;
    const empty = type === "checkbox" ? !checked : !value?.trim();
    if (!name || input.matches(":disabled")) continue;
    if (validity.badInput || validity.valueMissing || validity.rangeUnderflow || validity.rangeOverflow) throw wrong(name, input.validationMessage);
    if (empty || (besides && !form.elements[besides].value.trim())) continue;
    const path = name.split("."), last = path.pop();
    path.reduce((part, one) => part[one] ??= {}, body)[last] = (AS[as] ?? String)(value.trim());
  }
  return body;
}

// The field that a path is about, or one of its parts or of what it is part of.
function home(form, path) {
  const inputs = [...form.elements].filter((one) => one.name);
  for (let at = path; at; at = at.replace(/\.?[^.]*$/, "")) {
    const found = inputs.find((one) => one.name === at && one.type !== "checkbox") ?? inputs.find((one) => one.name.startsWith(`${at}.`));
    if (found) return found;
  }
  return null;
}

// Puts each fault below the field it is about in place of earlier ones, and the focus into the first of those; gives
// those of no field.
export function showFaults(form, errors = {}) {
  for (const one of form.querySelectorAll("small.fault")) one.remove();
  for (const one of form.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
  const homeless = [];
  let first = null;
  for (const [path, told] of Object.entries(errors)) {
    const input = home(form, path);
    if (!input || input.matches(":disabled")) { homeless.push(`${path}: ${told}`); continue; }
    input.setAttribute("aria-invalid", "true");
    input.closest(".field").append(h("small", { class: "fault", "data-field": path, role: "alert" }, told));
    first ??= input;
  }
  first?.closest("details")?.setAttribute("open", "");
  first?.focus();
  return homeless;
}
