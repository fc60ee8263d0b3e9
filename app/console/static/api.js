// The public API, and nothing else. Addresses are relative, so that a proxy may put a prefix in front.
import { askForKey } from "./dialogs.js";
import { key } from "./session.js";

export const ROOT = new URL("api/v1/celery/twilio/", document.baseURI);
const PATIENCE_MS = 15_000;

export class Refused extends Error {
  constructor(status, body) {
    super(body?.detail ?? `The server answered ${status}.`);
    this.status = status;
    this.errors = Object.fromEntries(Object.entries(body?.errors ?? {}).map(([path, told]) => [path, told.join(" ")]));
  }
}

export const withKey = (headers = {}) => (key() ? { ...headers, "X-API-Key": key() } : headers);

async function send(method, path, { body, headers = {}, signal, query, patience: most = PATIENCE_MS } = {}) {
  const url = new URL(path, ROOT);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== "" && value !== null && value !== undefined) url.searchParams.set(name, value);
  }
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  const patience = AbortSignal.timeout(most);
  return fetch(url, {
    method,
    headers: withKey({ ...json, ...headers }),
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
    cache: "no-store",
    credentials: "same-origin",
  });
}

async function answered(method, path, options) {
  let answer;
  try {
    answer = await send(method, path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { detail: "The server does not answer: it is down, or the network is." });
  }
  if (answer.status !== 401) return answer;
  await askForKey();
  return answered(method, path, options);
}

// The answer's JSON, or its text for another type; Refused with the sentence of an error.
export async function ask(method, path, options = {}) {
  const answer = await answered(method, path, options);
  const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  const body = isJson ? await answer.json() : await answer.text();
  if (!answer.ok && !(options.also ?? []).includes(answer.status)) {
    throw new Refused(answer.status, isJson ? body : null);
  }
  return body;
}

export const get = (path, query, signal) => ask("GET", path, { query, signal });
export const segment = (id) => encodeURIComponent(id);
