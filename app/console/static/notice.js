// What the server answered to an action, in its own sentence.
import { h } from "./dom.js";
import { sentence } from "./session.js";

const STAYS_MS = 12_000;

export function notice(text, { kind = "done", link } = {}) {
  const close = h("button", { type: "button", class: "plain", "aria-label": "Dismiss", onclick: () => box.remove() }, "×");
  const box = h("p", { class: `notice ${kind}` }, h("span", {}, sentence(text), link && [" ", link]), close);
  const place = document.getElementById("notices");
  place.append(box);
  while (place.children.length > 4) place.firstChild.remove();
  if (kind === "done" && !link) setTimeout(() => box.remove(), STAYS_MS);
}

// Does something, and tells what was answered, if anything, or why it was refused, and gives null then.
export async function tell(action) {
  try {
    const answer = await action();
    if (answer) notice([answer.message, ...(answer.warnings ?? [])].filter(Boolean).join(" ") || "Done.");
    return answer;
  } catch (error) {
    if (error.name !== "AbortError") notice(error.message, { kind: "fault" });
    return null;
  }
}
