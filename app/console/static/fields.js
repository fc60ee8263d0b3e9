// Labelled fields of forms, and the faults that the server finds in them.
import { h } from "./dom.js";

let made = 0;

export function field(label, input, hint) {
  const id = `field-${++made}`;
  const about = hint && h("small", { id: `${id}-hint` }, hint);
  input.id = id;
  if (about) input.setAttribute("aria-describedby", about.id);
  return h("p", { class: "field" }, h("label", { htmlFor: id }, label), input, about);
}

export const text = (name, attributes = {}) => h("input", { name, type: "text", autocomplete: "off", ...attributes });

export function choice(name, options, attributes = {}) {
  return h("select", { name, ...attributes }, options.map(([value, told]) => h("option", { value }, told)));
}

export function suggested(name, words, attributes = {}) {
  const list = h("datalist", { id: `${name}-list-${++made}` }, words.map((value) => h("option", { value })));
  return [text(name, { list: list.id, ...attributes }), list];
}

export function clearFaults(form) {
  for (const one of form.querySelectorAll(".fault[data-field]")) one.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

// Puts each fault below the field it is about, and the focus into the first of those; gives those of no field.
export function showFaults(form, errors) {
  const homeless = [];
  let first = null;
  for (const [path, told] of Object.entries(errors)) {
    const input = form.elements[path] ?? form.elements[path.split(".").at(-1)];
    if (!input?.closest) { homeless.push(`${path}: ${told}`); continue; }
    input.setAttribute("aria-invalid", "true");
    input.closest(".field").append(h("small", { class: "fault", "data-field": path, role: "alert" }, told));
    first ??= input;
  }
  first?.closest("details")?.setAttribute("open", "");
  first?.focus();
  return homeless;
}

// The fields that were filled in; numbers of number fields are numbers.
export function filled(form, names) {
  return Object.fromEntries(names.map((name) => [name, form.elements[name]])
    .filter(([, input]) => input && !input.disabled && input.value.trim() !== "")
    .map(([name, input]) => [name, input.type === "number" ? Number(input.value) : input.value.trim()]));
}
