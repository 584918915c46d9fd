// inside.js: what happened inside an exchange: logs, SQL, calls, errors.

import { ansi } from "./ansi.js";
import { h } from "./dom.js";
import { clock, millis, plural } from "./format.js";
import { traceFrame } from "./errors.js";

// As package sqlview has them; a test holds them together.
const REPEATED_FROM = 3; // times one line must make a statement to be marked
const SLOW_FROM = 50;    // ms

// counts says in a few words what happened inside, worst first.
export function counts(sums) {
  const s = sums || {}, list = [];
  if (s.errors) list.push(plural(s.errors, "error"));
  if (s.sql) list.push(s.sql.toLocaleString("en") + " SQL");
  if (s.logs) list.push(plural(s.logs, "log"));
  if (s.calls) list.push(plural(s.calls, "call"));
  if (s.html_errors) list.push(plural(s.html_errors, "HTML error"));
  return list.join(" · ");
}

export function logs(ex) {
  const list = ex.logs || [];
  return [
    nothing(list, ex.sums?.logs, "This request printed nothing."),
    h("div", { class: "logs", role: "log" }, list.map((o) => h("div", { class: "out " + o.stream },
      h("span", { class: "at" }, clock(o.time)),
      h("span", { class: "text" }, o.level ? h("b", { class: /^(ERROR|WARN)/.test(o.level) ? "bad" : "dimmed" }, o.level + " ") : null, ansi(o.text),
        (o.attrs || []).map((a) => [" ", h("span", { class: "dimmed" }, a.key + "="), a.value]))))),
    rest(list.length, ex.sums?.logs, "line")];
}

// statements groups equal statements in the order of their first calls.
function statements(spans) {
  const groups = new Map();
  for (const s of spans) {
    const text = (s.sql.statement || "").split(/\s+/).join(" ").trim();
    if (!text) continue;
    const key = (s.sql.op === "prepare") + " " + text;
    if (!groups.has(key)) groups.set(key, { text, calls: [], total: 0, slowest: 0, rows: -1, at: new Map() });
    const g = groups.get(key), at = s.caller ? s.caller.file + ":" + s.caller.line : "";
    g.calls.push(s);
    g.total += s.duration_ms;
    g.slowest = Math.max(g.slowest, s.duration_ms);
    if (s.sql.rows >= 0) g.rows = Math.max(g.rows, 0) + s.sql.rows;
    if (at) g.at.set(at, (g.at.get(at) || 0) + 1);
    if (s.sql.op !== "prepare" && g.at.get(at) >= REPEATED_FROM) g.repeated = true;
    s.group = g;
  }
  return [...groups.values()];
}

export function sql(ex) {
  const spans = (ex.spans || []).filter((s) => s.sql), groups = statements(spans);
  if (!spans.length) return nothing(spans, ex.sums?.sql, "No SQL in this request.");
  const repeated = groups.filter((g) => g.repeated);
  return [
    h("p", { class: "sum" }, plural(ex.sums?.sql || spans.length, "statement") + ", " + millis(ex.sums?.sql_ms ?? spans.reduce((n, s) => n + s.duration_ms, 0))),
    repeated.length ? h("p", { class: "note warn" }, `N+1: ${repeated.length === 1 ? "one statement is" : plural(repeated.length, "statement") + " are"} made again and again by one line. One query for all of them would do.`) : null,
    h("h3", null, "Statements"),
    h("div", { class: "items" }, groups.map((g) => h("details", { class: "item" },
      h("summary", null, h("span", { class: "times" }, g.calls.length > 1 ? "×" + g.calls.length : ""),
        h("code", { class: "grow" }, g.text), g.repeated ? h("span", { class: "mark-bad" }, "N+1") : null, g.slowest >= SLOW_FROM ? h("span", { class: "mark-bad" }, "slow") : null,
        g.calls.some((s) => s.error) ? h("span", { class: "mark-bad" }, "failed") : null, h("span", { class: "num" }, millis(g.total))),
      h("p", { class: "dimmed" }, [...g.at].sort((a, b) => b[1] - a[1]).map(([at, n]) => at + (n > 1 ? ` ×${n}` : "")).join(", "), g.rows >= 0 ? " · " + plural(g.rows, "row") : ""),
      h("table", { class: "spans" }, h("tbody", null, g.calls.slice(0, 100).map((s) => h("tr", s.error ? { class: "bad" } : null,
        h("td", { class: "num" }, millis(s.duration_ms)), h("td", null, (s.sql.args || []).join(", ") || h("span", { class: "dimmed" }, "no arguments"), s.error ? h("p", null, s.error) : null),
        h("td", { class: "num dimmed" }, s.sql.rows >= 0 ? plural(s.sql.rows, "row") : ""))))),
      g.calls.length > 100 ? h("p", { class: "dimmed" }, `${g.calls.length - 100} more`) : null))),
    h("h3", null, "In order"),
    h("table", { class: "spans order" }, h("tbody", null, spans.map((s) => h("tr", { class: s.error ? "bad" : s.sql.tx ? "tx " + s.sql.op : "" },
      h("td", { class: "bracket", "aria-hidden": "true" }, !s.sql.tx ? "" : s.sql.op === "begin" ? "┌" : s.sql.op === "commit" || s.sql.op === "rollback" ? "└" : "│"),
      h("td", null, h("code", null, s.group ? s.group.text : s.sql.op.toUpperCase()), s.error ? h("p", { class: "bad" }, s.error) : null),
      h("td", { class: "place" }, place(s.caller)),
      h("td", { class: "num" + (s.duration_ms >= SLOW_FROM ? " bad" : "") }, millis(s.duration_ms)))))),
    rest(spans.length, ex.sums?.sql, "statement")];
}

export function calls(ex) {
  const list = (ex.spans || []).filter((s) => s.call);
  if (!list.length) return nothing(list, ex.sums?.calls, "This request called nobody.");
  return [
    h("table", { class: "spans" }, h("tbody", null, list.map((s) => h("tr", { class: s.error || !s.call.status || s.call.status >= 400 ? "bad" : "" },
      h("td", null, h("b", { class: "badge s" + (s.error ? 5 : Math.floor(s.call.status / 100)) }, s.call.status || "—")),
      h("td", null, h("code", null, s.call.method + " " + s.call.url), s.error ? h("p", { class: "bad" }, s.error) : null),
      h("td", { class: "place" }, place(s.caller)), h("td", { class: "num" }, millis(s.duration_ms)))))),
    rest(list.length, ex.sums?.calls, "call")];
}

// errors shows the newest trace of the exchange whole, and leads to the others.
export function errors(ex) {
  const ids = ex.traces || [];
  if (!ids.length) return nothing(ids, ex.sums?.errors, "Nothing failed.");
  const last = ids[ids.length - 1];
  return [
    ids.length > 1 ? h("p", { class: "others" }, "Also: ", ids.slice(0, -1).map((id, i) => [i ? ", " : "", h("a", { href: "#/errors/" + id }, "error " + id)])) : null,
    traceFrame(last, ex)];
}


function place(at) { return at ? at.file + ":" + at.line : ""; }

function nothing(list, counted, text) {
  if (list.length) return null;
  return h("p", { class: "none" }, counted ? `${counted.toLocaleString("en")} in all; none of them was kept.` : text);
}

function rest(shown, all, what) {
  return shown && all > shown ? h("p", { class: "none" }, plural(all - shown, "more " + what) + ", counted but not kept") : null;
}
