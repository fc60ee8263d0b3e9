// Questions that a person answers before anything goes on.
import { h } from "./dom.js";
import { clearFaults, field, fields, showFaults } from "./fields.js";
import { key, setKey } from "./session.js";

function open(content, label) {
  const dialog = h("dialog", { "aria-label": label }, content);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  return dialog;
}

// Whether the person wants it.
export function confirmed(question, yes, no = "No, leave it") {
  return new Promise((resolve) => {
    let answer = false;
    const accept = h("button", { type: "button", class: "danger", onclick: () => { answer = true; dialog.close(); } }, yes);
    const refuse = h("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, no);
    const dialog = open([h("p", {}, question), h("p", { class: "actions" }, refuse, accept)], "Are you sure?");
    dialog.addEventListener("close", () => resolve(answer));
  });
}

// What `send` gave for the form that the person filled in, or null; it may throw what to show.
export function filledIn(title, fields, yes, send) {
  return new Promise((resolve) => {
    let answer = null;
    const fault = h("p", { class: "fault", role: "alert" });
    const form = h("form", { novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      fault.textContent = "";
      clearFaults(form);
      try {
        answer = await send(form);
        dialog.close();
      } catch (error) {
        fault.textContent = [error.message, ...showFaults(form, error.errors)].join(" ");
      }
    } }, h("h2", {}, title), fields, fault, h("p", { class: "actions" },
      h("button", { type: "button", onclick: () => dialog.close() }, "Close"), h("button", { class: "main" }, yes)));
    const dialog = open(form, title);
    dialog.addEventListener("close", () => resolve(answer));
  });
}

let asking = null;

// Resolves once there is a key to try; several requests that miss one wait for the same dialog.
export function askForKey() {
  asking ??= new Promise((resolve) => {
    const told = key() && "This key is not one of the server's.";
    setKey("");
    const input = h("input", { type: "password", name: "key", required: true, autocomplete: "off", autofocus: true });
    const form = h("form", { onsubmit: (event) => { event.preventDefault(); setKey(input.value.trim()); dialog.close(); } },
      fields("asks-key"), told && h("p", { class: "fault", role: "alert" }, told), field("Secret of the key", input),
      h("p", { class: "actions" }, h("button", { class: "main" }, "Use it")));
    const dialog = open(form, "An API key, please");
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => { asking = null; resolve(); });
  });
  return asking;
}
