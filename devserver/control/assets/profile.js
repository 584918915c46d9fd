// profile.js: where the time of one exchange went: its call tree as flame graph, tree and
// table, the profiles recorded of it, and how it compares with others.

import { get, post } from "./api.js";
import { failed } from "./actions.js";
import { TopTable, TreeTable } from "./calltable.js";
import { Compare } from "./compare.js";
import { fill, h, toast } from "./dom.js";
import { Flame, Tree, adopt } from "./flame.js";
import { Recorder } from "./record.js";

const VIEWS = [["flame", "Flame graph"], ["tree", "Tree"], ["top", "Top"], ["compare", "Compare"]];

const FILES = [
  ["text", "Text", "the tree as text"], ["folded", "Folded", "a line for each stack, for flamegraph.pl"],
  ["speedscope", "Speedscope", "for speedscope.app"], ["pprof", "pb.gz", "for go tool pprof"],
];

// ProfileTab stays while its exchange is shown, and so do its zoom and its search.
export class ProfileTab {
  // on: status() → the state of pastedev, or null
  constructor(on) {
    this.on = on;
    const editor = () => on.status()?.editor;
    adopt(document); // the tables have the graph's colours
    this.view = "flame";
    this.flame = new Flame({ editor });
    this.tree = new TreeTable({ editor, zoom: (i) => { this.choose("flame"); this.flame.zoom(i, true); } });
    this.top = new TopTable({ editor, find: (name) => { this.flame.find.value = name; this.choose("flame"); this.flame.find.focus(); } });
    this.compare = new Compare({ editor });
    this.recorder = new Recorder();
    this.buttons = VIEWS.map(([name, label]) => h("button", { type: "button", "data-view": name, "aria-pressed": "false", onclick: () => this.choose(name) }, label));
    this.wide = h("button", { type: "button", class: "icon wide-toggle", title: "Hide the list of requests", "aria-label": "Hide the list of requests", "aria-pressed": "false", onclick: () => this.widen() }, "⤢");
    this.files = h("span", { class: "files" });
    this.body = h("div", { class: "prof-body" });
    this.el = h("div", { class: "prof", id: "profile" },
      h("div", { class: "prof-bar" }, h("div", { class: "segmented", role: "group", "aria-label": "View" }, this.buttons), this.files, this.wide),
      this.body, this.recorder.el);
    this.el.addEventListener("keydown", (e) => this.key(e));
  }

  // show returns the element for an exchange, and loads what is not loaded yet.
  show(ex) {
    const same = ex.id === this.ex?.id;
    if (ex !== this.ex) {
      this.ex = ex;
      this.load(same);
      this.recorder.show(ex);
    }
    return this.el;
  }

  async load(same) {
    const { ex } = this;
    let tree = null;
    this.none = null;
    if (!same) { this.calls = null; this.draw(false); }
    try {
      if (ex.in_flight) throw Object.assign(new Error("The call tree comes when the handler is done."), { hint: "" });
      tree = new Tree(await get(`exchanges/${encodeURIComponent(ex.id)}/calltree`));
    } catch (err) { this.none = err; }
    if (ex !== this.ex) return;
    this.calls = tree;
    this.draw(same);
  }

  choose(view) {
    this.view = view;
    if (this.el.isConnected) this.draw(true);
  }

  widen() {
    const on = document.body.classList.toggle("wide");
    this.wide.setAttribute("aria-pressed", String(on));
  }

  draw(same) {
    for (const b of this.buttons) b.setAttribute("aria-pressed", String(b.dataset.view === this.view));
    fill(this.files, this.calls ? [FILES.map(([path, label, what]) => h("a", { href: `/api/v1/exchanges/${this.ex.id}/calltree/${path}`, download: path === "text" ? `pastedev-calls-${this.ex.id.slice(0, 8)}.txt` : "", title: "Download: " + what }, label)),
      h("a", { href: `/pprof/calls-${this.ex.id}/`, target: "_blank", rel: "noopener", title: "pprof's own pages of this tree" }, "pprof ↗")] : null);
    if (this.view === "compare") { fill(this.body, this.compare.el); return this.compare.show(this.ex); }
    if (!this.calls) return fill(this.body, this.nothing());
    fill(this.body, this[this.view].el);
    this[this.view].show(this.calls, same);
  }

  nothing() {
    if (!this.none) return h("p", { class: "none" }, "Loading…");
    const missing = this.none.status === 404;
    return h("div", { class: "none" }, h("p", null, missing ? "This request has no call tree." : this.none.message), this.none.hint ? h("p", { class: "hint" }, this.none.hint) : null,
      this.on.status()?.call_tree === false ? h("p", null, h("button", { type: "button", id: "calls-on", onclick: () => this.turnOn() }, "Turn the call tree on")) : null);
  }

  async turnOn() {
    try {
      await post("calltree", { on: true });
      toast("The call tree is on: the next request has one");
    } catch (err) { failed(err); }
  }

  // key keeps the flame graph's keys from the list of requests.
  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select")) return;
    if (e.key === "/" && this.view === "flame" && this.calls) this.flame.find.focus();
    else if (e.key !== "Enter" && e.key !== " ") return;
    else return e.stopPropagation();
    e.preventDefault();
    e.stopPropagation();
  }

  recorded(p) { this.recorder.recorded(p); }
  progressed(p) { this.recorder.progressed(p); }
}
