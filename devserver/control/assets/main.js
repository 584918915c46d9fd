// main.js: starts the page, routes, and joins the parts.

import { Feed, get, post, takeToken } from "./api.js";
import { ALIASES, KEYS, copyMenu, failed, help, replay } from "./actions.js";
import { Builds } from "./builds.js";
import { Detail, TABS } from "./detail.js";
import { $, ask, choose, fill, h, perFrame, toast } from "./dom.js";
import { Errors } from "./errors.js";
import { Filter } from "./filter.js";
import { millis, plural } from "./format.js";
import { List } from "./list.js";
import { Output } from "./output.js";
import { gate } from "./gate.js";
import { theme } from "./theme.js";

const WINDOW = 500; // rows asked for at a time

class App {
  constructor() {
    this.status = null;
    this.total = this.match = 0;
    this.filter = new Filter((q) => this.search(q));
    this.list = new List({
      open: (id) => this.go(id), older: (seq) => this.older(seq), painted: () => this.counts(),
      followed: () => { if (this.stale) this.load(); },
    });
    this.detail = new Detail({
      close: () => this.go(""), status: () => this.status, tab: (t) => this.link(t), replay: (ex) => this.replay(ex), menu: copyMenu,
    });
    this.builds = new Builds();
    this.errors = new Errors();
    this.output = new Output();
    this.feed = new Feed((kind, data) => this.heard(kind, data));
    this.count = h("span", { class: "counts", id: "counts", role: "status" });
    this.followButton = h("button", { type: "button", id: "follow", title: "Follow new requests (f)", "aria-pressed": "true", onclick: () => this.verb("follow") }, "Follow");
    this.exchanges = h("div", { class: "page exchanges", id: "exchanges" },
      h("div", { class: "tools" }, this.filter.el, this.count, this.followButton,
        h("button", { type: "button", id: "clear", title: "Forget the recorded requests", onclick: () => this.clear() }, "Clear")),
      this.filter.error, h("div", { class: "split" }, this.list.el, this.detail.el));
    fill($("main"), this.exchanges, this.errors.el, this.builds.el, this.output.el);
    this.errors.el.hidden = this.builds.el.hidden = this.output.el.hidden = true;
    $("restart").onclick = () => this.restart();
    $("help-open").onclick = help;
    addEventListener("hashchange", () => this.route());
    addEventListener("keydown", (e) => this.key(e));
  }

  async start() {
    this.route();
    await this.refresh();
    this.builds.load().catch((err) => this.failed(err));
    this.errors.load().catch((err) => this.failed(err));
  }

  // refresh asks for the state and the list, and listens from before that on.
  async refresh() {
    this.feed.start(this.filter.value);
    await Promise.all([this.loadStatus(), this.load()]);
  }

  async loadStatus() {
    try {
      this.status = await get("status");
      this.drawState();
      document.title = this.status.target ? this.status.target + " · pastedev" : "pastedev";
    } catch (err) { this.failed(err); }
  }

  // load asks for the newest window; a newer call wins over an older one's answer. With keep
  // the rows stay that are there, and the answer's join them.
  async load(keep = false) {
    const q = this.filter.value, run = this.run = (this.run || 0) + 1;
    const held = this.held = []; // what the feed brings until the answer is there
    this.loading?.abort();
    const loading = this.loading = new AbortController();
    this.stale = this.gap = false;
    try {
      const list = await get("exchanges", { q, limit: WINDOW }, loading.signal);
      if (run !== this.run) return;
      this.filter.showError(null);
      const listed = new Set(list.items.map((s) => s.id));
      keep &&= q === this.applied;
      this.total = held.total ?? list.total; this.applied = q;
      this.match = list.match < 0 ? list.match : list.match + held.filter((s) => !listed.has(s.id)).length;
      this.list.setFlat(!!q);
      if (keep) this.list.merge(list.items); else this.list.reset(list.items, list.more);
      this.list.merge(held);
      this.list.setEmpty(...(q ? this.nothing() : this.invitation()));
    } catch (err) {
      if (run === this.run) this.failed(err);
    } finally { if (held === this.held) this.held = null; }
  }

  older(before) { return get("exchanges", { q: this.filter.value, before, limit: WINDOW }); }

  invitation() {
    const urls = this.status?.listeners || [];
    return [h("p", null, "No requests yet."), urls.length ? h("p", { class: "hint" }, "Open ", urls.map((u, i) => [i ? ", " : "", h("a", { href: u }, u)]), " and they appear here.") : h("p", { class: "hint" }, "They appear here as the app gets them.")];
  }

  nothing() {
    return [h("p", null, "No request matches the filter."), h("p", null, h("button", { type: "button", onclick: () => this.filter.set("") }, "Show all"))];
  }

