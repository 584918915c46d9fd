// tree.js: a call tree, measured. All that a program says is text here: names become text
// nodes and attributes, never markup. The first part of the module; see Script.

const MAX_NAME = 2000; // characters of a name shown at all

export const KINDS = {
  func: "functions", sql: "SQL", http: "outgoing calls", template: "templates", json: "JSON", wait: "waiting",
  goroutine: "goroutines", handler: "the request",
};

// Tree is a call tree with what follows from it; numbers are nanoseconds. It counts as
// package calltree does: a goroutine's time is no part of its parent's, and a node took
// at least what its callees took.
export class Tree {
  // delta, where the tree is compared with one before, is by node how much longer it took
  // by itself than then.
  constructor(data, delta = null) {
    const nodes = data?.nodes || [], n = nodes.length;
    this.nodes = nodes;
    this.delta = delta;
    this.functions = data?.functions || [];
    this.size = n;
    this.lost = data?.lost || 0;
    this.kids = Array.from({ length: n }, () => []);
    this.total = new Float64Array(n);
    this.self = new Float64Array(n);
    this.blocked = new Float64Array(n);
    for (let i = n - 1; i >= 0; i--) { // total[i] is that of the callees until here
      const own = nodes[i].total_ns || 0, p = nodes[i].parent;
      this.self[i] = Math.max(0, own - this.total[i]);
      this.total[i] = Math.max(own, this.total[i]);
      if (this.kind(i) === "wait") this.blocked[i] = this.total[i];
      if (i && !this.beside(i)) { this.total[p] += this.total[i]; this.blocked[p] += this.blocked[i]; }
    }
    this.lanesOf = new Int32Array(n);
    for (let i = 1; i < n; i++) {
      this.kids[nodes[i].parent].push(i);
      this.lanesOf[i] = this.beside(i) ? i : this.lanesOf[nodes[i].parent];
    }
    this.names = this.functions.map((f) => clean(f.name || KINDS[f.kind] || "?"));
    this.labels = this.functions.map((f) => short(f));
    this.width = delta ? this.widest() : this.total;
  }

  // widest are totals in which each node has its own time or that before, whichever is
  // longer: so what is gone has a place too.
  widest() {
    const width = new Float64Array(this.size);
    for (let i = this.size - 1; i >= 0; i--) {
      width[i] += Math.max(this.self[i], this.self[i] - this.delta[i]);
      if (i && !this.beside(i)) width[this.parent(i)] += width[i];
    }
    return width;
  }

  fn(i) { return this.functions[this.nodes[i].function] || { kind: "func", name: "?" }; }
  kind(i) { return this.fn(i).kind; }
  name(i) { return this.names[this.nodes[i].function] ?? "?"; }
  label(i) { return this.labels[this.nodes[i].function] ?? "?"; }
  calls(i) { return this.nodes[i].calls; }
  parent(i) { return this.nodes[i].parent; }
  beside(i) { return i > 0 && this.kind(i) === "goroutine"; } // it ran beside its parent

  // path is the nodes from the beginning to i, i among them.
  path(i) {
    const list = [];
    for (; i >= 0; i = this.parent(i)) list.push(i);
    return list.reverse();
  }

  // lane is the node in whose time i is: a goroutine's beginning or node 0.
  lane(i) { return this.lanesOf[i]; }

  // lanes are i and the goroutines beneath it.
  lanes(i) {
    const list = [i], to = [...this.kids[i]].reverse();
    while (to.length) {
      const k = to.pop();
      if (this.beside(k)) list.push(k);
      for (let c = this.kids[k].length - 1; c >= 0; c--) to.push(this.kids[k][c]);
    }
    return list;
  }

  // boxes are what hangs from root and is at least min wide, of the width 1.
  boxes(root, min) {
    const list = [], to = [{ i: root, x: 0, w: 1, depth: 0 }];
    while (to.length) {
      const b = to.pop(), { i } = b;
      list.push(b);
      const scale = this.width[i] ? b.w / this.width[i] : 0;
      let x = b.x;
      const next = [];
      for (const k of this.kids[i]) {
        if (this.beside(k)) continue;
        const w = this.width[k] * scale;
        if (w >= min) next.push({ i: k, x, w, depth: b.depth + 1 });
        x += w;
      }
      to.push(...next.reverse()); // the leftmost comes next
    }
    return list;
  }

