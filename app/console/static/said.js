// How a text sounds: its pauses and its variables marked, and, where the browser has a voice of its own, aloud.
import { button, h } from "./dom.js";

const PART = /\{\{\{\{|\{\{\s*(pause\s+\d+|[A-Za-z_]\w*)\s*\}\}/g;

const parts = (text, variables) => text.split(PART).map((part, at) => {
  if (at % 2 === 0) return part;
  if (part === undefined) return "{{";
  if (/^pause\s/.test(part)) return { pause: Number(part.split(/\s+/)[1]) };
  return { name: part, value: variables[part] };
}).filter((part) => part !== "");

function shown(part) {
  if (typeof part === "string") return part;
  if (part.pause) return h("span", { class: "chip" }, `${part.pause} s of silence`);
  return h("mark", { title: part.name }, part.value ?? part.name);
}

const spoken = (part) => (typeof part === "string" ? part : part.pause ? ". " : part.value ?? part.name);

// Follows what the form says, and in which language; `sample` gives the variables of some recipient.
export function preview(form, sample = () => ({})) {
  const words = h("blockquote", {});
  const size = h("small", {});
  const local = () => globalThis.speechSynthesis?.getVoices().some((voice) => voice.localService);
  const [message, language] = ["message", "language"].map((name) => form.elements[`call_metadata.${name}`]);
  const aloud = () => new SpeechSynthesisUtterance(parts(message.value, sample()).map(spoken).join(""));
  const listen = button("Listen", () => {
    speechSynthesis.cancel();
    speechSynthesis.speak(Object.assign(aloud(), { lang: language.value }));
  }, { hidden: true });
  const draw = () => {
    const text = message.value;
    words.replaceChildren(...(text.trim() ? parts(text, sample()).map(shown) : [h("em", {}, "Nothing of yours: the service says its own short greeting.")]));
    size.textContent = text.trim() ? `${text.length} characters, some ${Math.ceil(text.length / 15)} s` : "";
    listen.hidden = !text.trim() || !local();
  };
  form.addEventListener("input", draw);
  draw();
  return h("div", { class: "preview" }, h("h3", {}, "What is said"), words, h("p", { class: "actions" }, size, listen));
}
