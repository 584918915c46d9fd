// record.js: profiles of one exchange: recording them, and those that were recorded.

import { get, post } from "./api.js";
import { ask, fill, h, toast } from "./dom.js";
import { bytes, clock, millis, plural } from "./format.js";

const KINDS = [
  ["cpu", "CPU", "where processor time goes"], ["wall", "Wall", "where time goes, running or waiting"], ["heap", "Heap", "what is allocated"],
  ["mutex", "Mutex", "who holds the locks that others wait for"], ["block", "Block", "who waits, and for what"], ["trace", "Trace", "an execution trace, for go tool trace"],
];
const LABELS = Object.fromEntries([...KINDS.map(([k, label]) => [k, label]), ["goroutine", "Goroutines"]]);
const COUNTED = { heap: "object", mutex: "wait", block: "wait", goroutine: "goroutine" };
const WANTED = 200;  // samples, as ProfileRequest has it
const LIMIT = 10000; // ms, the same
const BINS = 16;     // bars of a histogram
const OUTLIERS = 20; // replays from which the slowest do not stretch it
const KEPT = 50;     // profiles listed

export class Recorder {
  constructor() {
    this.list = [];
    this.replay = h("input", { type: "checkbox", id: "record-replay", name: "replay" });
    this.replay.checked = true;
    this.buttons = KINDS.map(([kind, label, what]) => h("button", { type: "button", "data-record": kind, title: `Record ${what}`, onclick: () => this.record(kind) }, label));
    this.progress = h("div", { class: "recording", role: "status", hidden: true });
    this.note = h("div", { class: "record-note" });
    this.rows = h("div", { class: "profiles", id: "profiles" });
    this.el = h("section", { class: "record", "aria-label": "Profiles" }, h("h3", null, "Record a profile"),
      h("div", { class: "record-bar" }, this.buttons, h("label", { for: "record-replay" }, this.replay, ` replay until ${WANTED} samples`)),
      this.progress, this.note, this.rows);
  }

  // show turns to an exchange.
  show(ex) {
    const same = ex.id === this.ex?.id;
    this.ex = ex;
    if (!same) { this.list = []; this.foreign = null; fill(this.note); }
    this.drawList();
    this.drawProgress();
    this.load();
  }

  async load() {
    const { ex } = this;
    try {
      const { items } = await get("profiles", { exchange: ex.id, limit: KEPT });
      if (ex !== this.ex) return;
      const known = new Set(items.map((p) => p.id));
      this.list = [...items, ...this.list.filter((p) => !known.has(p.id))].sort((a, b) => b.id - a.id);
      this.drawList();
    } catch (err) { if (ex === this.ex) this.say(err); }
  }

  say(err) { fill(this.note, h("p", { class: "note" + (err.status === 409 ? "" : " bad"), role: "alert" }, err.message, err.hint ? h("span", { class: "hint" }, " " + err.hint) : null)); }

  // record asks for a profile of the exchange, and says so until it is there.
  async record(kind, confirmed = false) {
    if (this.run) return;
    const { ex } = this, abort = new AbortController(), replay = this.replay.checked;
    fill(this.note);
    this.run = { ex, abort, kind, replay, since: performance.now(), replays: 0, samples: 0, wanted: WANTED, limit_ms: LIMIT };
    this.timer = setInterval(() => this.drawProgress(), 200);
    this.drawProgress();
    let question = null;
    try {
      this.recorded(await post("profile", { exchange: ex.id, kind, replay, confirmed }, abort.signal));
    } catch (err) {
      if (abort.signal.aborted) toast("Recording cancelled");
      else if (err.type === "confirm" && !confirmed) question = err;
      else if (ex.id === this.ex.id) this.say(err);
    } finally {
      clearInterval(this.timer);
      this.run = null;
      this.drawProgress();
    }
    if (question && await ask(`Send this ${ex.method} again and again?`, question.message, "Replay it")) await this.record(kind, true);
  }

  recorded(p) {
    if (p.exchange !== this.ex?.id) return;
    this.list = [p, ...this.list.filter((q) => q.id !== p.id)].sort((a, b) => b.id - a.id).slice(0, KEPT);
    this.drawList();
  }

  // progressed takes what the feed says of a recording, ours or somebody else's.
  progressed(p) {
    const { run } = this;
    if (run && p.exchange === run.ex.id && p.kind === run.kind) Object.assign(run, p);
    else if (p.exchange === this.ex?.id) this.foreign = p.done ? null : { ...p, since: performance.now() - p.elapsed_ms };
    else return;
    this.drawProgress();
  }

