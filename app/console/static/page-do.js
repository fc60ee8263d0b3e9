// Do: queue a call, schedule one, start a campaign from a file; and whom nobody is to call.
import { campaignForm } from "./campaign-form.js";
import { callForm } from "./call-form.js";
import { doNotCall } from "./do-not-call.js";
import { h } from "./dom.js";
import { Page, section } from "./page.js";

customElements.define("page-do", class extends Page {
  show() {
    this.append(h("h1", {}, "Do"), section("Call somebody", callForm()), section("Call many, from a file", campaignForm()),
      section("Do not call", doNotCall(this)));
  }
});
