// Questions that a person answers before anything goes on.
import { button, h } from "./dom.js";
import { fields, showFaults } from "./fields.js";
import { tell } from "./notice.js";
import { key, setKey } from "./session.js";

// What the content gave to `close`; null if the person left the dialog by another way.
function asked(label, content, attributes = {}) {
  return new Promise((resolve) => {
    let answer = null;
    const close = (given) => { answer = given; dialog.close(); };
    const dialog = h("dialog", { "aria-label": label, ...attributes }, content(close));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// Whether the person wants it.
export const confirmed = (question, yes) => asked("Are you sure?", (close) => [
  h("p", {}, question),
  h("p", { class: "actions" }, button("No, leave it", () => close(false), { autofocus: true }),
    button(yes, () => close(true), { class: "danger" })),
]);

// Tells what `send` answered for the form that the person filled in, and gives it, or null; it may throw what to show.
export async function filledIn(title, fields, yes, send) {
  const answer = await asked(title, (close) => {
    const fault = h("p", { class: "fault", role: "alert" });
    const form = h("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      fault.textContent = "";
      showFaults(form);
      send(form).then(close, (error) => { fault.textContent = [error.message, ...showFaults(form, error.errors)].join(" "); });
    } }, h("h2", {}, title), fields, fault, h("p", { class: "actions" },
      button("Close", () => close(null)), h("button", { class: "main" }, yes)));
    return form;
  });
  return answer && tell(async () => answer);
}

let asking = null;

// Resolves once there is a key to try; several requests that miss one wait for the same dialog.
export function askForKey() {
  asking ??= asked("An API key, please", (close) => {
    const told = key() && "This key is not one of the server's.";
    setKey("");
    return h("form", { onsubmit: (event) => { event.preventDefault(); setKey(event.target.elements.key.value.trim()); close(); } },
      fields("asks-key"), told && h("p", { class: "fault", role: "alert" }, told),
      h("p", { class: "actions" }, h("button", { class: "main" }, "Use it")));
  }, { oncancel: (event) => event.preventDefault() }).finally(() => { asking = null; });
  return asking;
}
