// program.js: programs that were run for an exchange: CGI.

import { h } from "./dom.js";
import { bytes, millis, plural } from "./format.js";

export function programSpans(ex) { return (ex.spans || []).filter((s) => s.process); }

// ended says how a program ended.
export function ended(s) { const p = s.process; return !p.pid ? "did not start" : running(s) ? "running" : p.signal ? p.signal : "exit " + p.exit; }

function running(s) { const p = s.process; return p.pid && p.exit === -1 && !p.signal && !s.duration_ms && !s.error; }

export function failed(s) { return !running(s) && ( !!s.error || !s.process.pid || !!s.process.signal || s.process.exit !== 0); }

export function programs(ex) {
  const list = programSpans(ex);
  if (!list.length) return h("p", { class: "none" }, "No program was run for this request.");
  return list.map((s) => {
    const p = s.process, bad = failed(s);
    return h("section", { class: "program", "aria-label": name(p) },
      h("div", { class: "line" }, h("b", { class: "badge " + (bad ? "s5" : running(s) ? "s1" : "s2") }, ended(s)), h("b", { class: "grow" }, name(p)), h("span", { class: "num" }, millis(s.duration_ms))),
      s.error ? h("p", { class: "note bad" }, s.error) : null,
      h("dl", { class: "facts" }, [["Program", p.program], ["Folder", p.dir], ["Process", p.pid || ""], ["Input", bytes(p.input)], ["Output", bytes(p.output)],
        ["Started", "+" + millis(Math.max(0, new Date(s.start) - new Date(ex.start)))]].filter(([, v]) => v !== "" && v !== undefined).map(([k, v]) => [h("dt", null, k), h("dd", null, v)])),
      p.env?.length ? h("details", { class: "item env" }, h("summary", null, h("span", { class: "grow" }, "Environment"), h("span", { class: "num" }, plural(p.env.length, "variable"))),
        h("table", { class: "headers", "aria-label": "Environment" }, h("tbody", null, p.env.map((e) => h("tr", null, h("th", { scope: "row" }, e.key), h("td", null, e.value)))))) : null);
  });
}

export function name(p) { return p.program.split(/[\\/]/).pop(); }
