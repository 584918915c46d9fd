// rows.js: the exchanges that the list holds, in the order of their arrival.

const MAX_ROWS = 10000; // beyond that the oldest leave the page; the history keeps them

export class Rows {
  constructor() { this.reset([]); }

  // reset takes items, newest first as the API gives them.
  reset(items) {
    this.list = items.slice().reverse();
    this.byID = new Map(this.list.map((s) => [s.id, s]));
  }

  get length() { return this.list.length; }
  at(i) { return this.list[i]; }
  has(id) { return this.byID.has(id); }
  get(id) { return this.byID.get(id); }
  firstSeq() { return this.list.length ? this.list[0].seq : 0; }

  // indexOf finds a row by its id: its seq says where to look.
  indexOf(id) {
    const row = this.byID.get(id);
    if (!row) return -1;
    const i = this.place(row.seq);
    return this.list[i]?.id === id ? i : this.list.findIndex((s) => s.id === id);
  }

  place(seq) { // first index whose seq is at least seq
    let lo = 0, hi = this.list.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (this.list[mid].seq < seq) lo = mid + 1; else hi = mid;
    }
    return lo;
  }

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
        this.list[this.indexOf(s.id)] = s;
      } else {
        if (this.list.length && s.seq < oldest) continue; // older than what is loaded
        const last = this.list[this.list.length - 1];
        if (!last || last.seq < s.seq) this.list.push(s);
        else this.list.splice(this.place(s.seq), 0, s);
        added++;
      }
      this.byID.set(s.id, s);
    }
    if (this.list.length > MAX_ROWS) {
      for (const s of this.list.splice(0, this.list.length - MAX_ROWS)) { this.byID.delete(s.id); removed++; }
    }
    return { added, removed };
  }

  // prepend takes an older window, newest first.
  prepend(items) {
    const older = items.filter((s) => !this.byID.has(s.id)).reverse();
    for (const s of older) this.byID.set(s.id, s);
    this.list = older.concat(this.list);
    return older.length;
  }

  full() { return this.list.length >= MAX_ROWS; }

  remove(ids) {
    let removed = 0;
    for (const id of ids) {
      const i = this.indexOf(id);
      if (i < 0) continue;
      this.list.splice(i, 1);
      this.byID.delete(id);
      removed++;
    }
    return removed;
  }
}
