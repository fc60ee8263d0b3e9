// One call: now, after a while, or at a day and time.
import { ask } from "./api.js";
import { h } from "./dom.js";
import { choice, clearFaults, field, filled, showFaults, suggested, text } from "./fields.js";
import { notice } from "./notice.js";
import { preview } from "./said.js";
import { randomId } from "./session.js";
import { zone } from "./words.js";

export const LANGUAGES = ["en-US", "en-GB", "es-ES", "es-MX", "fr-FR", "de-DE", "it-IT", "pt-BR", "hi-IN", "ja-JP"];
export const VOICES = ["woman", "man", "Polly.Joanna", "Polly.Matthew", "Polly.Amy", "Google.en-US-Standard-C"];
const WHEN = [["now", "Now"], ["delay", "After a while"], ["time", "At a day and time"]];
const SENTENCES = {
  now: "Queue the call",
  delay: "Queue the call",
  time: "Schedule the call",
};

export function sayFields() {
  return [
    field("What it says", h("textarea", { name: "message", rows: 3 }), "Empty: a short greeting of the service."),
    h("div", { class: "row" }, field("Voice", ...suggested("voice", VOICES), ""),
      field("Language", ...suggested("language", LANGUAGES), "")),
  ];
}

export function metadata(form) {
  const said = filled(form, ["message", "voice", "language", "priority"]);
  return Object.keys(said).length ? { call_metadata: said } : {};
}

function request(form) {
  const body = { ...filled(form, ["to_number", "from_number", "status_callback_url"]), ...metadata(form) };
  if (form.elements.when.value === "time") {
    return ["schedule-call", { ...body, ...filled(form, ["schedule_time", "timezone"]) }];
  }
  return ["queue-single-call", { ...body, ...filled(form, ["delay_seconds"]) }];
}

export function callForm() {
  const send = h("button", { class: "main" }, SENTENCES.now);
  const when = choice("when", WHEN);
  const delay = field("Seconds from now", text("delay_seconds", { type: "number", min: 0, max: 3600, value: "60" }));
  const time = h("div", { class: "row" },
    field("Day and time", text("schedule_time", { type: "datetime-local", step: 1 })),
    field("In the time zone", text("timezone", { value: zone() })));
  const form = h("form", { novalidate: true },
    h("div", { class: "row" },
      field("Number", text("to_number", { type: "tel", required: true, placeholder: "+12025550100" }),
        "With + and the country's code."),
      field("When", when)),
    delay, time, sayFields(),
    h("details", {}, h("summary", {}, "More"),
      h("div", { class: "row" },
        field("Caller id", text("from_number", { type: "tel" }), "Empty: the service's own."),
        field("Priority", choice("priority", [["", "normal"], ["high", "high"], ["low", "low"]]))),
      field("Events go to", text("status_callback_url", { type: "url" }), "A URL that gets what becomes of the call.")),
  );
  form.append(preview(form), h("p", { class: "actions" }, send));
  const fit = () => {
    delay.hidden = form.elements.delay_seconds.disabled = when.value !== "delay";
    time.hidden = form.elements.schedule_time.disabled = form.elements.timezone.disabled = when.value !== "time";
    send.textContent = SENTENCES[when.value];
  };
  when.addEventListener("change", fit);
  fit();
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(form, send); });
  return form;
}

let sent = { text: "", id: "" };

// The same words sent again after an answer that never came carry the same key, so that they cannot dial twice.
async function submit(form, send) {
  clearFaults(form);
  const [path, body] = request(form);
  const words = JSON.stringify([path, body]);
  if (sent.text !== words) sent = { text: words, id: randomId() };
  send.disabled = true;
  try {
    const answer = await ask("POST", path, { body, headers: { "Idempotency-Key": sent.id } });
    sent = { text: "", id: "" };
    const link = h("a", { href: `#/calls/${encodeURIComponent(answer.task_id)}` }, "Follow it");
    notice([answer.message, ...answer.warnings].join(". "), { link });
  } catch (error) {
    notice([error.message, ...showFaults(form, error.errors ?? {})].join(" "), { kind: "fault" });
  } finally {
    send.disabled = false;
  }
}
