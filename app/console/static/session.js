// What is known of the person in front of the page, for as long as the tab is open.
import { moment } from "./words.js";

const KEY = "console-key";

export const session = new EventTarget();
let shown = false;

export const key = () => sessionStorage.getItem(KEY) ?? "";

export function setKey(secret) {
  sessionStorage.setItem(KEY, secret);
  session.dispatchEvent(new Event("key"));
}

export const numbersShown = () => shown;
export function showNumbers(wanted) {
  shown = wanted;
  session.dispatchEvent(new Event("numbers"));
}

// As runtime/masking.py does it for operators.
const masked = (number) => {
  const end = number.length > 7 ? 2 : 0;
  return `${number.slice(0, Math.min(5, number.length >> 1))}…${number.slice(number.length - end)}`;
};

export const phone = (number) => (!number || shown ? number ?? "" : masked(number));

// What the server says, its numbers masked and its times in the viewer's zone.
export function sentence(text) {
  const local = String(text).replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, moment);
  return shown ? local : local.replace(/\+\d{5,15}/g, masked);
}

export const randomId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
