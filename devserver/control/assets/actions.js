// actions.js: what can be done with an exchange, and the keys.

import { body, curl, post } from "./api.js";
import { ask, copy, h, toast } from "./dom.js";

const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

// replay sends an exchange again; a method that may change something is asked for.
export async function replay(ex) {
  if (ex.kind !== "http") return toast("Only plain HTTP requests can be replayed", "bad");
  if (!SAFE.has(ex.method) && !await ask("Replay " + ex.method + "?", `${ex.method} ${ex.url} may change something in the app when it is sent again.`, "Replay")) return;
  try {
    const { id } = await post("replay", { id: ex.id });
    toast("Replayed");
    return id;
  } catch (err) { failed(err); }
}

export function failed(err) { toast(err.message + (err.hint ? "\n" + err.hint : ""), "bad"); }

// copyMenu offers what can be copied below the button.
export function copyMenu(ex, button, reveal) {
  const items = [
    ["u", "URL", async () => copy(ex.url, "URL")],
    ["c", "As curl", async () => copy(await curl(ex.id, reveal), "curl command")],
    ["b", "Response body", async () => copyBody(ex, "response", reveal)],
    ["q", "Request body", async () => copyBody(ex, "request", reveal)],
  ];
  const run = (f) => { dialog.close(); f().catch(failed); };
  const dialog = h("dialog", { class: "menu", "aria-label": "Copy", onclick: (e) => { if (e.target === dialog) dialog.close(); } },
    h("div", { role: "menu", "aria-label": "Copy" }, items.map(([key, label, f]) =>
      h("button", { type: "button", role: "menuitem", onclick: () => run(f) }, h("span", null, label), h("kbd", null, key)))));
  dialog.addEventListener("keydown", (e) => {
    const item = items.find(([key]) => key === e.key);
    const all = [...dialog.querySelectorAll("button")], at = all.indexOf(document.activeElement);
    if (item) run(item[2]);
    else if (e.key === "ArrowDown" || e.key === "j") all[(at + 1) % all.length].focus();
    else if (e.key === "ArrowUp" || e.key === "k") all[(at - 1 + all.length) % all.length].focus();
    else return e.stopPropagation();
    e.preventDefault(); e.stopPropagation();
  });
  dialog.addEventListener("close", () => { dialog.remove(); button?.focus(); });
  document.body.append(dialog);
  dialog.showModal();
  const at = (button || document.getElementById("copy-open"))?.getBoundingClientRect();
  if (at) {
    dialog.style.top = at.bottom + 4 + "px";
    dialog.style.left = Math.max(8, Math.min(at.right, innerWidth - 8) - dialog.offsetWidth) + "px";
  }
}

async function copyBody(ex, side, reveal) {
  if (!ex[side].body.size) return toast("There is no " + side + " body");
  const b = await body(ex.id, side, { length: 0, reveal });
  if (!b.isText) return toast("The body is binary; use `pastedev show`", "bad");
  await copy(await b.text(), side === "request" ? "Request body" : "Response body");
}

// KEYS is what the help shows and what main.js acts on: key, what it does, verb.
export const KEYS = [
  ["j", "next request", "down"], ["k", "previous request", "up"], ["g", "first", "first"], ["G", "last, and follow", "last"],
  ["Enter", "open", "open"], ["Escape", "close", "close"], ["/", "filter", "filter"], ["f", "follow new requests", "follow"],
  ["r", "replay", "replay"], ["y", "copy: URL, curl, body", "copy"], ["[", "previous part", "left"], ["]", "next part", "right"],
  ["1", "overview", "tab1"], ["2", "request", "tab2"], ["3", "response", "tab3"], ["4", "timing", "tab4"],
  ["5", "logs", "tab5"], ["6", "SQL", "tab6"], ["7", "calls", "tab7"], ["8", "errors", "tab8"],
  ["9", "profile", "tab9"], ["0", "HTML", "tab0"],
  ["z", "unfold or fold its sub-requests", "subs"], ["Z", "unfold or fold all sub-requests", "all-subs"],
  ["?", "this help", "help"],
];
export const ALIASES = { ArrowDown: "j", ArrowUp: "k", Home: "g", End: "G", l: "]", h: "[" };

export function help() {
  if (document.getElementById("help")) return;
  const dialog = h("dialog", { id: "help", class: "ask", "aria-labelledby": "help-title", onclick: (e) => { if (e.target === dialog) dialog.close(); } },
    h("h2", { id: "help-title" }, "Keys"),
    h("dl", { class: "keys" }, KEYS.map(([key, what]) => [h("dt", null, h("kbd", null, key === "Escape" ? "esc" : key === "Enter" ? "enter" : key)), h("dd", null, what)])),
    h("p", { class: "hint" }, "Filter: status:5xx method:POST path:/cart* dur>200ms size>1mb sql>10 errors>0 out:\"text\" has:trace has:process mount:/api is:sub host: header.x: body~\"regex\" build:12 since:5m -static, with OR, NOT and parentheses."),
    h("div", { class: "buttons" }, h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
