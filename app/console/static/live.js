// What is going on, for every page: heard once, told to all.
import { session } from "./session.js";
import { listen } from "./stream.js";

const [STALE_MS, LOOK_MS, MOST_ROWS] = [12_000, 1000, 200];

export const live = new EventTarget();
live.state = {};
let heardAt = 0, lost = false;

// Rows are told by themselves: what differs takes the place of what was.
function joined(before, rows) {
  const told = new Map(rows.map((row) => [row.call_id ?? row.task_id, row]));
  const kept = (before ?? []).filter((row) => !told.has(row.call_id ?? row.task_id));
  return [...rows, ...kept].slice(0, MOST_ROWS);
}

function take({ kind, parts }) {
  if (kind === "snapshot") live.state = { ...parts };
  if (kind === "change") {
    for (const [name, part] of Object.entries(parts)) {
      live.state[name] = Array.isArray(part) ? joined(live.state[name], part) : part;
    }
  }
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
    listen(end.signal, take, () => live.state);
  };
  session.addEventListener("key", start);
  setInterval(() => live.dispatchEvent(new Event("freshness")), LOOK_MS);
  start();
}