  drawProgress() {
    const run = this.run || this.foreign;
    for (const b of this.buttons) b.disabled = !!run;
    this.progress.hidden = !run;
    if (!run) return void this.progress.replaceChildren();
    if (!this.progress.firstChild) {
      fill(this.progress, h("div", { class: "track" }, h("i")), h("span", { class: "grow" }),
        this.run ? h("button", { type: "button", id: "record-cancel", onclick: () => this.run?.abort.abort() }, "Cancel") : null);
    }
    const elapsed = Math.max(run.elapsed_ms || 0, performance.now() - run.since);
    const share = Math.min(1, Math.max(run.wanted ? run.samples / run.wanted : 0, run.limit_ms ? elapsed / run.limit_ms : 0));
    this.progress.querySelector(".track i").style.width = share * 100 + "%";
    const other = run.ex && run.ex.id !== this.ex?.id ? ` of ${run.ex.method} ${run.ex.path}` : "";
    const parts = [`${LABELS[run.kind] || run.kind}${other}`];
    if (run.wanted && run.kind !== "trace") parts.push(`${run.samples.toLocaleString("en")} of ${run.wanted.toLocaleString("en")} samples`);
    if (run.replays) parts.push(plural(run.replays, "replay"));
    else if (this.run && !run.replay) parts.push("waiting for requests of this route: send some");
    parts.push(`${(elapsed / 1000).toFixed(1)} s of ${Math.round(run.limit_ms / 1000)} s at most`);
    const said = parts.join(" · "), text = this.progress.querySelector(".grow");
    if (text.textContent !== said) text.textContent = said;
  }

  drawList() {
    fill(this.rows, this.list.length ? this.list.map(row) : h("p", { class: "none" }, "No profile of this request yet."));
  }
}

function row(p) {
  const data = `/api/v1/profiles/${p.id}/data`;
  return h("article", { class: "profile-row", "data-profile": p.id },
    h("div", { class: "line" }, h("b", { class: "badge" }, LABELS[p.kind] || p.kind), h("span", { class: "dimmed" }, `#${p.id} · ${clock(p.time)} · ${millis(p.duration_ms)}${p.mount ? " · " + p.mount : ""}`),
      p.kind === "trace" ? null : h("span", { class: p.samples ? "samples" : "samples bad" }, plural(p.samples, COUNTED[p.kind] ?? "sample")),
      p.replays ? h("span", { class: "dimmed" }, plural(p.replays, "replay")) : null,
      p.others ? h("span", { class: "dimmed", title: "of other requests, or of none" }, plural(p.others, "other") + " left out") : null,
      histogram(p.walls_ms), h("span", { class: "grow" }),
      p.kind === "trace" ? null : h("a", { href: `/pprof/${p.id}/`, target: "_blank", rel: "noopener" }, "Open in pprof ↗"),
      h("a", { href: data, download: "", title: p.kind === "trace" ? "for go tool trace" : "for go tool pprof" }, `Download ${bytes(p.size)}`)),
    p.note ? h("p", { class: "profile-note" }, p.note) : null, p.trace ? summary(p.trace) : null);
}

// histogram is how long the replays took, as small bars from the fastest to the slowest;
// as package profile has it, the slowest 2 % of many share the last one.
function histogram(walls) {
  if (!walls || walls.length < 2) return null;
  const sorted = [...walls].sort((a, b) => a - b), n = sorted.length, low = sorted[0], high = sorted[n - 1], bins = new Array(BINS).fill(0);
  const end = n >= OUTLIERS ? sorted[n - 1 - Math.floor(n / 50)] : high, at = (share) => millis(sorted[Math.max(0, Math.ceil(n * share) - 1)]);
  for (const w of sorted) bins[end > low ? Math.min(BINS - 1, Math.floor(((w - low) / (end - low)) * BINS)) : 0]++;
  const most = Math.max(...bins), words = `The replays took ${millis(low)} to ${millis(high)}: half of them at most ${at(0.5)}, 95 % at most ${at(0.95)}`;
  return h("span", { class: "walls", title: words }, h("span", { class: "histogram", role: "img", "aria-label": words }, bins.map((count) => {
    const bar = h("i", { class: count ? "" : "zero", "data-n": count });
    bar.style.height = count ? Math.max(2, (count / most) * 18) + "px" : "1px";
    return bar;
  })), h("span", { class: "dimmed" }, `${millis(low)} … ${millis(high)}, half ≤ ${at(0.5)}`));
}

function summary(t) {
  const rows = [["Running", t.running_ms, "on a processor"], ["Runnable", t.runnable_ms, "ready, and waiting for a processor"], ["System calls", t.syscall_ms, ""],
    ...(t.blocked || []).map((b) => ["Blocked: " + b.reason, b.time_ms, b.count.toLocaleString("en") + "×"]),
    ["Garbage collection under way", t.gc_ms, ""], ["World stopped", t.stw_ms, ""]];
  return h("table", { class: "trace-sums", "aria-label": "Execution trace" }, h("tbody", null, rows.map(([what, ms, hint]) => h("tr", null, h("th", { scope: "row" }, what), h("td", { class: "num" }, millis(ms)), h("td", { class: "dimmed" }, hint)))),
    h("tfoot", null, h("tr", null, h("td", { colspan: "3", class: "dimmed" }, plural(t.goroutines, "goroutine") + " in all; their times add up"))));
}
