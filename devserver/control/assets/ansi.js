// ansi.js: colours of a terminal as classes. Whatever else an escape sequence could
// do to a terminal has been removed before; here it is simply not shown.

import { honest } from "./dom.js";

const SEQUENCE = /\x1b\[([0-9;:]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b./g; // eslint-disable-line no-control-regex

// ansi returns a fragment of text nodes and spans.
export function ansi(text) {
  const out = document.createDocumentFragment();
  text = honest(text);
  if (!text.includes("\x1b")) {
    out.append(text);
    return out;
  }
  const state = { fg: "", bg: "", bold: false, dim: false, italic: false, under: false };
  let at = 0;
  const put = (s) => {
    if (!s) return;
    const names = [state.fg && "f" + state.fg, state.bg && "g" + state.bg, state.bold && "bold", state.dim && "dim", state.italic && "italic", state.under && "under"].filter(Boolean);
    if (!names.length) return out.append(s);
    const el = document.createElement("span");
    el.className = names.join(" ");
    el.textContent = s;
    out.append(el);
  };
  for (const m of text.matchAll(SEQUENCE)) {
    put(text.slice(at, m.index));
    at = m.index + m[0].length;
    if (m[2] === "m") apply(state, m[1]);
  }
  put(text.slice(at));
  return out;
}

function apply(state, codes) {
  const list = codes.split(/[;:]/).map((c) => Number(c || 0));
  for (let i = 0; i < list.length; i++) {
    const c = list[i];
    if (c === 0) Object.assign(state, { fg: "", bg: "", bold: false, dim: false, italic: false, under: false });
    else if (c === 1) state.bold = true;
    else if (c === 2) state.dim = true;
    else if (c === 3) state.italic = true;
    else if (c === 4) state.under = true;
    else if (c === 22) state.bold = state.dim = false;
    else if (c === 23) state.italic = false;
    else if (c === 24) state.under = false;
    else if (c >= 30 && c <= 37) state.fg = String(c - 30);
    else if (c === 39) state.fg = "";
    else if (c >= 40 && c <= 47) state.bg = String(c - 40);
    else if (c === 49) state.bg = "";
    else if (c >= 90 && c <= 97) state.fg = String(c - 82);
    else if (c >= 100 && c <= 107) state.bg = String(c - 92);
    else if (c === 38 || c === 48) { // 256 or full colour: the nearest of sixteen
      const key = c === 38 ? "fg" : "bg";
      if (list[i + 1] === 5) { state[key] = nearest256(list[i + 2]); i += 2; }
      else if (list[i + 1] === 2) { state[key] = nearest(list[i + 2], list[i + 3], list[i + 4]); i += 4; }
    }
  }
}

function nearest256(n) {
  if (n < 16) return String(n);
  if (n >= 232) return n < 244 ? "8" : "7";
  n -= 16;
  return nearest(Math.floor(n / 36) * 51, (Math.floor(n / 6) % 6) * 51, (n % 6) * 51);
}

function nearest(r, g, b) {
  const top = Math.max(r, g, b);
  if (top < 60) return "8";
  const half = top * 0.6;
  const bits = (r > half ? 1 : 0) | (g > half ? 2 : 0) | (b > half ? 4 : 0);
  return String(bits + (top > 200 && bits !== 7 ? 8 : 0));
}