  // outermost says of each node whether its function is not above it already, within
  // its goroutine.
  outermost() {
    const key = (i) => this.kind(i) + " " + this.fn(i).name, outer = new Array(this.size).fill(false);
    const to = this.size ? [{ i: 0, on: new Map() }] : [];
    while (to.length) {
      const { i, on, leave } = to.pop(), k = key(i);
      if (leave) { on.set(k, on.get(k) - 1); continue; }
      outer[i] = !on.get(k);
      on.set(k, (on.get(k) || 0) + 1);
      to.push({ i, on, leave: true });
      for (const c of this.kids[i]) to.push({ i: c, on: this.beside(c) ? new Map() : on });
    }
    return outer;
  }

  // top is a row for each function, the longest own time first.
  top() {
    const outer = this.outermost(), rows = new Map();
    for (let i = 0; i < this.size; i++) {
      const f = this.fn(i), key = f.kind + " " + f.name;
      if (!rows.has(key)) rows.set(key, { fn: f, name: this.name(i), calls: 0, self: 0, total: 0, blocked: 0 });
      const r = rows.get(key);
      r.calls += this.calls(i);
      r.self += this.self[i];
      if (outer[i]) { r.total += this.total[i]; r.blocked += this.blocked[i]; }
    }
    return [...rows.values()].sort((a, b) => b.self - a.self || b.total - a.total || (a.name < b.name ? -1 : 1));
  }

  // search finds nodes by a part of their name, or by their kind, and what share of the
  // first lane's time they took, and of the others', each moment counted once.
  search(text, lanes) {
    const want = text.trim().toLowerCase(), found = new Set(), time = [0, 0], all = [0, 0];
    if (!want) return { found, share: 0, beside: 0 };
    const hit = this.functions.map((f, k) => this.names[k].toLowerCase().includes(want) || f.kind === want);
    for (const lane of lanes) {
      const which = lane === lanes[0] ? 0 : 1, to = [{ i: lane, inside: false }];
      all[which] += this.total[lane];
      while (to.length) {
        const { i, inside } = to.pop(), is = !!hit[this.nodes[i].function];
        if (is) found.add(i);
        if (is && !inside) time[which] += this.total[i];
        for (const k of this.kids[i]) if (!this.beside(k)) to.push({ i: k, inside: inside || is });
      }
    }
    return { found, share: all[0] ? time[0] / all[0] : 0, beside: all[1] ? time[1] / all[1] : 0 };
  }
}

// clean makes one line of a name, with a sign in place of what would reorder or hide text.
export function clean(name) {
  return name.slice(0, MAX_NAME).replace(/\s+/g, " ").trim()
    .replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, "\ufffd");
}

// short is a name without its import path.
export function short(f) {
  const name = clean(f.name || KINDS[f.kind] || "?");
  if (!["func", "goroutine", "handler"].includes(f.kind) || / /.test(name)) return name;
  const types = name.indexOf("["), slash = name.lastIndexOf("/", types < 0 ? Infinity : types);
  return name.slice(slash + 1);
}

// duration is a time for reading, as inspect.FormatNanos writes it.
export function duration(ns) {
  if (ns < 0) return "-" + duration(-ns);
  const r = (unit) => Math.round(ns / unit), two = (n) => String(n).padStart(2, "0");
  if (!ns) return "0";
  if (ns < 1e3) return Math.round(ns) + " ns";
  if (r(1e2) < 1000) return (r(1e2) / 10).toFixed(1) + " µs";
  if (r(1e3) < 1000) return r(1e3) + " µs";
  if (r(1e5) < 1000) return (r(1e5) / 10).toFixed(1) + " ms";
  if (r(1e6) < 1000) return r(1e6) + " ms";
  if (r(1e7) < 1000) return (r(1e7) / 100).toFixed(2) + " s";
  if (r(1e8) < 600) return (r(1e8) / 10).toFixed(1) + " s";
  const s = r(1e9), m = r(6e10);
  return s < 3600 ? Math.floor(s / 60) + "m" + two(s % 60) + "s" : Math.floor(m / 60) + "h" + two(m % 60) + "m";
}

// count is a number of things for reading.
export function count(n) { return n < 1000 ? String(n) : n.toLocaleString("en"); }

export function percent(share) {
  const p = share * 100;
  return (p > 0 && p < 0.1 ? "<0.1" : p < 9.95 ? p.toFixed(1).replace(/\.0$/, "") : Math.round(p)) + " %";
}

// editorLink is the address that opens a place in the editor, or "" where there is none.
export function editorLink(template, at) {
  if (!template || !at?.path || /^\s*(javascript|data|vbscript|blob):/i.test(template)) return "";
  const path = at.path.replaceAll("\\", "/");
  return template.replaceAll("{path}", encodeURI((path.startsWith("/") ? "" : "/") + path).replace(/[?#]/g, encodeURIComponent))
    .replaceAll("{line}", Math.max(1, at.line)).replaceAll("{column}", Math.max(1, at.column || 1));
}
