// The frame around the pages: which one is shown, and what stands above all of them.
import "./page-ahead.js";
import "./page-calls.js";
import "./page-campaigns.js";
import "./page-do.js";
import "./page-events.js";
import "./page-now.js";
import { h, write } from "./dom.js";
import { begin, live, staleSince } from "./live.js";
import { key, numbersShown, session, setKey, showNumbers } from "./session.js";
import { moment } from "./words.js";

const NAMES = { now: "Now", campaigns: "Campaigns", calls: "Calls", ahead: "Ahead", events: "Events", do: "Do" };
const main = document.getElementById("main");
const element = (id) => document.getElementById(id);

function route() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const page = name in NAMES && customElements.get(`page-${name}`) ? name : "now";
  const whole = `${page}/${rest.join("/")}`;
  const first = !main.dataset.page;
  if (main.dataset.page === whole) return;
  main.dataset.page = whole;
  document.title = `${NAMES[page]} · Calls`;
  for (const link of document.querySelectorAll("nav a")) {
    link.ariaCurrent = link.getAttribute("href") === `#/${page}` ? "page" : null;
  }
  for (const asking of document.querySelectorAll("dialog")) asking.close(); // it was about what was shown before
  main.replaceChildren(h(`page-${page}`, { rest: rest.join("/") }));
  if (!first) main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function frame() {
  const { health } = live.state;
  element("mode").textContent = health ? (health.simulated ? "Simulated" : "COSTS MONEY") : "";
  element("mode").className = `badge ${health && !health.simulated ? "real" : ""}`;
  const since = staleSince();
  write(element("freshness"), since ? `As of ${moment(since)}; trying again` : "");
  element("key").hidden = !key();
}

element("numbers").addEventListener("click", () => showNumbers(!numbersShown()));
session.addEventListener("numbers", () => {
  element("numbers").setAttribute("aria-pressed", String(numbersShown()));
  element("numbers").textContent = numbersShown() ? "Hide numbers" : "Show numbers";
});
element("key").addEventListener("click", () => setKey(""));
element("skip").addEventListener("click", () => main.focus());
live.addEventListener("freshness", frame);
addEventListener("hashchange", route);
route();
begin();
