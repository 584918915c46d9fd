// html.js: what the HTML check found in an exchange's answer.

import { h } from "./dom.js";
import { byteIndex, bytes, millis, plural } from "./format.js";

const WORDS = { error: "bad", warning: "warn", info: "dimmed" };

// htmlFindings lists errors before the rest.
export function htmlFindings(ex) {
  const c = ex.html;
  if (!c) return h("p", { class: "none" }, "The HTML of this answer was not checked: it is none, or the check is off.");
  const list = c.diagnostics || [];
  const sum = [plural(c.errors, "error") + (c.new ? ` (${c.new.toLocaleString("en")} new since the build before)` : ""), plural(c.warnings, "warning")];
  if (c.infos) sum.push(plural(c.infos, "info"));
  if (c.suppressed) sum.push(c.suppressed + " suppressed");
  const notes = [];
  if (c.fragment) notes.push("Checked as a piece of a page: no DOCTYPE, title or language is asked for.");
  if (c.partial) notes.push(`Only the first ${bytes(c.bytes)} were checked.`);
  if (c.nu && c.nu !== "ok") notes.push("Without the Nu checker: " + c.nu);
  return [
    h("p", { class: "sum" }, sum.join(", ") + ` · ${bytes(c.bytes)} in ${millis(c.took_ms)}`),
    notes.map((n) => h("p", { class: "note" }, n)),
    list.length ? null : h("p", { class: "none" }, "Nothing to complain about."),
    h("ol", { class: "findings" }, [...list.filter((d) => d.severity === "error"), ...list.filter((d) => d.severity !== "error")].map(finding))];
}

function finding(d) {
  return h("li", { class: "finding " + d.severity },
    h("div", { class: "line" },
      h("b", { class: WORDS[d.severity] }, d.severity), h("code", { class: "dimmed" }, d.code + (d.source ? " · " + d.source : "")),
      d.count > 1 ? h("b", null, "×" + d.count.toLocaleString("en")) : null, d.new ? h("span", { class: "mark-bad" }, "new") : null,
      h("span", { class: "grow" }), d.section ? h("span", { class: "dimmed" }, /^\d/.test(d.section) ? "HTML " + d.section : d.section) : null,
      d.line ? h("span", { class: "num" }, `${d.line}:${d.column}`) : null),
    h("p", null, quoted(d.message)),
    source(d));
}

// quoted makes code of what stands between backquotes.
function quoted(text) {
  return text.split("`").map((part, i) => (i % 2 ? h("code", null, part) : part));
}

function source(d) {
  const text = d.context?.[0]?.text;
  if (!text?.trim()) return null;
  const from = byteIndex(text, d.mark_start || 0), to = Math.max(from, byteIndex(text, d.mark_end || 0));
  return h("pre", null, text.slice(0, from).trimStart(), h("mark", { class: WORDS[d.severity] }, text.slice(from, to)), text.slice(to));
}