  failed(err) {
    if (err.status === 401 || err.status === 429) { this.feed.wanted = false; this.feed.stop(); gate(err); }
    else if (err.type === "query") this.filter.showError(err);
    else if (err.type === "unreachable") this.lost();
    else failed(err);
  }

  lost() {
    this.away = true;
    this.drawState();
  }

  heard(kind, data) {
    if (kind === "lost") {
      this.lost();
      return void this.loadStatus(); // a new run has a new token: that shows the gate
    }
    if (kind === "hello") {
      if (this.away) { this.away = false; this.gap = true; this.loadStatus(); }
      this.stale = true; // what came between the list's answer and this is in neither
      this.loadSoon();
      this.reopen();
      if (!this.output.el.hidden) this.output.pull();
      return;
    }
    this[kind](data);
  }

  digest(d) {
    this.total = d.total;
    if (this.held) this.held.total = d.total; // it is newer than the answer that is waited for
    if (d.gap) {
      if (!this.list.follow) this.list.unseen += d.finished;
      this.stale = this.gap = true;
      this.loadSoon();
    } else {
      if (this.match >= 0) this.match += d.exchanges.filter((s) => !this.list.rows.has(s.id)).length;
      this.list.remove(d.gone || []);
      this.list.merge(d.exchanges);
      this.held?.unshift(...d.exchanges); // newest first
    }
    if (d.outputs && !this.output.el.hidden) this.output.pull();
    const open = this.detail.id; // gone is what ended and does not match the filter: it stays open
    if (open && (d.exchanges.some((s) => s.id === open) || d.gone?.includes(open))) this.detail.open(open);
    else if (d.gap) this.reopen();
    this.counts();
  }

  // reopen asks anew for an open exchange whose end may have been missed.
  reopen() {
    const { id, ex } = this.detail;
    if (id && (!ex || ex.in_flight)) this.detail.open(id);
  }

  // loadSoon asks for the list again, at most twice a second. What is being read is left
  // alone: after a gap, which is many rows, the list stays stale until it is followed again.
  loadSoon() {
    if (this.soon) return;
    this.soon = setTimeout(() => {
      this.soon = 0;
      if (this.stale && (this.list.follow || !this.gap)) this.load(!this.list.follow); else this.list.draw();
    }, 500);
  }

  state(s) {
    if (!this.status) return;
    Object.assign(this.status, { state: s.state, detail: s.detail });
    this.drawState();
    if (s.state === "running" || this.status.programs?.length > 1) this.loadStatus();
  }

  build(b) {
    if (this.status) this.status.build = b.build;
    this.builds.changed(b.build);
    this.drawState();
  }

  trace(t) { this.errors.changed(t.trace); }

  profile(e) { this.detail.profiles.recorded(e.profile); }

  profile_progress(e) { this.detail.profiles.progressed(e.progress); }

  cleared() { this.load(); }

