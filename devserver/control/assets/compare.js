// compare.js: one exchange beside another, or beside its route before the last build.

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { Flame, Tree, duration, placeOf, short } from "./flame.js";
import { clock, millis, plural } from "./format.js";

const OFFERED = 40;  // exchanges of each sort in the menu
const ASKED = 300;   // exchanges looked through for them
const SHOWN = 50;    // rows of each table

export class Compare {
  // on: editor()
  constructor(on) {
    this.on = on;
    this.flame = new Flame({ editor: on.editor });
    this.pick = h("select", { id: "compare-with", onchange: () => this.load() });
    this.out = h("div", { class: "compared", "aria-live": "polite" });
    this.el = h("div", { class: "compare" }, h("div", { class: "compare-bar" }, h("label", { for: "compare-with" }, "Against "), this.pick), this.out);
  }

  // show turns to an exchange; the same one stays as it was.
  show(ex) {
    if (ex.id === this.ex?.id) return;
    this.ex = ex;
    fill(this.pick, h("option", { value: "" }, "its route before the last build"));
    this.offer();
    this.load();
  }

  // offer fills the menu: first what asked for the same.
  async offer() {
    const { ex } = this, route = routeOf(ex.path);
    try {
      const { items } = await get("exchanges", { q: "method:" + ex.method, limit: ASKED });
      if (ex.id !== this.ex.id) return;
      const others = items.filter((s) => s.id !== ex.id && s.kind === "http" && !s.in_flight);
      const group = (label, list) => {
        if (!list.length) return null;
        const el = document.createElement("optgroup");
        el.label = label;
        el.append(...list.slice(0, OFFERED).map((s) => h("option", { value: s.id }, `${s.path}  ${s.status || "—"} · ${millis(s.duration_ms)}${s.build ? " · build " + s.build : ""} · ${clock(s.start)}`)));
        return el;
      };
      const chosen = this.pick.value;
      fill(this.pick, h("option", { value: "" }, "its route before the last build"), group("The same route", others.filter((s) => routeOf(s.path) === route)), group("Others", others.filter((s) => routeOf(s.path) !== route)));
      this.pick.value = chosen;
    } catch { /* the menu stays as it is */ }
  }

  async load() {
    const { ex } = this, before = this.pick.value, run = this.run = (this.run || 0) + 1;
    fill(this.out, h("p", { class: "none" }, "Comparing…"));
    try {
      const c = await get("compare", { before, after: ex.id });
      if (run === this.run) this.draw(c);
    } catch (err) {
      if (run === this.run) fill(this.out, h("div", { class: "none" }, h("p", null, err.message), err.hint ? h("p", { class: "hint" }, err.hint) : null));
    }
  }

  draw(c) {
    fill(this.out,
      h("p", { class: "verdict" + (c.verdict ? "" : " calm") }, c.verdict || "No difference worth telling."),
      h("p", { class: "sides" }, side("before", c.before), " → ", side("after", c.after)),
      c.tree ? this.flame.el : h("p", { class: "none" }, "There is no call tree of both."),
      c.functions?.length ? [h("h3", null, "Functions"), this.functions(c.functions)] : null,
      c.sql?.length ? [h("h3", null, "SQL"), statements(c.sql)] : null);
    if (c.tree) this.flame.show(new Tree(c.tree, c.delta_ns || []));
  }

  functions(list) {
    const most = Math.max(1, ...list.map((f) => Math.abs(f.delta_ns)));
    return [h("table", { class: "changes", "aria-label": "Functions that differ" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Function"), h("th", { scope: "col", class: "num" }, "Self"), h("th", { scope: "col", class: "num" }, "Calls"), h("th", { scope: "col", class: "num" }, "Difference"), h("th"))),
      h("tbody", null, list.slice(0, SHOWN).map((f) => h("tr", null,
        h("td", { class: "fn" }, h("span", { class: "name", title: f.function.name }, short(f.function).slice(0, 400)), f.function.at ? placeOf(f.function.at, this.on.editor()) : null),
        h("td", { class: "num" }, change(f.self_ns, duration)), h("td", { class: "num" }, change(f.calls, count)), h("td", { class: "num " + (f.delta_ns > 0 ? "slower" : "faster") }, signed(f.delta_ns)),
        deltaBar(f.delta_ns, most))))), rest(list)];
  }
}

function statements(list) {
  const most = Math.max(1, ...list.map((s) => Math.abs(s.time_ns[1] - s.time_ns[0])));
  return [h("table", { class: "changes", "aria-label": "Statements that differ" },
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "Statement"), h("th", { scope: "col", class: "num" }, "Time"), h("th", { scope: "col", class: "num" }, "Count"), h("th", { scope: "col", class: "num" }, "Difference"), h("th"))),
    h("tbody", null, list.slice(0, SHOWN).map((s) => {
      const d = s.time_ns[1] - s.time_ns[0];
      return h("tr", null, h("td", { class: "fn" }, h("code", { class: "name" }, s.statement.slice(0, 2000))), h("td", { class: "num" }, change(s.time_ns, duration)), h("td", { class: "num" }, change(s.count, count)),
        h("td", { class: "num " + (d > 0 ? "slower" : "faster") }, signed(d)), deltaBar(d, most));
    }))), rest(list)];
}

const rest = (list) => (list.length > SHOWN ? h("p", { class: "none" }, `${list.length - SHOWN} more differ less.`) : null);
const count = (n) => (Number.isInteger(n) ? n.toLocaleString("en") : n.toFixed(1));
const change = ([a, b], f) => (f(a) === f(b) ? f(b) : [h("span", { class: "dimmed" }, f(a) + " → "), f(b)]);
const signed = (ns) => (ns > 0 ? "+" : ns < 0 ? "−" : "") + duration(Math.abs(ns));

function deltaBar(d, most) {
  const bar = h("i", { class: d > 0 ? "slower" : "faster" });
  bar.style.width = (Math.abs(d) / most) * 50 + "%";
  return h("td", { class: "delta-bar", "aria-hidden": "true" }, bar);
}

function side(word, s) {
  const what = s.exchange ? h("a", { href: "#/exchanges/" + s.exchange + "/profile" }, s.exchange.slice(0, 8)) : s.route || "";
  return h("span", { class: "side" }, h("b", null, millis(s.wall_ms)), " ", h("span", { class: "dimmed" }, `${word}: `, what, s.build ? ` · build ${s.build}` : "", s.count > 1 ? ` · mean of ${plural(s.count, "request")}` : ""));
}

// routeOf is only for what is offered first; the service knows what a route is.
const routeOf = (path) => (path || "").replace(/\/(\d+|[0-9a-fA-F-]{16,})(?=\/|$)/g, "/{}");
