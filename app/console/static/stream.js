// The server's news: over one connection for all tabs of a key, whichever tab holds it, and over another if that ends.
import { askForKey } from "./dialogs.js";
import { ROOT, withKey } from "./api.js";
import { key } from "./session.js";

const SLOWEST_MS = 10_000;

// Frames of one connection, as they come; ends with the connection.
async function* frames(signal) {
  const answer = await fetch(new URL("stream", ROOT), { headers: withKey(), signal, cache: "no-store" });
  if (answer.status === 401) {
    await askForKey();
    return;
  }
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (text + value).split("\n\n");
    text = events.pop();
    for (const event of events) {
      const [, kind, data] = event.match(/^event: (\w+)\ndata: (.*)$/s) ?? [];
      yield kind ? { kind, parts: JSON.parse(data) } : { kind: "beat" };
    }
  }
}

const pause = (ms, signal) => new Promise((resolve) => { AbortSignal.any([signal, AbortSignal.timeout(ms)]).onabort = resolve; });

// Hears until it is told to stop; a connection that ends is made anew, slower and slower while that fails.
async function hear(signal, tell) {
  for (let wait = 500; !signal.aborted; wait = Math.min(wait * 2, SLOWEST_MS)) {
    try {
      for await (const frame of frames(signal)) {
        wait = 500;
        tell(frame);
      }
    } catch { /* told by what follows: nothing is heard */ }
    if (signal.aborted) return;
    tell({ kind: "lost" });
    await pause(wait * (0.75 + Math.random() / 2), signal);
  }
}

async function nameOfChannel() {
  const words = new TextEncoder().encode(`${ROOT} ${key()}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", words));
  return `console-${[...digest.slice(0, 12)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

// Tells each frame. `whole` gives a snapshot of what this tab knows, for tabs that come later.
export async function listen(signal, tell, whole) {
  if (!navigator.locks || !crypto.subtle) return hear(signal, tell); // not a secure context: each tab for itself
  const name = await nameOfChannel();
  if (signal.aborted) return undefined;
  const channel = new BroadcastChannel(name);
  let leads = false;
  signal.addEventListener("abort", () => channel.close());
  channel.onmessage = ({ data }) => {
    if (data.kind !== "ask") tell(data);
    else if (leads) channel.postMessage({ kind: "snapshot", parts: whole() });
  };
  channel.postMessage({ kind: "ask" });
  return navigator.locks.request(name, { signal }, () => {
    leads = true;
    return hear(signal, (frame) => {
      tell(frame);
      if (!signal.aborted) channel.postMessage(frame);
    });
  }).catch(() => {});
}
