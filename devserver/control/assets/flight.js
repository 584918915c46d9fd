// flight.js: what can be done with an exchange that is still under way.

import { post, text } from "./api.js";
import { failed } from "./actions.js";
import { copy, h, honest, toast } from "./dom.js";
import { millis } from "./format.js";

const STUCK_FROM = 30000; // ms under way from which a request is called stuck

// elapsed is how long an exchange is under way, in ms.
export function elapsed(s) { return Math.max(0, Date.now() - new Date(s.start).getTime()); }

export function stuck(s) { return s.in_flight && s.kind === "http" && elapsed(s) >= STUCK_FROM; }

// flightBar says how long, while it is in the page, and offers to look and to end it.
export function flightBar(ex) {
  const time = h("span", { class: "grow" });
  const bar = h("div", { class: "flight-bar" }, time,
    h("button", { type: "button", id: "goroutines", title: "Where its goroutines are at this moment", onclick: () => goroutines(ex) }, "Goroutines"),
    h("button", { type: "button", id: "cancel-exchange", title: "End this request", onclick: () => cancel(ex) }, "Cancel"));
  const tick = () => {
    time.textContent = `Under way for ${millis(elapsed(ex))}${stuck(ex) ? ": stuck?" : ""}`;
    bar.classList.toggle("stuck", stuck(ex));
  };
  tick();
  const timer = setInterval(() => { if (bar.isConnected) tick(); else clearInterval(timer); }, 1000);
  return bar;
}

async function cancel(ex) {
  try {
    await post("cancel", { id: ex.id });
    toast("Cancelled");
  } catch (err) { failed(err); }
}

// goroutines shows the stacks as text, and anew when asked.
async function goroutines(ex) {
  const pre = h("pre", { class: "code dump", tabindex: "0" }, "Asking…");
  const load = async () => {
    try {
      pre.textContent = honest(await text(`exchanges/${encodeURIComponent(ex.id)}/goroutines`)) || "No goroutine works on this request any more.";
    } catch (err) { pre.textContent = err.message + (err.hint ? "\n" + err.hint : ""); }
  };
  const dialog = h("dialog", { class: "ask dump-dialog", "aria-labelledby": "dump-title", onclick: (e) => { if (e.target === dialog) dialog.close(); } },
    h("h2", { id: "dump-title" }, `Goroutines of ${ex.method} ${ex.path}`), pre,
    h("div", { class: "buttons" }, h("button", { type: "button", onclick: load }, "Look again"), h("button", { type: "button", onclick: () => copy(pre.textContent, "Stacks") }, "Copy"),
      h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  await load();
}
