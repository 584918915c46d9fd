// rows.js: the exchanges that the list holds, in the order of their arrival, sub-requests
// below what they are a part of.

const MAX_ROWS = 10000; // beyond that the oldest leave the page; the history keeps them
const MAX_DEPTH = 16;   // of sub-requests; the server allows fewer

export class Rows {
  constructor() {
    this.open = new Set(); // ids whose sub-requests are shown
    this.all = false;      // those of all are
    this.flat = false;     // a filter is on: whatever matches is shown
    this.reset([]);
  }

  // reset takes items, newest first as the API gives them.
  reset(items) {
    this.held = items.slice().reverse(); // by seq, with what is folded
    this.byID = new Map(this.held.map((s) => [s.id, s]));
    this.arrange();
  }

  // list is what is shown.
  get length() { return this.list.length; }
  at(i) { return this.list[i]; }
  has(id) { return this.byID.has(id); }
  get(id) { return this.byID.get(id); }
  firstSeq() { return this.held.length ? this.held[0].seq : 0; }

  // arrange makes the list anew.
  arrange() {
    this.list = this.held.filter((s) => this.shown(s));
    if (this.list.some((s) => s.parent)) {
      const paths = new Map(this.list.map((s) => [s, this.path(s)]));
      this.list.sort((a, b) => compare(paths.get(a), paths.get(b)));
    }
  }

  parent(s) {
    const p = s.parent && this.byID.get(s.parent);
    return p && p.seq < s.seq ? p : null;
  }

  // shown says whether a row is not folded away: all that it is a part of must be open.
  shown(s) {
    if (!s.parent || this.flat || this.all) return true;
    for (let n = 0; s.parent && n < MAX_DEPTH; n++) {
      if (!this.open.has(s.parent)) return false;
      s = this.parent(s);
      if (!s) return true;
    }
    return true;
  }

  // path orders the list: the seqs from the outermost exchange that is held down to s.
  path(s) {
    const path = [s.seq];
    for (let p = this.parent(s); p && path.length < MAX_DEPTH; p = this.parent(p)) path.unshift(p.seq);
    return path;
  }

  // depth is how far a row is indented; a sub-request always is.
  depth(s) {
    let n = 0;
    for (; s?.parent && n < MAX_DEPTH; s = this.parent(s)) n++;
    return n;
  }

  // indexOf finds a row by its id; -1 for one that is folded away.
  indexOf(id) {
    const row = this.byID.get(id);
    if (!row) return -1;
    const i = this.place(this.path(row));
    return this.list[i]?.id === id ? i : this.list.findIndex((s) => s.id === id);
  }

  place(path) { return search(this.list, (s) => (s.parent ? compare(this.path(s), path) : compare([s.seq], path))); }

  // toggle unfolds or folds the sub-requests of an exchange.
  toggle(id) {
    if (!this.open.delete(id)) this.open.add(id);
    this.arrange();
  }

  unfolded(s) { return this.flat || this.all || this.open.has(s.id); }

  // merge takes new states of rows and returns how many rows are new and how many
  // left at the top.
  merge(items) {
    let added = 0, removed = 0;
    const oldest = this.firstSeq();
    for (let k = items.length - 1; k >= 0; k--) {
      const s = items[k];
      const known = this.byID.get(s.id);
      if (known) {
        if (!known.in_flight && s.in_flight) continue; // the start came after the end
        const i = this.indexOf(s.id);
        this.held[this.heldAt(s.seq)] = s;
        this.byID.set(s.id, s);
        if (i >= 0) this.list[i] = s;
        continue;
      }
      if (this.held.length && s.seq < oldest) continue; // older than what is loaded
      insert(this.held, s, this.heldAt(s.seq));
      this.byID.set(s.id, s);
      if (!this.shown(s)) continue;
      insert(this.list, s, this.place(this.path(s)));
      added++;
    }
    if (this.held.length > MAX_ROWS) {
      const gone = new Set(this.held.splice(0, this.held.length - MAX_ROWS));
      for (const s of gone) { this.byID.delete(s.id); this.open.delete(s.id); }
      removed = this.list.length;
      this.arrange();
      removed -= this.list.length;
    }
    return { added, removed };
  }

  heldAt(seq) { return search(this.held, (s) => s.seq - seq); }

  // prepend takes an older window, newest first, and returns how many rows it adds.
  prepend(items) {
    const older = items.filter((s) => !this.byID.has(s.id)).reverse(), before = this.list.length;
    for (const s of older) this.byID.set(s.id, s);
    this.held = older.concat(this.held);
    this.arrange();
    return this.list.length - before;
  }

  full() { return this.held.length >= MAX_ROWS; }

  remove(ids) {
    let removed = 0;
    for (const id of ids) {
      const s = this.byID.get(id);
      if (!s) continue;
      const i = this.indexOf(id), k = this.heldAt(s.seq);
      if (i >= 0) this.list.splice(i, 1);
      if (this.held[k]?.id === id) this.held.splice(k, 1);
      this.byID.delete(id);
      removed++;
    }
    return removed;
  }
}

function insert(list, s, i) { if (i === list.length) list.push(s); else list.splice(i, 0, s); }

// search returns the first index of a sorted list at which order is not negative.
function search(list, order) {
  let lo = 0, hi = list.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (order(list[mid]) < 0) lo = mid + 1; else hi = mid;
  }
  return lo;
}

function compare(a, b) {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
