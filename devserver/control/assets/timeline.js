// timeline.js: the work in an exchange, on the scale of the exchange.

import { h } from "./dom.js";
import { millis } from "./format.js";
import { ended, failed, name } from "./program.js";

const MAX_ROWS = 200; // the tabs of each kind have all

function moments(ex) {
  const list = [];
  for (const s of ex.spans || []) {
    const m = { at: new Date(s.start), took: s.duration_ms, bad: !!s.error };
    if (s.sql) Object.assign(m, { kind: "SQL", text: (s.sql.statement || s.sql.op).split(/\s+/).join(" ").trim() });
    else if (s.call) Object.assign(m, { kind: "call", text: s.call.method + " " + s.call.url, bad: m.bad || !s.call.status || s.call.status >= 500 });
    else if (s.process) Object.assign(m, { kind: "program", text: name(s.process) + ", " + ended(s), bad: failed(s) });
    else continue;
    list.push(m);
  }
  for (const c of ex.children || []) list.push({ at: new Date(c.start), took: c.duration_ms, kind: "request", text: c.method + " " + c.path, bad: !!c.error || c.status >= 500, href: "#/exchanges/" + c.id });
  return list.sort((a, b) => a.at - b.at);
}

export function timeline(ex) {
  const list = moments(ex), start = new Date(ex.start);
  if (!list.length) return null;
  const total = Math.max(ex.duration_ms, 0.001, ...list.map((m) => m.at - start + m.took));
  return [h("h3", null, "Inside"),
    h("table", { class: "phases timeline", "aria-label": "Inside" }, h("tbody", null, list.slice(0, MAX_ROWS).map((m) => {
      const bar = h("i", { class: "phase k-" + m.kind + (m.bad ? " bad" : "") });
      bar.style.marginLeft = Math.min(99.5, (Math.max(0, m.at - start) / total) * 100) + "%";
      bar.style.width = Math.max(0.5, Math.min(100, (m.took / total) * 100)) + "%";
      return h("tr", null, h("th", { scope: "row" }, m.kind), h("td", { class: "what" + (m.bad ? " bad" : ""), title: m.text }, m.href ? h("a", { href: m.href }, m.text) : m.text),
        h("td", { class: "track" }, bar), h("td", { class: "num" }, millis(m.took)));
    }))),
    list.length > MAX_ROWS ? h("p", { class: "none" }, `${list.length - MAX_ROWS} more`) : null];
}
