// list.js: the list of exchanges. Only the rows in sight exist as elements, and they
// are reused, so that ten thousand rows and a thousand requests a second cost no more
// than a screenful.

import { h, honest, perFrame } from "./dom.js";
import { Rows } from "./rows.js";
import { elapsed, stuck } from "./flight.js";
import { counts } from "./inside.js";
import { via } from "./family.js";
import { bytes, clock, millis, plural, shortType, statusClass } from "./format.js";

const ROW = 26;   // px, as in app.css
const SPARE = 6;  // rows drawn beyond each edge

export class List {
  // on: open(id), older(beforeSeq) → a promise of a list, followed(), painted()
  constructor(on) {
    this.on = on;
    this.rows = new Rows();
    this.selected = "";
    this.follow = true;
    this.unseen = 0;
    this.more = false;
    this.pool = [];
    this.draw = perFrame(() => this.paint());

    this.canvas = h("div", { class: "canvas", role: "presentation" });
    this.scroller = h("div", {
      class: "rows", id: "rows", role: "grid", tabindex: "0", "aria-label": "Requests, oldest first", "aria-colcount": "8",
      onscroll: () => this.scrolled(), onclick: (e) => this.clicked(e), ondblclick: (e) => this.clicked(e),
    }, this.canvas);
    this.pill = h("button", { type: "button", class: "pill", id: "unseen", hidden: true, onclick: () => this.resume() });
    this.empty = h("div", { class: "empty", id: "empty", hidden: true });
    this.el = h("section", { class: "list", "aria-label": "Requests" },
      h("div", { class: "row head", "aria-hidden": "true" },
        ["Status", "Method", "Path", "Type", "Size", "Time", "Inside", "Mount"].map((t, i) => h("span", { class: "c" + i }, t))),
      this.scroller, this.empty, this.pill);
    new ResizeObserver(this.draw).observe(this.scroller);
  }

  reset(items, more) {
    this.rows.reset(items);
    this.more = more;
    this.unseen = 0;
    this.draw();
  }

  merge(items) {
    const { added, removed } = this.rows.merge(items);
    if (!this.follow) {
      this.unseen += added;
      if (removed) this.scroller.scrollTop -= removed * ROW; // what is being read stays where it is
    }
    this.draw();
  }

  remove(ids) { if (this.rows.remove(ids)) this.draw(); }

  // setEmpty says what an empty list means; a falsy text hides the note.
  setEmpty(...content) { this.empty.replaceChildren(...content); this.draw(); }

  setFollow(on) {
    this.follow = on;
    if (on) { this.unseen = 0; this.on.followed(); }
    this.draw();
  }

  // resume follows again, giving up the selection's hold on the view.
  resume() { this.setFollow(true); this.scroller.focus({ preventScroll: true }); }

  scrolled() {
    if (this.ours) { this.ours = false; this.draw(); return; }
    const s = this.scroller;
    const atEnd = s.scrollTop + s.clientHeight >= s.scrollHeight - ROW / 2;
    if (atEnd !== this.follow && !(atEnd && this.selected && this.selected !== this.lastID())) this.setFollow(atEnd);
    if (s.scrollTop < 20 * ROW) this.loadOlder();
    this.draw();
  }

  async loadOlder() {
    if (!this.more || this.loading || this.rows.full()) return;
    this.loading = true;
    try {
      const answer = await this.on.older(this.rows.firstSeq());
      this.more = answer.more;
      const n = this.rows.prepend(answer.items);
      this.size();
      this.scroller.scrollTop += n * ROW;
    } catch { this.more = false; } finally { this.loading = false; this.draw(); }
  }

  clicked(e) {
    const row = e.target.closest("[data-id]");
    if (!row) return;
    if (e.target.closest(".fold")) { if (e.type === "click") this.toggle(row.dataset.id); return; }
    this.select(row.dataset.id);
    this.on.open(row.dataset.id);
  }

  // flat shows what a filter finds, sub-requests too.
  setFlat(on) { this.rows.flat = on; }

