// calltable.js: a call tree as a table whose rows open, and its functions as a table.

import { fill, h } from "./dom.js";
import { duration, percent, placeOf, short } from "./flame.js";

const MAX_ROWS = 1500;   // in the table at once
const MAX_TOP = 200;     // functions shown before the rest is asked for
const OPEN_FROM = 0.05;  // share of its lane's time from which a node is open at first

const swatch = (kind) => h("i", { class: "swatch k-" + kind, "aria-hidden": "true" });
const num = (text, zero) => h("td", { class: "num" + (zero ? " zero" : "") }, text);

function share(value) {
  const bar = h("i");
  bar.style.width = Math.min(100, value * 100) + "%";
  return h("td", { class: "share", title: percent(value) }, bar);
}

// TreeTable is the flame graph's other form: every number in sight, and for who hears
// the page read.
export class TreeTable {
  // on: zoom(node), editor()
  constructor(on) {
    this.on = on;
    this.rows = h("tbody");
    this.note = h("p", { class: "none", hidden: true });
    this.el = h("div", { class: "calls fl-colours" },
      h("div", { class: "calls-bar" },
        h("button", { type: "button", onclick: () => this.all(true) }, "Open all"), h("button", { type: "button", onclick: () => this.all(false) }, "Close all"),
        h("span", { class: "hint" }, "Enter shows a row in the flame graph")),
      h("table", { class: "calltree", role: "treegrid", "aria-label": "Call tree", onkeydown: (e) => this.key(e), onclick: (e) => this.clicked(e) },
        h("thead", null, h("tr", null, ["Function", "Calls", "Total", "Self", "Blocked", ""].map((t, i) => h("th", { scope: "col", class: i ? "num" : "" }, t)))), this.rows),
      this.note);
  }

  show(tree, same) {
    if (tree === this.tree) return;
    if (!same || !this.open) {
      this.open = new Set();
      for (let i = 0; i < tree.size; i++) if (i === 0 || tree.total[i] >= OPEN_FROM * tree.total[tree.lane(i)]) this.open.add(i);
    }
    this.tree = tree;
    this.at = 0;
    this.draw();
  }

  all(open) {
    this.open = new Set(open ? this.tree.nodes.keys() : []);
    this.draw();
  }

  // draw makes a row of each node whose callers are all open.
  draw() {
    const { tree } = this, list = [], to = tree.size ? [{ i: 0, level: 1 }] : [];
    let more = 0;
    while (to.length) {
      const n = to.pop();
      if (list.length < MAX_ROWS) list.push(this.row(n.i, n.level)); else more++;
      if (this.open.has(n.i)) for (const k of [...tree.kids[n.i]].reverse()) to.push({ i: k, level: n.level + 1 });
    }
    fill(this.rows, list);
    this.note.hidden = !more;
    this.note.textContent = `${more.toLocaleString("en")} more rows: close some above.`;
    this.mark(this.rows.querySelector(`[data-i="${this.at}"]`) ? this.at : 0);
  }

  row(i, level) {
    const t = this.tree, all = t.total[t.lane(i)], at = t.fn(i).at;
    const name = h("td", { class: "fn" }, h("span", { class: "twist", "aria-hidden": "true" }, t.kids[i].length ? (this.open.has(i) ? "▾" : "▸") : ""), swatch(t.kind(i)),
      h("span", { class: "name", title: t.name(i) }, t.label(i).slice(0, 400)), at ? placeOf(at, this.on.editor()) : null);
    name.style.paddingLeft = Math.min(level - 1, 40) * 12 + "px";
    return h("tr", { role: "row", "data-i": i, "aria-level": level, "aria-expanded": t.kids[i].length ? String(this.open.has(i)) : null, tabindex: "-1" },
      name, num(t.calls(i).toLocaleString("en")), num(duration(t.total[i]), !t.total[i]), num(duration(t.self[i]), !t.self[i]), num(t.blocked[i] ? duration(t.blocked[i]) : "–", !t.blocked[i]),
      share(all ? t.total[i] / all : 0));
  }

