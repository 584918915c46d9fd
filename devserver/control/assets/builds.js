// builds.js: the attempts to build, newest first, with what the compiler said.

import { get } from "./api.js";
import { $, fill, h } from "./dom.js";
import { clock, millis, plural } from "./format.js";
import { ansi } from "./ansi.js";

export class Builds {
  constructor() {
    this.list = [];
    this.open = new Map(); // number → whether the user opened or closed it
    this.el = h("section", { class: "page builds", id: "builds", "aria-label": "Builds", tabindex: "-1" });
  }

  async load() {
    this.list = (await get("builds", { limit: 50 })).items;
    this.draw();
  }

  // changed takes up a build from the feed.
  changed(build) {
    const i = this.list.findIndex((b) => b.number === build.number);
    if (i >= 0) this.list[i] = build; else this.list.unshift(build);
    this.list.length = Math.min(this.list.length, 50);
    this.draw();
  }

  draw() {
    const newest = this.list[0];
    const errors = newest && newest.result === "failed" ? (newest.diagnostics || []).filter((d) => d.severity === "error").length || 1 : 0;
    const count = $("build-errors");
    count.hidden = !errors;
    count.textContent = errors || "";
    count.title = plural(errors, "error");
    if (this.el.hidden) return;
    if (!this.list.length) return fill(this.el, h("div", { class: "empty" }, h("p", null, "No builds."), h("p", { class: "hint" }, "A target that pastedev does not build (a command, an upstream) has none.")));
    fill(this.el, this.list.map((b, i) => this.card(b, i === 0)));
  }

  card(b, newest) {
    const result = b.result || "building";
    const problems = b.diagnostics || [];
    const progress = !b.result && b.total ? ` ${b.done || 0} of ${b.total} packages` : "";
    const body = problems.length || b.output;
    const head = [
      h("span", { class: "badge r-" + result }, result),
      h("b", null, "#" + b.number), b.mount ? h("span", { class: "place" }, b.mount) : null, h("span", { class: "dimmed" }, clock(b.start)),
      h("span", null, b.result ? millis(b.duration_ms) : progress),
      b.instrumented ? h("span", { class: "dimmed" }, "instrumented") : null,
      problems.length ? h("span", { class: result === "failed" ? "bad" : "" }, plural(problems.length, "finding")) : null,
      h("span", { class: "grow cause", title: (b.cause || []).join("\n") }, causeOf(b)),
    ];
    if (!body) return h("article", { class: "card plain" }, h("div", { class: "card-head" }, head));
    const open = this.open.get(b.number) ?? (newest || false);
    const el = h("details", { class: "card", ontoggle: () => this.open.set(b.number, el.open) },
      h("summary", { class: "card-head" }, head),
      problems.map(diagnostic), b.output ? h("pre", { class: "code" }, ansi(b.output)) : null);
    el.open = open;
    return el;
  }
}

function causeOf(b) {
  const files = b.cause || [];
  if (!files.length) return "first build";
  return files[0] + (files.length > 1 ? ` and ${files.length - 1} more` : "");
}

function diagnostic(d) {
  const place = d.file ? d.file + (d.line ? ":" + d.line + (d.column ? ":" + d.column : "") : "") : "";
  return h("div", { class: "diagnostic " + d.severity },
    h("p", null, h("span", { class: "sev" }, d.severity), h("span", { class: "place" }, place), h("span", { class: "msg" }, d.message)),
    d.context?.length ? frame(d) : null);
}

// frame is the source around a place, with a caret under the column.
function frame(d) {
  const width = String(d.context[d.context.length - 1].number).length;
  return h("pre", { class: "frame", "aria-label": "source of " + d.file }, d.context.map((line) => {
    const here = line.number === d.line;
    const row = h("span", { class: here ? "src here" : "src" }, h("span", { class: "no" }, String(line.number).padStart(width) + " "), line.text + "\n");
    if (!here || !d.column) return row;
    const lead = line.text.slice(0, d.column - 1).replace(/[^\t]/g, " ");
    return [row, h("span", { class: "src caret", "aria-hidden": "true" }, h("span", { class: "no" }, " ".repeat(width + 1)), lead + "^\n")];
  }));
}