  // toggle unfolds or folds the sub-requests of a row; on one of them, those it stands among.
  // It reports whether there was anything to fold.
  toggle(id) {
    let s = this.rows.get(id);
    if (!s || this.rows.flat || this.rows.all || !s.subs && !s.parent) return false;
    if (!s.subs) s = this.rows.get(s.parent) || s;
    this.follow = false;
    this.rows.toggle(s.id);
    if (this.rows.indexOf(this.selected) < 0) this.selected = s.id;
    this.reveal(this.rows.indexOf(s.id));
    this.draw();
    return true;
  }

  // toggleAll unfolds or folds all sub-requests.
  toggleAll() {
    this.rows.all = !this.rows.all;
    this.rows.open.clear();
    this.rows.arrange();
    for (let s = this.rows.get(this.selected); s && this.rows.indexOf(s.id) < 0; s = this.rows.get(s.parent)) this.selected = s.parent;
    this.reveal(this.rows.indexOf(this.selected));
    this.draw();
  }

  lastID() { return this.rows.length ? this.rows.at(this.rows.length - 1).id : ""; }

  // select marks a row and stops following, unless it is the last one.
  select(id, scroll = false) {
    this.selected = id;
    if (this.rows.has(id) && this.rows.indexOf(id) < 0) { // folded away
      for (let s = this.rows.get(id); s?.parent; s = this.rows.get(s.parent)) this.rows.open.add(s.parent);
      this.rows.arrange();
    }
    if (id && id !== this.lastID()) this.follow = false;
    if (scroll) this.reveal(this.rows.indexOf(id));
    this.draw();
  }

  // move goes n rows down; Infinity goes to the end.
  move(n) {
    if (!this.rows.length) return "";
    const at = this.rows.indexOf(this.selected);
    let to = at < 0 ? this.rows.length - 1 : at + n;
    to = Math.max(0, Math.min(this.rows.length - 1, to));
    this.selected = this.rows.at(to).id;
    this.follow = to === this.rows.length - 1 && n > 0;
    if (this.follow) { this.unseen = 0; this.on.followed(); }
    this.reveal(to);
    this.draw();
    return this.selected;
  }

  reveal(i) {
    if (i < 0) return;
    this.size();
    const s = this.scroller;
    if (i * ROW < s.scrollTop) s.scrollTop = i * ROW;
    else if ((i + 1) * ROW > s.scrollTop + s.clientHeight) s.scrollTop = (i + 1) * ROW - s.clientHeight;
  }

  size() { this.canvas.style.height = this.rows.length * ROW + "px"; }

  paint() {
    const s = this.scroller, n = this.rows.length;
    this.size();
    if (this.follow) {
      const end = Math.max(0, n * ROW - s.clientHeight);
      if (Math.abs(s.scrollTop - end) > 1) { this.ours = true; s.scrollTop = end; }
    }
    const first = Math.max(0, Math.floor(s.scrollTop / ROW) - SPARE);
    if (n * ROW < s.clientHeight) this.loadOlder(); // what came may be folded
    const last = Math.min(n, Math.ceil((s.scrollTop + s.clientHeight) / ROW) + SPARE);
    while (this.pool.length < last - first) this.pool.push(this.newRow());
    this.el.classList.toggle("mounts", this.mounted(first, last));
    this.pool.forEach((row, k) => {
      const i = first + k;
      if (i < last) this.show(row, this.rows.at(i), i); else row.el.hidden = true;
    });
    s.setAttribute("aria-rowcount", n);
    this.tick();
    const sel = this.pool.find((row) => !row.el.hidden && row.el.dataset.id === this.selected);
    if (sel) s.setAttribute("aria-activedescendant", sel.el.id); else s.removeAttribute("aria-activedescendant");
    this.empty.hidden = n > 0;
    this.pill.hidden = this.follow || !this.unseen;
    if (!this.pill.hidden) this.pill.textContent = plural(this.unseen, "new", "new") + " ↓";
    this.on.painted?.();
  }

  // mounted says whether what is in sight comes from several mounts.
  mounted(first, last) {
    for (let i = first + 1; i < last; i++) if ((this.rows.at(i).mount || "") !== (this.rows.at(first).mount || "")) return true;
    return false;
  }

  // tick keeps the times of what is under way and in sight going.
  tick() {
    const flying = this.pool.filter((row) => !row.el.hidden && row.shown?.in_flight);
    for (const row of flying) {
      row.time.textContent = millis(elapsed(row.shown));
      const late = stuck(row.shown);
      row.el.classList.toggle("stuck", late);
      if (late) row.mark.textContent = " stuck?";
    }
    if (flying.length && !this.ticking) this.ticking = setTimeout(() => { this.ticking = 0; this.tick(); }, 1000);
  }

