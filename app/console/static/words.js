// Words and times, as people say them, in the viewer's own zone and language.
const DAY_AND_TIME = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";

export function moment(text) {
  if (!text) return "";
  const at = new Date(text);
  return (at.toDateString() === new Date().toDateString() ? TIME : DAY_AND_TIME).format(at);
}

export const fullMoment = (text) => (text ? FULL.format(new Date(text)) : "");
export const day = (text) => DAY.format(new Date(text));

export function lasting(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString()} ${number === 1 ? one : many}`;

export const OUTCOMES = {
  answered: "answered", machine: "a machine answered", busy: "busy", no_answer: "no answer", failed: "failed",
  cancelled: "cancelled", canceled: "cancelled", hung_up: "hung up", expired: "expired",
  do_not_call: "on the do-not-call list", unknown: "unknown", live: "live", waiting: "waiting", completed: "completed",
};

export const WAITING_FOR = {
  paused: "its campaign to be resumed", drained: "the operator to let calls go", account: "Twilio to take the account's calls",
  schedule: "its time", window: "its calling window to open", retry: "its next attempt", cap: "a new day, because of a limit",
  concurrency: "live calls to end", worker: "a worker", pace: "its turn",
};

export const STATUSES = { PENDING: "waiting", PROGRESS: "under way", SUCCESS: "done", FAILURE: "failed", REVOKED: "cancelled" };

export const over = (status) => ["SUCCESS", "FAILURE", "REVOKED"].includes(status);
export const paused = (task) => task.paused ?? (task.result?.waiting_for?.paused ?? 0) > 0;

// One word for what became of a task, a call's own if it has one.
export const word = (task) => OUTCOMES[task.outcome ?? task.result?.outcome] ?? STATUSES[task.status] ?? task.status;
