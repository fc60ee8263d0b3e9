// What is going on, for every page: heard once, told to all.
import { session } from "./session.js";
import { listen } from "./stream.js";

const [STALE_MS, SILENT_MS, LOOK_MS] = [12_000, 20_000, 1000];

export const live = new EventTarget();
live.state = {};
let heardAt = 0, begunAt = 0, lost = false;

function take({ kind, parts }) {
  if (parts) live.state = kind === "snapshot" ? parts : { ...live.state, ...parts };
  lost = kind === "lost";
  if (!lost) heardAt = Date.now();
  if (parts) live.dispatchEvent(new Event("news"));
  live.dispatchEvent(new Event("freshness"));
}

// Since when nothing was heard; 0 while what is shown is so now.
export const staleSince = () => (heardAt && (lost || Date.now() - heardAt > STALE_MS) ? heardAt : 0);

export function begin() {
  let end = new AbortController();
  const start = () => {
    end.abort();
    end = new AbortController();
    begunAt = Date.now();
    if (navigator.locks || !document.hidden) listen(end.signal, take, () => live.state);
  };
  session.addEventListener("key", start);
  // Where tabs cannot share a connection, those that nobody sees leave theirs: a browser has six to a host.
  if (!navigator.locks) document.addEventListener("visibilitychange", start);
  setInterval(() => {
    if (Date.now() - Math.max(heardAt, begunAt) > SILENT_MS) start(); // a connection so silent leads nowhere
    live.dispatchEvent(new Event("freshness"));
  }, LOOK_MS);
  start();
}
