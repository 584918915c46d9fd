// dom.js: elements from data. Everything shown is a text node or an attribute from
// the short list below; nothing is ever parsed as HTML.

const safeAttributes = new Set([
  "class", "id", "title", "role", "type", "for", "tabindex", "hidden", "disabled",
  "placeholder", "spellcheck", "autocomplete", "autocapitalize", "href", "name", "value", "colspan", "scope", "download", "alt", "src", "target", "rel",
]);

// As package body has them: characters that reorder what stands around them (UAX #9), and
// those that nobody sees. A test holds the two together.
const DECEIVING = /[\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

// honest writes them out, \u202e: what is shown is what is there.
export function honest(text) {
  return text.replace(DECEIVING, (c) => { const n = c.codePointAt(0); return n > 0xffff ? `\\u{${n.toString(16)}}` : "\\u" + n.toString(16).padStart(4, "0"); });
}

// h makes an element: h("p", {class: "x", onclick: f}, "text", child, [more]).
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else if (key.startsWith("aria-") || key.startsWith("data-") || safeAttributes.has(key)) {
      if (key === "href" && !/^(#|\/|https?:)/.test(value)) continue; // no javascript:
      if (key === "src" && !/^\/api\/v1\/traces\//.test(value)) continue; // frames hold traces
      el.setAttribute(key, value === true ? "" : key === "title" || key === "aria-label" ? honest(String(value)) : String(value));
    } else throw new Error("attribute not allowed: " + key);
  }
  add(el, children);
  return el;
}

function add(el, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue;
    if (Array.isArray(child)) add(el, child);
    else el.append(child instanceof Node ? child : honest(String(child))); // append makes text nodes of strings
  }
}

// fill replaces what is inside of el.
export function fill(el, ...children) {
  el.replaceChildren();
  add(el, children);
  return el;
}

export const $ = (id) => document.getElementById(id);

// perFrame returns a function that calls f once before the next frame, however often
// it is called itself. A hidden page has no frames; it is drawn when it is shown.
export function perFrame(f) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; f(); });
  };
}

// toast shows a short note, and an error a little longer.
export function toast(text, kind = "") {
  const el = h("div", { class: "toast " + kind }, text);
  $("toasts").append(el);
  setTimeout(() => el.remove(), kind === "bad" ? 8000 : 2500);
}

// copy puts text on the clipboard and says so.
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(what + " copied");
  } catch (err) {
    toast("The browser did not allow the copy: " + err.message, "bad");
  }
}

// ask opens a modal question and resolves to true when it is confirmed.
export function ask(title, text, confirm) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "ask", "aria-labelledby": "ask-title" },
      h("h2", { id: "ask-title" }, title),
      h("p", null, text),
      h("div", { class: "buttons" },
        h("button", { type: "button", onclick: () => dialog.close("") }, "Cancel"),
        h("button", { type: "button", class: "primary", onclick: () => dialog.close("yes") }, confirm)));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector(".primary").focus();
  });
}

// choose offers items, each [label, note, value], below a button, and resolves to the value
// of the chosen one; to undefined when none is.
export function choose(title, items, button) {
  return new Promise((resolve) => {
    let value;
    const dialog = h("dialog", { class: "menu", id: "choose", "aria-label": title, onclick: (e) => { if (e.target === dialog) dialog.close(); } },
      h("div", { role: "menu", "aria-label": title }, items.map(([label, note, v]) =>
        h("button", { type: "button", role: "menuitem", onclick: () => { value = v; dialog.close(); } }, h("span", null, label), h("span", { class: "dimmed" }, note)))));
    dialog.addEventListener("close", () => { dialog.remove(); button?.focus(); resolve(value); });
    document.body.append(dialog);
    dialog.showModal();
    const at = button?.getBoundingClientRect();
    if (!at) return;
    dialog.style.top = at.bottom + 4 + "px";
    dialog.style.left = Math.max(8, Math.min(at.right, innerWidth - 8) - dialog.offsetWidth) + "px";
  });
}