  drawState() {
    const s = this.status, b = s?.build;
    document.body.classList.toggle("away", !!this.away);
    if (this.away) return fill($("state"), h("span", { class: "dot away" }), h("b", null, "disconnected"), h("span", { class: "dimmed" }, "pastedev has ended, or is starting again; below is what it had recorded"));
    if (!s) return;
    const progress = !b?.result && b?.total ? `${b.mount ? b.mount + ": " : ""}${b.done || 0} of ${b.total} packages` : "";
    fill($("state"), h("span", { class: "dot " + s.state }), h("b", { id: "state-name" }, s.state),
      h("span", { class: "target", title: s.dir }, s.target === "." ? s.dir.split(/[\\/]/).pop() || s.dir : s.target),
      (s.listeners || []).slice(0, 2).map((u) => h("a", { href: u, class: "listener" }, u.replace(/^http:\/\//, ""))),
      h("span", { class: "dimmed", title: s.detail || null }, s.detail || progress || (b?.result ? `${b.duration_ms ? "build" : "start"} #${b.number}${b.mount ? " of " + b.mount : ""}${b.duration_ms ? ", " + millis(b.duration_ms) : ""}` : "")),
      (s.programs?.length > 1 ? s.programs.filter((p) => p.state !== "running") : []).map((p) => h("span", { class: p.state === "failed" ? "bad" : "lost", title: p.detail || p.target }, p.mount + " " + p.state)),
      s.recording === false ? h("span", { class: "lost" }, "not recording yet") : null,
      s.lost?.length ? h("span", { class: "lost", title: s.lost.join("\n") }, plural(s.lost.length, "feature") + " off") : null);
  }

  counts() {
    const n = this.match >= 0 && this.applied ? `${this.match.toLocaleString("en")} of ${this.total.toLocaleString("en")}` : plural(this.total, "request");
    if (this.count.textContent !== n) this.count.textContent = n;
    this.followButton.setAttribute("aria-pressed", String(this.list.follow));
  }

  search(q) {
    if (q === this.searched) return;
    this.searched = q;
    this.load().then(() => {
      if (this.filter.value === q && this.filter.error.hidden) this.feed.start(q);
    });
  }

  // go opens an exchange, or closes the open one.
  go(id) { location.hash = id ? "#/exchanges/" + id : "#/exchanges"; }

  link(tab) { history.replaceState(null, "", "#/exchanges/" + this.detail.id + (tab === "overview" ? "" : "/" + tab)); }

  route() {
    const [, named = "exchanges", id = "", tab = ""] = location.hash.split("/");
    const page = named === "traces" ? "errors" : named; // the panel's links name the record
    const shown = ["exchanges", "errors", "builds", "output"].includes(page) ? page : "exchanges";
    for (const a of document.querySelectorAll(".pages a")) {
      if (a.dataset.page === shown) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current");
    }
    this.exchanges.hidden = shown !== "exchanges";
    this.errors.el.hidden = shown !== "errors";
    this.builds.el.hidden = shown !== "builds";
    this.output.el.hidden = shown !== "output";
    this.page = shown;
    if (shown === "errors") { this.errors.draw(); this.errors.open(decodeURIComponent(id)); }
    if (shown === "builds") this.builds.draw();
    if (shown === "output") this.output.pull().then(() => this.output.stick());
    if (shown !== "exchanges") return;
    document.body.classList.toggle("opened", !!id);
    if (id) {
      if (this.list.selected !== id) this.list.select(id, true);
      this.detail.open(decodeURIComponent(id), tab || (this.detail.id ? undefined : "overview"));
    } else if (this.detail.id) {
      const back = this.detail.el.contains(document.activeElement);
      this.detail.close();
      if (back) $("rows").focus();
    }
    this.list.draw();
  }

  async replay(ex) {
    const id = await replay(ex);
    if (id) this.go(id);
  }

  async clear() {
    if (!await ask("Forget all requests?", "The recorded history of this target is removed from the page and from the disk.", "Clear")) return;
    try { await post("clear"); this.go(""); } catch (err) { this.failed(err); }
  }

  // restart starts the app again; of several programs it asks which.
  async restart() {
    const programs = this.status?.programs || [];
    let mount = "";
    if (programs.length > 1) {
      mount = await choose("Restart which program?", [["All programs", "", ""], ...programs.map((p) => [p.mount, p.state, p.mount])], $("restart"));
      if (mount === undefined) return;
    }
    try { await post("restart", mount ? { mount } : {}); toast("Restarting" + (mount ? " " + mount : "")); } catch (err) { this.failed(err); }
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
    if (e.target.closest("input, textarea, select")) return;
    if (e.key === "Enter" && e.target.closest("a, button, summary")) return;
    const code = e.target.closest(".panel, .output-scroll, .builds, .faults") && /^(Arrow|Home|End)/.test(e.key); // these scroll by themselves
    const found = !code && KEYS.find(([key]) => key === (ALIASES[e.key] || e.key));
    if (found && this.verb(found[2])) e.preventDefault();
  }

  // verb does what a key means; false when it means nothing here.
  verb(name) {
    if (name === "help") { help(); return true; }
    if (this.page !== "exchanges") return false;
    const moves = { down: 1, up: -1, first: -Infinity, last: Infinity };
    if (name in moves) {
      const id = this.list.move(moves[name]);
      if (id && this.detail.id) this.showSoon(id);
      return true;
    }
    if (/^tab\d$/.test(name)) { this.detail.show(TABS[(+name[3] + 9) % 10]); return true; }
    const selected = this.detail.ex || this.list.rows.get(this.list.selected);
    switch (name) {
      case "open": if (this.list.selected) { this.go(this.list.selected); this.detail.el.hidden = false; this.detail.el.focus(); } return true;
      case "close": if (this.detail.id) this.go(""); else if (this.list.selected) this.list.select(""); return true;
      case "filter": this.filter.input.focus(); this.filter.input.select(); return true;
      case "follow": if (this.list.follow) this.list.setFollow(false); else this.list.resume(); this.counts(); return true;
      case "replay": if (selected) this.replay(selected); return true;
      case "copy": if (selected) this.copySelected(); return true;
      case "subs": return this.list.toggle(this.list.selected);
      case "all-subs": this.list.toggleAll(); return true;
      case "left": this.detail.step(-1); return true;
      case "right": this.detail.step(1); return true;
    }
    return false;
  }

  async copySelected() {
    try {
      const ex = this.detail.ex || await get("exchanges/" + this.list.selected);
      copyMenu(ex, $("copy-open"), this.detail.reveal);
    } catch (err) { this.failed(err); }
  }

  showSoon(id) {
    this.next = id;
    this.showNext ||= perFrame(() => { history.replaceState(null, "", "#/exchanges/" + this.next); this.detail.open(this.next); });
    this.showNext();
  }
}

theme($("theme"));
try {
  await takeToken();
  await new App().start();
} catch (err) { gate(err); }
