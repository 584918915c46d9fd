// output.js: what the target printed.

import { get } from "./api.js";
import { ansi } from "./ansi.js";
import { h } from "./dom.js";
import { clock } from "./format.js";

const MAX_LINES = 2000; // elements kept; the history keeps more

export class Output {
  constructor() {
    this.last = 0;
    this.follow = true;
    this.lines = h("div", { class: "lines" });
    this.empty = h("div", { class: "empty" }, "Nothing printed yet.");
    this.pill = h("button", { type: "button", class: "pill", hidden: true, onclick: () => { this.follow = true; this.stick(); } }, "newer lines ↓");
    this.scroller = h("div", {
      class: "output-scroll", id: "output-scroll", role: "log", "aria-label": "Output of the target", "aria-live": "off", tabindex: "0",
      onscroll: () => this.scrolled(),
    }, this.lines);
    this.el = h("section", { class: "page output", id: "output", "aria-label": "Output" }, this.scroller, this.empty, this.pill);
  }

  // pull fetches what is new; calls while one is under way are folded into one more.
  async pull() {
    if (this.busy) { this.again = true; return; }
    this.busy = true;
    try {
      do {
        this.again = false;
        const items = (await get("outputs", { after: this.last || "", limit: 1000 })).items;
        this.add(items);
        if (items.length === 1000) this.again = true;
      } while (this.again && !this.el.hidden);
    } catch { /* the state line says that pastedev is away */ } finally { this.busy = false; }
  }

  add(items) {
    const fresh = document.createDocumentFragment();
    for (const o of items) {
      if (o.seq <= this.last) continue;
      this.last = o.seq;
      if (this.partial && this.partial.stream === o.stream) this.partial.el.append(ansi(o.text));
      else {
        const text = h("span", { class: "text" }, ansi(o.text));
        fresh.append(h("div", { class: "out " + o.stream, title: o.stream }, h("span", { class: "at" }, clock(o.time)), text));
        this.partial = { stream: o.stream, el: text };
      }
      if (!o.partial) this.partial = null;
    }
    this.lines.append(fresh);
    while (this.lines.childElementCount > MAX_LINES) this.lines.firstChild.remove();
    this.empty.hidden = this.lines.childElementCount > 0;
    this.stick();
  }

  stick() {
    this.pill.hidden = this.follow;
    if (!this.follow || this.el.hidden) return;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  scrolled() {
    const s = this.scroller;
    this.follow = s.scrollTop + s.clientHeight >= s.scrollHeight - 24;
    this.pill.hidden = this.follow;
  }
}
