// Elements and text. Nothing here reads markup: whatever somebody wrote shows as they wrote it.
const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "hidden", "htmlFor", "open", "tabIndex"]);

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const h = (tag, attributes, ...children) => build(document.createElement(tag), attributes, children);
export const s = (tag, attributes, ...children) => build(document.createElementNS(SVG, tag), attributes, children);

// Text that a screen reader says again only if it differs.
export const write = (node, text) => { if (node.textContent !== text) node.textContent = text; };

// Puts items into a parent, one element each, and keeps the elements of items that did not change, so that nobody
// loses their place: neither the eye, nor the focus, nor a screen reader.
export function fill(parent, items, keyOf, make) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const focused = document.activeElement;
  const place = parent.contains(focused) ? [focused.closest("[data-key]")?.dataset.key, focused.dataset.act] : null;
  const wanted = items.map((item) => {
    const [key, text] = [String(keyOf(item)), JSON.stringify(item)];
    const old = known.get(key);
    if (old?.told === text) return old;
    const made = make(item);
    made.dataset.key = key;
    made.told = text;
    return made;
  });
  if (wanted.length === parent.children.length && wanted.every((one, at) => one === parent.children[at])) return;
  parent.replaceChildren(...wanted);
  if (place) {
    const row = wanted.find((one) => one.dataset.key === place[0]);
    (row?.querySelector(`[data-act="${place[1]}"]`) ?? row?.querySelector("a, button"))?.focus();
  }
}

// The elements that cached rows hold are made anew, as when numbers are to be shown.
export function forget(root) {
  for (const child of root.querySelectorAll("[data-key]")) child.told = null;
}

export function table(caption, columns, body = h("tbody")) {
  const head = h("tr", {}, columns.map((column) => {
    const [name, kind] = Array.isArray(column) ? column : [column, ""];
    return h("th", { scope: "col", class: kind }, name || h("span", { class: "unseen" }, "Actions"));
  }));
  const whole = h("table", {}, h("caption", { class: "unseen" }, caption), h("thead", {}, head), body);
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, whole);
}

export const button = (text, onclick, attributes = {}) => h("button", { type: "button", onclick, ...attributes }, text);
