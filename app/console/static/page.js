// What pages have in common: a heading, work that ends when the page is left, and news.
import { forget, h, write } from "./dom.js";
import { live } from "./live.js";
import { session } from "./session.js";

export class Page extends HTMLElement {
  connectedCallback() {
    this.end = new AbortController();
    this.parts = this.getAttribute("rest")?.split("/").filter(Boolean).map((one) => { try { return decodeURIComponent(one); } catch { return one; } }) ?? [];
    this.show();
  }

  disconnectedCallback() { this.end.abort(); }

  get signal() { return this.end.signal; }

  // Draws anew when numbers are shown or hidden.
  onNumbers(draw) {
    session.addEventListener("numbers", () => { forget(this); draw(); }, { signal: this.signal });
  }

  // Draws now, and with every frame of news.
  withNews(draw) {
    live.addEventListener("news", draw, { signal: this.signal });
    this.onNumbers(draw);
    draw();
  }

  // Does it now and then every so often, one after another, while anybody can see the page.
  async every(milliseconds, work) {
    while (!this.signal.aborted) {
      if (!document.hidden) await this.trying(work);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
    }
  }

  // What went wrong stands on the page until the same goes well again.
  async trying(work) {
    try {
      await work();
      work.fault?.remove();
    } catch (error) {
      if (error.name === "AbortError" || this.signal.aborted) return;
      for (const one of this.querySelectorAll(".lead")) if (one.textContent === "Asking…") one.textContent = "";
      work.fault ??= h("p", { class: "fault", role: "alert" });
      write(work.fault, error.message);
      if (!this.textContent.includes(error.message)) this.querySelector("h1")?.after(work.fault);
    }
  }
}

export const facts = (pairs) => pairs.filter(([, value]) => value || value === 0)
  .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));

export const section = (title, ...children) => h("section", { "aria-label": title }, h("h2", {}, title), children);
