// Do: queue a call, schedule one, start a campaign from a file; and whom nobody is to call.
import { campaignForm } from "./campaign-form.js";
import { callForm } from "./call-form.js";
import { doNotCall } from "./do-not-call.js";
import { h } from "./dom.js";
import { Page, section } from "./page.js";

let forms = null; // for as long as the tab is open, with what was typed

customElements.define("page-do", class extends Page {
  show() {
    forms ??= [section("Call somebody", callForm()), section("Call many, from a file", campaignForm())];
    this.append(h("h1", {}, "Do"), ...forms,
      section("Do not call", doNotCall(this)));
  }
});
