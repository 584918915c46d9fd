// flame.js: a tree drawn as boxes that hang from their callers. The second part of the
// module; CSS is flame.css, see Script.

const MIN = 0.5;        // px: what is narrower is not drawn
const ROW = 20;         // px: a row, as in CSS
const NAMED = 26;       // px: a narrower box has no room for a name
const MAX_MADE = 8192;  // elements kept for when the zoom goes back
const SMALL = 0.01;     // of the largest change, what has no colour
const MAX_ABOVE = 8;    // callers above what is zoomed; the path has all of them
const MAX_LANES = 40;   // goroutines drawn at once; the others are counted

let sheet = null; // made once for all

// adopt gives a document or shadow root the style.
export function adopt(root) {
  if (!sheet) { sheet = new CSSStyleSheet(); sheet.replaceSync(CSS); }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

// place makes list the first children of parent, moving no more than it must: a thousand
// boxes that stay are not laid out anew.
function place(parent, list) {
  let at = parent.firstChild;
  for (const el of list) {
    if (el === at) at = at.nextSibling;
    else parent.insertBefore(el, at);
  }
}

// make makes an element: make("p", "class", {attribute: value}, child, ...).
export function make(tag, cls, attributes, ...children) {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  for (const [k, v] of Object.entries(attributes || {})) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

// Flame draws a tree into its el. Keys: arrows walk, Enter zooms, Escape or Backspace
// goes back, / searches.
export class Flame {
  // on: editor() → address of an editor or ""; compact: without search and legend
  constructor(on = {}) {
    this.on = on;
    this.boxes = new Map(); // node → its element, as far as drawn
    this.made = new Map();  // the same, and those of what was drawn before a zoom
    this.lanes = [];        // their elements
    this.rows = [];         // per lane and depth, the nodes from left to right
    this.back = [];
    this.root = this.at = 0;
    this.found = new Set();
    this.crumbs = make("nav", "fl-crumbs", { "aria-label": "Path of the shown part" });
    this.find = make("input", "fl-find", { type: "search", placeholder: "Search  /", "aria-label": "Search functions", spellcheck: "false", autocomplete: "off" });
    this.tell = make("span", "fl-found", { role: "status" });
    this.plot = make("div", "fl-plot", { role: "group", "aria-label": "Flame graph" });
    this.info = make("div", "fl-info");
    this.key = make("div", "fl-key", { "aria-label": "Colours" });
    this.bar = make("div", "fl-bar", null, this.crumbs, ...(on.compact ? [] : [this.find, this.tell]));
    this.el = make("div", "flame", null, this.bar, this.plot, this.info, ...(on.compact ? [] : [this.key]));
    this.listen();
  }

  listen() {
    const node = (e) => { const b = e.target.closest?.("[data-i]"); return b ? +b.dataset.i : -1; };
    this.plot.addEventListener("click", (e) => { const i = node(e); if (i >= 0) this.zoom(i, true); });
    this.plot.addEventListener("pointerover", (e) => { const i = node(e); if (i >= 0) this.tellOf(i); });
    this.plot.addEventListener("pointerleave", () => this.tellOf(this.at));
    this.plot.addEventListener("focusin", (e) => { const i = node(e); if (i >= 0) this.mark(i); });
    this.crumbs.addEventListener("click", (e) => { const i = node(e); if (i >= 0) this.zoom(i, true); });
    this.find.addEventListener("input", () => this.search(this.find.value));
    this.el.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || !(e.target === this.find ? this.findKey(e) : this.pressed(e))) return;
      e.preventDefault();
      e.stopPropagation();
    });
    let width = 0; // boxes are in percent; only what has room depends on the width
    new ResizeObserver(() => { if (Math.abs(this.plot.clientWidth - width) > 1) { width = this.plot.clientWidth; this.draw(); } }).observe(this.plot);
  }

  // show draws a tree, from its beginning unless it is the one shown before with more in it.
  show(tree, same = false) {
    if (!same || this.root >= tree.size) { this.root = this.at = 0; this.back = []; }
    this.tree = tree;
    this.delta = tree.delta;
    this.most = this.delta ? this.delta.reduce((m, d) => Math.max(m, Math.abs(d)), 1) : 0;
    this.plot.replaceChildren();
    this.boxes.clear();
    this.made.clear();
    this.lanes = [];
    this.el.classList.toggle("delta", !!this.delta);
    this.legend();
    this.seek(this.find.value);
    this.draw();
  }

  // zoom shows node i over the whole width.
  zoom(i, focus = false) {
    if (i !== this.root) { this.back.push(this.root); this.root = i; }
    this.at = i;
    this.refresh(focus);
  }

  // out goes back to where the last zoom began; false when it is at the beginning.
  out() {
    if (!this.back.length) return false;
    this.at = this.root;
    this.root = this.back.pop();
    this.refresh(true);
    return true;
  }

  refresh(focus) {
    this.seek(this.find.value);
    this.draw();
    if (focus) this.focus(this.at);
  }

  focus(i) {
    const box = this.boxes.get(i) || this.boxes.get(this.root);
    box?.focus({ preventScroll: true });
    box?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // search marks what is found by text; "" marks nothing.
  search(text) {
    this.seek(text);
    for (const [i, box] of this.boxes) box.classList.toggle("hit", this.found.has(i));
    this.el.toggleAttribute("data-esc", !!this.back.length || this.seeking);
  }

  seek(text) {
    if (!this.tree?.size) return;
    const { found, share, beside } = this.tree.search(text, this.tree.lanes(this.root));
    this.found = found;
    this.seeking = !!text.trim();
    this.el.classList.toggle("seeking", this.seeking);
    const said = this.seeking ? (found.size ? `${count(found.size)} found · ${percent(share)} of the time${beside ? `, ${percent(beside)} of the goroutines'` : ""}` : "none found") : "";
    if (this.tell.textContent !== said) this.tell.textContent = said;
  }

  findKey(e) {
    if (e.key === "Escape" && this.find.value) { this.find.value = ""; this.search(""); return true; }
    if (e.key === "Escape" || e.key === "ArrowDown") { this.focus(this.at); return true; }
    if (e.key !== "Enter") return e.key === "Backspace" && !this.find.value;
    const hit = [...this.boxes.keys()].filter((i) => this.found.has(i)).sort((a, b) => this.tree.total[b] - this.tree.total[a])[0];
    if (hit !== undefined) this.focus(hit);
    return true;
  }

  // pressed does what a key means, and says whether it means something here.
  pressed(e) {
    const onBox = e.target.matches?.(".fl-box");
    switch (e.key) {
      case "/": if (this.on.compact) return false; this.find.focus(); this.find.select(); return true;
      case "Escape": if (this.seeking) { this.find.value = ""; this.search(""); return true; } return this.out();
      case "Backspace": this.out(); return true;
      case "Enter": case " ": if (onBox) this.zoom(this.at, true); return onBox;
      case "Home": if (onBox) this.focus(this.root); return onBox;
    }
    if (!onBox || !e.key.startsWith("Arrow")) return false;
    const to = this.step(e.key);
    if (to >= 0) this.focus(to);
    return true;
  }

  // step is the drawn node next to the marked one, or -1.
  step(key) {
    const drawn = (i) => this.boxes.has(i);
    if (key === "ArrowUp") return drawn(this.tree.parent(this.at)) ? this.tree.parent(this.at) : -1;
    if (key === "ArrowDown") { // the widest; a goroutine only when there is nothing else
      const kids = this.tree.kids[this.at].filter(drawn);
      const worth = (i) => (this.tree.beside(i) ? -1 : this.tree.width[i]);
      return kids.length ? kids.reduce((a, b) => (worth(b) > worth(a) ? b : a)) : -1;
    }
    const row = this.rows.find((r) => r.includes(this.at)) || [];
    return row[row.indexOf(this.at) + (key === "ArrowRight" ? 1 : -1)] ?? -1;
  }

  mark(i) {
    this.at = i;
    this.stop(this.boxes.get(i));
    this.tellOf(i);
  }

  // stop makes box the one that Tab goes to.
  stop(box) {
    this.stopped?.setAttribute("tabindex", "-1");
    box.setAttribute("tabindex", "0");
    this.stopped = box;
  }

  draw() {
    if (!this.tree || !this.el.isConnected) return; // once it is, its size is told, see listen
    adopt(this.el.getRootNode());
    if (!this.tree.size) return this.plot.replaceChildren(make("p", "fl-none", null, "There is no call tree."));
    const width = this.plot.clientWidth || 1, had = this.plot.contains(this.el.getRootNode().activeElement);
    const lanes = this.tree.lanes(this.root), drawn = new Map();
    this.rows = [];
    const list = lanes.slice(0, MAX_LANES).map((lane, n) => this.lane(lane, n, width, drawn));
    if (lanes.length > MAX_LANES) list.push(make("p", "fl-none", null, `${lanes.length - MAX_LANES} more goroutines; zoom into what started them, or look at the tree.`));
    for (const [i, box] of this.boxes) if (!drawn.has(i)) box.remove();
    if (this.made.size > MAX_MADE) this.made = new Map(drawn);
    this.boxes = drawn;
    if (!drawn.has(this.at)) this.at = this.root;
    place(this.plot, list);
    while (this.plot.children.length > list.length) this.plot.lastChild.remove();
    this.stop(drawn.get(this.at));
    this.el.toggleAttribute("data-esc", !!this.back.length || this.seeking); // Escape means something here
    this.trail();
    this.tellOf(this.at);
    if (had) this.focus(this.at);
  }

  // lane draws what is in the time of one node. The first one has its callers above it.
  lane(lane, n, width, drawn) {
    const { tree } = this, above = n ? [] : tree.path(lane).slice(0, -1).filter((i) => tree.lane(i) === tree.lane(lane)).slice(-MAX_ABOVE);
    const all = tree.boxes(lane, MIN / width);
    for (const b of all) b.depth += above.length;
    all.unshift(...above.map((i, depth) => ({ i, x: 0, w: 1, depth, above: true })));
    const rows = [];
    for (const b of all) (rows[b.depth] ||= []).push(b.i); // from left to right: so boxes come
    this.rows.push(...rows);
    const el = this.lanes[n] ||= make("div", "fl-lane", null, make("div", "fl-cap"), make("div", "fl-tree", { role: "tree" })), [caption, plot] = el.children;
    caption.hidden = !tree.beside(lane);
    caption.textContent = caption.hidden ? "" : `goroutine${tree.calls(lane) === 1 ? "" : "s ×" + count(tree.calls(lane))} · ${duration(tree.total[lane])} · started in ${tree.label(tree.parent(lane))}`;
    plot.setAttribute("aria-label", (caption.hidden ? "" : "Goroutine ") + tree.label(lane));
    plot.style.height = rows.length * ROW + "px";
    place(plot, all.map((b) => this.box(b, width, drawn)));
    return el;
  }

  // box is the element of a node at its place. What it was before is remembered with it:
  // most of it stays, and an element is slow to be told the same again.
  box(b, width, drawn) {
    const { tree } = this, { i } = b, px = b.w * width, delta = this.change(i);
    const box = this.made.get(i) || make("div", "", { role: "treeitem", "data-i": i, "aria-label": this.said(i), tabindex: "-1" });
    this.made.set(i, box);
    drawn.set(i, box);
    const was = box.drawn || {}, now = box.drawn = {
      cls: "fl-box k-" + tree.kind(i) + (b.above ? " above" : "") + (px < 3 ? " thin" : "")
        + (tree.nodes[i].function % 2 ? " alt" : "") + (delta > 0 ? " slower" : delta < 0 ? " faster" : ""), // alt: so that neighbours can be told apart
      left: b.x * 100 + "%", width: b.w * 100 + "%", top: b.depth * ROW + "px", text: px < NAMED ? "" : tree.label(i).slice(0, 300),
    };
    if (was.cls !== now.cls) box.className = now.cls;
    if (this.seeking || was.cls === now.cls) box.classList.toggle("hit", this.found.has(i));
    for (const k of ["left", "width", "top"]) if (was[k] !== now[k]) box.style[k] = now[k];
    if (was.top !== now.top) box.setAttribute("aria-level", b.depth + 1);
    if (was.text !== now.text) box.textContent = now.text;
    if (delta && !was.cls) box.style.setProperty("--d", Math.sqrt(Math.abs(delta) / this.most).toFixed(3));
    return box;
  }

  // change is how much longer a node took by itself than before, 0 when that is little
  // beside the largest change.
  change(i) {
    const delta = this.delta?.[i] || 0;
    return Math.abs(delta) < SMALL * this.most ? 0 : delta;
  }

  share(i) { const all = this.tree.total[this.tree.lane(i)]; return all ? this.tree.total[i] / all : 0; }

  // facts are what is told of a node, in words and numbers.
  facts(i) {
    const t = this.tree, d = this.delta?.[i];
    const list = [["calls", count(t.calls(i))], ["total", `${duration(t.total[i])} (${percent(this.share(i))})`], ["self", duration(t.self[i])]];
    if (t.blocked[i]) list.push(["blocked", duration(t.blocked[i])]);
    if (d) list.push(["self against before", (d > 0 ? "+" : "−") + duration(Math.abs(d))]);
    return list;
  }

  said(i) { return `${this.tree.name(i).slice(0, 300)}, ${this.facts(i).map(([what, n]) => what + " " + n).join(", ")}`; }

  tellOf(i) {
    const at = this.tree?.fn(i)?.at, parts = this.facts(i).map(([what, n]) => make("span", "", null, what + " ", make("em", "", null, n)));
    if (at) parts.push(placeOf(at, this.on.editor?.()));
    this.info.replaceChildren(make("b", "", null, this.tree.name(i)), ...parts.flatMap((p) => [" ", p]));
    this.info.dataset.of = i;
  }

  trail() {
    this.bar.hidden = !!this.on.compact && !this.root;
    const path = this.tree.path(this.root), cut = Math.max(1, path.length - 4);
    const shown = path.length > 6 ? [path[0], -1, ...path.slice(cut)] : path;
    this.crumbs.replaceChildren(...shown.flatMap((i, n) => [n ? make("i", "", { "aria-hidden": "true" }, "›") : "",
      i < 0 ? make("i", "", null, "…") : make("button", "", { type: "button", "data-i": i, ...(i === this.root ? { "aria-current": "true" } : {}) }, this.tree.label(i).slice(0, 80))]));
  }

  legend() {
    const used = new Set(Array.from({ length: this.tree.size }, (_, i) => this.tree.kind(i)));
    const list = this.delta ? [["slower", "longer by itself than before"], ["faster", "shorter"], ["same", "as before"]]
      : Object.entries(KINDS).filter(([k]) => used.has(k)).map(([k, word]) => ["k-" + k, word]);
    this.key.replaceChildren(...list.map(([cls, word]) => make("span", "", null, make("i", cls), word)));
    if (this.tree.lost) this.key.append(make("span", "", null, `${count(this.tree.lost)} calls were too many to keep; their time is their caller's`));
  }
}

// placeOf is a place in the source, with a link where the editor is known.
export function placeOf(at, editor) {
  const text = at.file + ":" + at.line, link = editorLink(editor, at);
  return link ? make("a", "fl-at", { href: link }, text) : make("span", "fl-at", null, text);
}
