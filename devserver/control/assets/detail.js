// detail.js: one exchange, opened.

import { get } from "./api.js";
import { bodyView } from "./bodyview.js";
import { fill, h } from "./dom.js";
import { children, partOf } from "./family.js";
import { credentials } from "./credentials.js";
import { htmlFindings } from "./html.js";
import { calls, errors, logs, sql } from "./inside.js";
import { elapsed, flightBar } from "./flight.js";
import { bytes, millis, statusClass, when } from "./format.js";
import { ProfileTab } from "./profile.js";
import { programs, programSpans } from "./program.js";
import { timeline } from "./timeline.js";

export const TABS = ["overview", "request", "response", "timing", "logs", "SQL", "calls", "errors", "profile", "HTML", "program"];

const LONG = 600; // characters of a value that is scrolled in its place

// COUNTED says which of the sums a tab is about.
const COUNTED = { logs: "logs", SQL: "sql", calls: "calls", errors: "errors", HTML: "html_errors" };

const PHASES = [
  ["held_ms", "Held", "waiting at the gate for a current build"],
  ["connect_ms", "Connect", "dialling the target"],
  ["send_ms", "Send", "request to the target"],
  ["wait_ms", "Wait", "until the first byte of the response"],
  ["receive_ms", "Receive", "first to last byte of the response"],
];

export class Detail {
  // on: close(), tab(name), replay(ex), menu(ex, button), status()
  constructor(on) {
    this.on = on;
    this.tab = "overview";
    this.reveal = false;
    this.profiles = new ProfileTab({ status: () => on.status() });
    this.el = h("section", { class: "detail", id: "detail", "aria-label": "Exchange", tabindex: "-1", hidden: true });
  }

  // open loads and shows an exchange; the same one again refreshes it.
  async open(id, tab) {
    if (id !== this.id) this.reveal = false;
    this.id = id;
    if (TABS.includes(tab)) this.tab = tab;
    this.el.hidden = false;
    this.abort?.abort();
    const { signal } = this.abort = new AbortController();
    const params = { reveal: this.reveal };
    try {
      const ex = await get("exchanges/" + encodeURIComponent(id), params, signal);
      const pretty = await get(`exchanges/${encodeURIComponent(id)}/pretty`, params, signal);
      const parent = ex.parent ? await this.parentOf(ex, signal) : null;
      if (signal.aborted) return;
      this.ex = ex;
      this.parent = parent;
      this.id = ex.id; // the link may have held a prefix
      this.pretty = pretty;
      this.draw();
    } catch (err) {
      if (signal.aborted) return;
      this.ex = null;
      fill(this.el, this.closeButton(), h("div", { class: "none" }, h("p", null, err.message), err.hint ? h("p", { class: "hint" }, err.hint) : null));
    }
  }

  // parentOf asks for what ex is a sub-request of; null when it is no longer there.
  async parentOf(ex, signal) {
    try { return (await get("exchanges", { q: "id:" + ex.parent, limit: 1 }, signal)).items[0] || null; } catch { return null; }
  }

  // tabs are those that have something to say of any exchange, and of this one.
  tabs() { return TABS.filter((t) => t !== "program" || programSpans(this.ex).length); }

  close() {
    this.abort?.abort();
    this.id = ""; this.ex = null;
    this.el.hidden = true;
    this.el.replaceChildren();
  }

  closeButton() {
    return h("button", { type: "button", class: "icon close", title: "Close (esc)", "aria-label": "Close", onclick: () => this.on.close() }, "×");
  }

  show(tab) {
    if (!this.ex || !this.tabs().includes(tab)) return;
    this.tab = tab;
    this.on.tab(tab);
    this.draw();
  }

  step(n) { const tabs = this.tabs(); this.show(tabs[(tabs.indexOf(this.tab) + n + tabs.length) % tabs.length]); }

  draw() {
    const ex = this.ex;
    if (!this.tabs().includes(this.tab)) this.tab = "overview";
    const focused = this.el.contains(document.activeElement) && document.activeElement;
    const old = this.el.querySelector(".in-" + this.tab), top = old?.dataset.of === ex.id ? old.scrollTop : 0;
    const menu = h("button", { type: "button", id: "copy-open", title: "Copy (y)", onclick: () => this.on.menu(ex, menu, this.reveal) }, "Copy");
    const tabs = this.tabs().map((t, i) => h("button", {
      type: "button", role: "tab", id: "tab-" + t, "aria-selected": String(t === this.tab), "aria-controls": "tabpanel",
      tabindex: t === this.tab ? "0" : "-1", title: i < 10 ? `${t} (${(i + 1) % 10})` : t, onclick: () => this.show(t),
      onkeydown: (e) => this.tabKey(e),
    }, t, COUNTED[t] && ex.sums?.[COUNTED[t]] ? h("span", { class: "n" + (t === "errors" || t === "HTML" ? " bad" : "") }, ex.sums[COUNTED[t]].toLocaleString("en")) : null));
    fill(this.el,
      h("header", { class: "detail-head" },
        h("div", { class: "line" },
          h("span", { class: "badge " + statusClass(ex) }, ex.status || (ex.in_flight ? "···" : "—")),
          h("b", null, ex.method), h("span", { class: "grow url", title: ex.url }, ex.url),
          ex.kind === "http" ? h("button", { type: "button", id: "replay", title: "Replay (r)", onclick: () => this.on.replay(ex) }, "Replay") : null,
          menu,
          h("button", {
            type: "button", class: "icon", id: "reveal", "aria-pressed": String(this.reveal), "aria-label": "Show secrets",
            title: this.reveal ? "Mask secrets again" : "Show the secrets of this exchange", onclick: () => { this.reveal = !this.reveal; this.open(this.id); },
          }, this.reveal ? "◉" : "◎"),
          this.closeButton()),
        ex.verdict ? h("button", { type: "button", class: "verdict", title: "Compare with the build before", onclick: () => { this.profiles.choose("compare"); this.show("profile"); } }, ex.verdict) : null,
        ex.in_flight ? flightBar(ex) : null,
        h("div", { class: "tabs", role: "tablist", "aria-label": "Parts of the exchange" }, tabs)),
      h("div", { class: "panel in-" + this.tab, id: "tabpanel", "data-of": ex.id, role: "tabpanel", "aria-labelledby": "tab-" + this.tab, tabindex: "0" }, this[this.tab]()));
    document.getElementById("tabpanel").scrollTop = top;
    document.getElementById("tab-" + this.tab).scrollIntoView({ block: "nearest", inline: "nearest" });
    if (focused) (focused.isConnected ? focused : document.getElementById(focused.id))?.focus({ preventScroll: true });
  }

