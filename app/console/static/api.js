// The public API, and nothing else. Addresses are relative, so that a proxy may put a prefix in front.
import { askForKey } from "./dialogs.js";
import { key, randomId } from "./session.js";

export const ROOT = new URL("api/v1/celery/twilio/", document.baseURI);
const [PATIENCE_MS, TWICE_MS] = [15_000, 2000];

export class Refused extends Error {
  constructor(status, body) {
    super(body?.detail ?? `What answered ${status} is not the service but something in front of it; loading the page anew may help.`);
    this.status = status;
    this.errors = Object.fromEntries(Object.entries(body?.errors ?? {}).map(([path, told]) => [path, told.join(" ")]));
  }
}

export const withKey = (headers = {}) => (key() ? { ...headers, "X-API-Key": key() } : headers);

async function send(method, path, { body, headers = {}, signal, query, patience: most = PATIENCE_MS } = {}) {
  const url = new URL(path, ROOT);
  for (const [name, value] of Object.entries(query ?? {})) if ((value ?? "") !== "") url.searchParams.set(name, value);
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  return fetch(url, {
    method,
    headers: withKey({ ...json, ...headers }),
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.any([AbortSignal.timeout(most), ...(signal ? [signal] : [])]),
    cache: "no-store",
    credentials: "same-origin",
  });
}

// The answer's JSON, or its text if another type was asked for; Refused with the sentence of an error.
export async function ask(method, path, options = {}) {
  let answer, isJson, body;
  const secret = key();
  try {
    answer = await send(method, path, options);
    isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
    body = isJson ? await answer.json() : await answer.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { detail: "The server does not answer: it is down, or the network is." });
  }
  if (answer.status === 401 && isJson) {
    if (secret === key()) await askForKey(); // else there is another by now
    return ask(method, path, options);
  }
  if (answer.ok ? isJson || options.headers?.Accept : options.also?.includes(answer.status)) return body;
  throw new Refused(answer.status, isJson ? body : null);
}

const unsure = new Map();

// Asks for what must not be done twice: the same words again, after an answer that never came or at once as by a double
// click, carry the same key.
export async function askOnce(path, body) {
  const words = JSON.stringify([path, body]);
  const id = unsure.get(words) ?? randomId();
  unsure.set(words, id);
  const answer = await ask("POST", path, { body, headers: { "Idempotency-Key": id } });
  setTimeout(() => unsure.delete(words), TWICE_MS);
  return answer;
}

export const get = (path, query, signal) => ask("GET", path, { query, signal });
export const segment = (id) => encodeURIComponent(id);