  mark(i, focus) {
    this.rows.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    const row = this.rows.querySelector(`[data-i="${i}"]`);
    if (!row) return;
    this.at = i;
    row.setAttribute("tabindex", "0");
    if (focus) row.focus();
  }

  toggle(i, open = !this.open.has(i)) {
    if (open) this.open.add(i); else this.open.delete(i);
    this.draw();
    this.mark(i, true);
  }

  clicked(e) {
    const row = e.target.closest("[data-i]");
    if (row && !e.target.closest("a")) this.toggle(+row.dataset.i);
  }

  key(e) {
    const row = e.target.closest?.("[data-i]");
    if (!row || e.ctrlKey || e.metaKey || e.altKey) return;
    const i = +row.dataset.i, to = (r) => r && this.mark(+r.dataset.i, true);
    switch (e.key) {
      case "ArrowDown": to(row.nextElementSibling); break;
      case "ArrowUp": to(row.previousElementSibling); break;
      case "ArrowRight": if (this.tree.kids[i].length && !this.open.has(i)) this.toggle(i, true); else if (this.tree.kids[i].length) this.mark(this.tree.kids[i][0], true); break;
      case "ArrowLeft": if (this.open.has(i) && this.tree.kids[i].length) this.toggle(i, false); else if (i) this.mark(this.tree.parent(i), true); break;
      case "Enter": this.on.zoom(i); break;
      case " ": this.toggle(i); break;
      default: return;
    }
    e.preventDefault();
    e.stopPropagation();
  }
}

const COLUMNS = [["name", "Function"], ["calls", "Calls"], ["self", "Self"], ["total", "Total"], ["blocked", "Blocked"]];

// TopTable is the functions, the longest own time first.
export class TopTable {
  // on: find(name), editor()
  constructor(on) {
    this.on = on;
    this.by = "self";
    this.el = h("div", { class: "calls fl-colours" });
  }

  show(tree) {
    if (tree === this.tree) return;
    this.tree = tree;
    this.rows = tree.top();
    this.whole = false;
    this.draw();
  }

  draw() {
    const by = this.by, all = this.rows.reduce((n, r) => n + r.self, 0), focused = this.el.contains(document.activeElement);
    const rows = [...this.rows].sort((a, b) => (by === "name" ? (a.name < b.name ? -1 : 1) : b[by] - a[by]));
    const heads = COLUMNS.map(([key, label]) => h("th", { scope: "col", class: key === "name" ? "" : "num", "aria-sort": key === by ? (key === "name" ? "ascending" : "descending") : null },
      h("button", { type: "button", "data-by": key, onclick: () => { this.by = key; this.draw(); } }, label, key === by ? " ↓" : "")));
    const shown = this.whole ? rows : rows.slice(0, MAX_TOP);
    fill(this.el, h("table", { class: "calltop", "aria-label": "Functions" }, h("thead", null, h("tr", null, heads, h("th"))),
      h("tbody", null, shown.map((r) => h("tr", null,
        h("td", { class: "fn" }, swatch(r.fn.kind), h("button", { type: "button", class: "name", title: r.name + "\nShow in the flame graph", onclick: () => this.on.find(r.name.slice(0, 200)) }, short(r.fn).slice(0, 400)), r.fn.at ? placeOf(r.fn.at, this.on.editor()) : null),
        num(r.calls.toLocaleString("en")), num(duration(r.self), !r.self), num(duration(r.total), !r.total), num(r.blocked ? duration(r.blocked) : "–", !r.blocked), share(all ? r.self / all : 0))))),
      shown.length < rows.length ? h("p", { class: "none" }, h("button", { type: "button", onclick: () => { this.whole = true; this.draw(); } }, `Show all ${rows.length.toLocaleString("en")}`)) : null);
    if (focused) this.el.querySelector(`[data-by="${by}"]`)?.focus();
  }
}
