// gate.js: what a browser without the token sees.

import { post } from "./api.js";
import { $, fill, h } from "./dom.js";

// gate replaces the page by the way in.
export function gate(err) {
  if ($("gate")) return;
  const field = h("input", { id: "token", type: "password", autocomplete: "off", spellcheck: "false", placeholder: "link or token" });
  const wrong = h("p", { class: "bad", role: "alert", id: "gate-error" }, err.status === 429 ? err.message : "");
  const enter = async (e) => {
    e.preventDefault();
    const token = (/token=([0-9a-f]+)/.exec(field.value) || [, field.value.trim()])[1];
    try {
      await post("session", { token });
      location.reload();
    } catch (e2) { wrong.textContent = e2.message; }
  };
  fill($("state"));
  fill($("main"), h("section", { class: "gate", id: "gate", "aria-labelledby": "gate-title" },
    h("h1", { id: "gate-title" }, err.status === 401 || err.status === 429 ? "This page needs its link" : "pastedev does not answer"),
    h("p", null, "Recorded traffic is shown only to whoever can read the terminal of pastedev. Each start of pastedev makes a new link."),
    h("p", null, "Open the link that pastedev printed, or press ", h("kbd", null, "O"), " in its terminal; ", h("code", null, "pastedev attach"), " shows that anywhere in the project. The link is also in ", h("code", null, ".pastedev/control.json"), "."),
    h("form", { onsubmit: enter }, h("label", { for: "token" }, "Or paste it here"), h("div", { class: "line" }, field, h("button", { type: "submit", class: "primary" }, "Open"))), wrong));
  document.body.classList.add("locked");
  addEventListener("hashchange", () => { if (/token=/.test(location.hash)) location.reload(); }); // the link, opened in this tab
}
