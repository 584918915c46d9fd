// errors.js: what failed, the same fault once, and one trace opened. The trace itself is
// the error page, in a frame: one look wherever a failure is read.

import { get, text } from "./api.js";
import { failed, replay } from "./actions.js";
import { copy, fill, h } from "./dom.js";
import { clock, plural } from "./format.js";

const LIMIT = 300; // traces that the list is made of

// traceFrame is a trace with what can be done about it.
export function traceFrame(ref, ex) {
  const path = "traces/" + encodeURIComponent(ref);
  const fetched = async (form, what) => { try { await copy(await text(path + form), what); } catch (err) { failed(err); } };
  const again = async () => {
    try {
      const id = await replay(typeof ex === "string" ? await get("exchanges/" + ex) : ex);
      if (id) location.hash = "#/exchanges/" + id;
    } catch (err) { failed(err); }
  };
  const request = typeof ex === "string" ? ex : "";
  return h("div", { class: "trace" },
    h("div", { class: "trace-bar" },
      h("button", { type: "button", class: "copy-markdown", onclick: () => fetched("/markdown", "Markdown") }, "Copy as Markdown"),
      h("button", { type: "button", class: "copy-text", onclick: () => fetched("/text?all=1", "Text") }, "Copy as text"),
      ex ? h("button", { type: "button", class: "replay-trace", onclick: again }, "Replay") : null,
      h("span", { class: "grow" }),
      request ? h("a", { href: "#/exchanges/" + request }, "Request") : null,
      h("a", { href: "/api/v1/" + path + "/page", target: "_blank", rel: "noopener" }, "Own tab ↗")),
    h("iframe", { class: "trace-page", src: "/api/v1/" + path + "/page", title: "The failure" }));
}

export class Errors {
  constructor() {
    this.list = [];
    this.rows = h("div", { class: "faults", id: "faults", role: "list", "aria-label": "Errors, newest first" });
    this.opened = h("div", { class: "fault-open" });
    this.el = h("section", { class: "page errors", id: "errors", "aria-label": "Errors" }, this.rows, this.opened);
  }

  async load() {
    this.list = (await get("traces", { limit: LIMIT })).items;
    this.draw();
  }

  // changed takes up a trace from the feed.
  changed(trace) {
    const i = this.list.findIndex((t) => t.id === trace.id);
    if (i >= 0) this.list[i] = trace; else this.list.unshift(trace);
    this.list.length = Math.min(this.list.length, LIMIT);
    this.draw();
    if (String(trace.id) === this.ref) this.open(this.ref, true); // its variables came
  }

  groups() {
    const byCode = new Map();
    for (const t of this.list) {
      if (!byCode.has(t.code)) byCode.set(t.code, []);
      byCode.get(t.code).push(t);
    }
    return [...byCode.values()];
  }

  // draw lists each fault once, under its newest trace.
  draw() {
    if (this.el.hidden) return;
    const groups = this.groups();
    if (!groups.length) return fill(this.rows, h("div", { class: "empty" }, h("p", null, "Nothing has failed."), h("p", { class: "hint" }, "Panics, crashes and answers of 500 and more are kept here, with the values of variables where they can be had.")));
    const focused = document.activeElement?.closest?.(".fault")?.dataset.code;
    fill(this.rows, groups.map((g) => {
      const t = g[0], f = (t.frames || [])[0], n = Math.max(t.count || 1, g.length);
      return h("a", { class: "fault", role: "listitem", href: "#/errors/" + t.id, "data-code": t.code, "aria-current": g.some((o) => String(o.id) === this.ref || o.code === this.ref) ? "true" : null },
        h("span", { class: "line" }, h("b", { class: "code" }, t.code), n > 1 ? h("span", { class: "times" }, "×" + n.toLocaleString("en")) : null,
          h("span", { class: "grow" }), h("span", { class: "dimmed" }, clock(t.time))),
        h("span", { class: "headline" }, t.headline),
        f ? h("span", { class: "place" }, f.file + ":" + f.line) : null);
    }));
    if (focused) this.rows.querySelector(`[data-code="${CSS.escape(focused)}"]`)?.focus();
  }

  // open shows a trace by its number or its code; fresh asks again for one that is open.
  async open(ref, fresh) {
    if (ref === this.ref && !fresh) return;
    this.ref = ref;
    this.draw();
    this.el.classList.toggle("chosen", !!ref);
    if (!ref) return fill(this.opened, this.list.length ? h("p", { class: "empty" }, "Choose an error to see its source and variables.") : null);
    try {
      const t = await get("traces/" + encodeURIComponent(ref));
      if (ref !== this.ref) return;
      const same = this.list.filter((o) => o.code === t.code && o.id !== t.id).slice(0, 8);
      fill(this.opened, h("a", { class: "back", href: "#/errors" }, "‹ All errors"),
        same.length ? h("p", { class: "others" }, plural(same.length, "other") + " of " + t.code + ": ", same.map((o, i) => [i ? ", " : "", h("a", { href: "#/errors/" + o.id }, clock(o.time))])) : null,
        traceFrame(t.id, t.exchange));
    } catch (err) {
      if (ref === this.ref) fill(this.opened, h("div", { class: "empty" }, h("p", null, err.message), err.hint ? h("p", { class: "hint" }, err.hint) : null));
    }
  }
}