  newRow() {
    const cell = (i) => h("span", { class: "c" + i, role: "gridcell" });
    const cells = [0, 1, 2, 3, 4, 5, 6, 7].map(cell);
    const path = h("span", { class: "path" }), mark = h("span", { class: "aside" }), host = h("span", { class: "host" });
    const fold = h("button", { type: "button", class: "fold", tabindex: "-1", hidden: true });
    const why = h("span", { class: "via" });
    cells[2].append(host, path, fold, why, mark);
    const bar = h("i", { class: "dur", "aria-hidden": "true" }), time = h("span");
    cells[5].append(bar, time);
    const el = h("div", { class: "row", role: "row", id: "row-" + this.pool.length }, cells);
    this.canvas.append(el);
    return { el, cells, path, mark, host, bar, time, fold, why };
  }

  show(row, s, i) {
    const { el, cells } = row;
    el.hidden = false;
    el.style.transform = `translateY(${i * ROW}px)`;
    el.classList.toggle("selected", s.id === this.selected);
    el.setAttribute("aria-selected", s.id === this.selected);
    const depth = this.rows.depth(s), folds = s.subs > 0 && !this.rows.flat && !this.rows.all, open = folds && this.rows.unfolded(s);
    const look = `${i} ${depth} ${folds} ${open}`;
    if (row.shown === s && row.look === look) return;
    row.shown = s; row.look = look;
    el.dataset.id = s.id;
    el.setAttribute("aria-rowindex", i + 1);
    el.className = "row " + statusClass(s) + (i % 2 ? " odd" : "") + (s.in_flight ? " flight" : "") + (depth ? " sub d" + Math.min(depth, 4) : "") + (s.id === this.selected ? " selected" : "");
    cells[0].textContent = s.status || (s.in_flight ? "···" : s.error ? "✕" : "—");
    cells[1].textContent = s.kind === "websocket" ? "WS" : s.kind === "tunnel" ? "TCP" : honest(s.method);
    row.path.textContent = honest(pathOf(s));
    row.host.textContent = s.kind === "tunnel" ? honest(s.host) : "";
    row.fold.hidden = !folds;
    if (folds) {
      row.fold.textContent = (open ? "▾ " : "▸ ") + s.subs;
      row.fold.title = plural(s.subs, "sub-request") + " (z)";
      row.fold.setAttribute("aria-label", plural(s.subs, "sub-request"));
      row.fold.setAttribute("aria-expanded", String(open));
    }
    row.why.textContent = s.via ? "  " + via(s) : "";
    row.mark.textContent = s.error ? "  " + honest(s.error) : s.verdict ? "  " + honest(s.verdict) : s.replay_of ? "  ↻ replay" : "";
    row.mark.classList.toggle("verdict", !s.error && !!s.verdict);
    el.title = honest(clock(s.start) + "  " + s.method + " " + s.url + (s.error ? "\n" + s.error : "") + (s.verdict ? "\n" + s.verdict : ""));
    cells[3].textContent = s.kind === "http" ? honest(shortType(s.content_type)) : s.kind === "websocket" ? "socket" : s.kind;
    cells[4].textContent = s.response_size ? bytes(s.response_size) : "";
    cells[6].textContent = counts(s.sums);
    cells[7].textContent = honest(s.mount || "");
    cells[6].classList.toggle("bad", !!s.sums?.errors);
    row.time.textContent = millis(s.in_flight ? elapsed(s) : s.duration_ms);
    row.bar.style.width = s.in_flight ? "0" : barWidth(s.duration_ms) + "px";
  }
}

// barWidth grows with the logarithm of the time: 1 ms shows a sliver, 10 s all of it.
function barWidth(ms) { return Math.max(0, Math.min(40, Math.log10(Math.max(1, ms)) * 10)); }

// pathOf is the path with its query, as it was sent.
function pathOf(s) {
  const m = /^[a-z]+:\/\/[^/?#]*(.*)$/i.exec(s.url || "");
  return (m && m[1]) || s.path || "/";
}