  tabKey(e) {
    const n = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
    if (!n) return;
    e.preventDefault(); e.stopPropagation();
    this.step(n);
    document.getElementById("tab-" + this.tab).focus();
  }

  overview() {
    const ex = this.ex;
    const link = (id) => h("a", { href: "#/exchanges/" + id }, id.slice(0, 8));
    const notes = [];
    if (ex.error) notes.push(h("p", { class: "note bad" }, ex.error));
    for (const d of ex.hints || []) notes.push(h("p", { class: "note" }, d.message));
    if (ex.response_from === "pastedev") notes.push(h("p", { class: "note warn" }, "pastedev made this response, not the target."));
    return [notes,
      facts([
        ["URL", ex.url], ["Part of", partOf(ex, this.parent)], ["Status", ex.status || (ex.in_flight ? "none yet" : "none")], ["Started", when(ex.start)], ["Duration", ex.in_flight ? millis(elapsed(ex)) + " so far" : millis(ex.duration_ms)],
        ["Request body", bytes(ex.request_size)], ["Response body", bytes(ex.response_size)], ["Type", ex.content_type],
        ["Protocol", ex.proto], ["Client", ex.client], ["Mount", ex.mount], ["Build", ex.build ? "#" + ex.build : ""],
        ["Page", ex.page ? link(ex.page) : ""], ["Replay of", ex.replay_of ? link(ex.replay_of) : ""],
        ["Injected", ex.injected ? "pastedev's script tag was added for the browser" : ""],
        ["Added fields", (ex.added || []).join(", ")], ["ID", ex.id],
      ]),
      children(ex),
      ex.in_flight ? null : this.phases()];
  }

  request() { return [credentials(this.ex, this.reveal), this.message("request", queryOf(this.ex.url))]; }
  response() { return this.message("response", null); }

  message(side, query) {
    const msg = this.ex[side];
    return [
      query ? [h("h3", null, "Query"), headerTable(query, "Query parameters")] : null,
      h("h3", null, "Header"), headerTable(pairs(msg.header), side + " header"),
      msg.trailer && Object.keys(msg.trailer).length ? [h("h3", null, "Trailer"), headerTable(pairs(msg.trailer), side + " trailer")] : null,
      bodyView(this.ex, side, this.pretty[side], this.reveal)];
  }

  logs() { return logs(this.ex); }
  SQL() { return sql(this.ex); }
  calls() { return calls(this.ex); }
  errors() { return errors(this.ex); }
  HTML() { return htmlFindings(this.ex); }
  program() { return programs(this.ex); }
  profile() { return this.profiles.show(this.ex); }

  timing() {
    return [this.phases(),
      facts([["Connection", this.ex.timing.reused_conn ? "a kept one" : "a new one"], ["Started", when(this.ex.start)]]), timeline(this.ex)];
  }

  phases() {
    const t = this.ex.timing, total = Math.max(t.total_ms, 0.001);
    let at = 0;
    const rows = PHASES.map(([key, name, what]) => {
      const ms = t[key] || 0, bar = h("i", { class: "phase " + key });
      bar.style.marginLeft = Math.min(100, (at / total) * 100) + "%";
      bar.style.width = Math.min(100, (ms / total) * 100) + "%";
      at += ms;
      return h("tr", { class: ms ? "" : "zero" }, h("th", { scope: "row", title: what }, name), h("td", { class: "track" }, bar), h("td", { class: "num" }, ms ? millis(ms) : "–"));
    });
    rows.push(h("tr", { class: "total" }, h("th", { scope: "row" }, "Total"), h("td", { class: "track" }), h("td", { class: "num" }, millis(t.total_ms))));
    return h("table", { class: "phases", "aria-label": "Phases" }, h("tbody", null, rows));
  }
}

function facts(rows) {
  return h("dl", { class: "facts" }, rows.filter(([, v]) => v !== "" && v !== undefined && v !== null).map(([k, v]) => [h("dt", null, k), h("dd", null, v)]));
}

const pairs = (header) => Object.entries(header || {}).sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([k, vs]) => vs.map((v) => [k, v]));

function headerTable(rows, label) {
  if (!rows.length) return h("p", { class: "none" }, "None.");
  return h("table", { class: "headers", "aria-label": label }, h("tbody", null,
    rows.map(([k, v]) => h("tr", null, h("th", { scope: "row" }, k), h("td", null, v.length > LONG ? h("div", { class: "tall", tabindex: "0" }, v) : v)))));
}

function queryOf(url) {
  const i = url.indexOf("?");
  if (i < 0) return null;
  const list = [...new URLSearchParams(url.slice(i + 1))];
  return list.length ? list : null;
}
