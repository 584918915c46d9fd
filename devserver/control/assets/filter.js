// filter.js: the filter box. The server says what is wrong with a query and where;
// the box only offers the words.

import { $, fill, h } from "./dom.js";
import { byteIndex } from "./format.js";

const WORDS = [
  ["status:", "5xx, 404, >=400"], ["method:", "GET, POST"], ["path:", "/cart*"], ["host:", "example.localhost"],
  ["dur>", "200ms, 1s"], ["size>", "1mb"], ["type:", "json"], ["header.", "header.accept:json"],
  ["body~", "\"regex\""], ["build:", "12"], ["mount:", "/api"], ["parent:", "4bf9"], ["is:", "error, slow, sub"], ["has:", "trace, sql, children, process"], ["since:", "5m, 1h"],
  ["OR", "either side"], ["NOT", "not the next; also -"],
];

export class Filter {
  constructor(onchange) {
    this.onchange = onchange;
    this.input = h("input", {
      id: "filter", type: "text", role: "combobox", spellcheck: "false", autocomplete: "off", autocapitalize: "off",
      placeholder: "Filter: status:5xx method:POST path:/cart* dur>200ms", "aria-label": "Filter requests",
      "aria-expanded": "false", "aria-controls": "words", "aria-autocomplete": "list", "aria-describedby": "filter-error",
      oninput: () => { this.offer(); this.later(); }, onkeydown: (e) => this.key(e),
      onblur: () => setTimeout(() => this.close(), 150),
    });
    this.words = h("ul", { id: "words", class: "words", role: "listbox", hidden: true, "aria-label": "Fields" });
    this.error = h("div", { id: "filter-error", class: "filter-error", role: "alert", hidden: true });
    this.el = h("div", { class: "filter" }, h("span", { class: "slash", "aria-hidden": "true" }, "/"), this.input,
      h("button", { type: "button", class: "icon clear", id: "filter-clear", title: "Clear the filter", "aria-label": "Clear the filter", onclick: () => this.set("") }, "×"),
      this.words);
  }

  get value() { return this.input.value.trim(); }

  set(text) {
    this.input.value = text;
    this.close();
    this.apply();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.apply(), 150);
  }

  apply() {
    clearTimeout(this.timer);
    this.onchange(this.value);
  }

  // showError draws the query with a caret under the place that the server named.
  showError(p) {
    this.error.hidden = !p;
    this.input.setAttribute("aria-invalid", String(!!p));
    if (!p) return this.error.replaceChildren();
    const text = this.value;
    const from = byteIndex(text, p.pos || 0), to = Math.max(from + 1, byteIndex(text, (p.pos || 0) + (p.len || 0)));
    fill(this.error,
      h("pre", { class: "caret", "aria-hidden": "true" }, text + "\n" + " ".repeat(from) + "^".repeat(to - from)),
      h("span", { class: "message" }, p.detail || p.message || p.title),
      p.suggestion ? h("button", { type: "button", onclick: () => this.suggest(p, from, to) }, "Use " + p.suggestion) : null);
  }

  // suggest puts the suggestion in the place of what was wrong.
  suggest(p, from, to) {
    const text = this.value;
    this.set(text.slice(0, from) + p.suggestion + text.slice(p.len ? to : from));
    this.input.focus();
  }

  // offer shows the words that fit what is being typed; all shows every one.
  offer(all = false) {
    const at = this.input.selectionStart, before = this.input.value.slice(0, at);
    const word = /[^\s(]*$/.exec(before)[0].replace(/^-/, "");
    this.word = word;
    const fit = WORDS.filter(([w]) => w.toLowerCase().startsWith(word.toLowerCase()) && w !== word);
    this.active = -1;
    this.shown = document.activeElement === this.input && /^[a-zA-Z.]*$/.test(word) && (word || all) ? fit : [];
    fill(this.words, this.shown.map(([w, hint], i) =>
      h("li", { role: "option", id: "word-" + i, "aria-selected": "false", onmousedown: (e) => { e.preventDefault(); this.take(i); } },
        h("b", null, w), h("span", null, hint))));
    this.words.hidden = !this.shown.length;
    this.input.setAttribute("aria-expanded", String(!this.words.hidden));
    this.input.removeAttribute("aria-activedescendant");
  }

  close() { this.words.hidden = true; this.input.setAttribute("aria-expanded", "false"); }

  take(i) {
    const at = this.input.selectionStart, v = this.input.value;
    const w = this.shown[i][0] + (/[A-Z]$/.test(this.shown[i][0]) ? " " : "");
    this.input.value = v.slice(0, at - this.word.length) + w + v.slice(at);
    const end = at - this.word.length + w.length;
    this.input.setSelectionRange(end, end);
    this.offer();
    this.later();
  }

  key(e) {
    const open = !this.words.hidden;
    if (!open && e.key === "ArrowDown") this.offer(true);
    else if (open && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
      const n = this.shown.length;
      this.active = (this.active + (e.key === "ArrowDown" ? 1 : -1) + n + (this.active < 0 && e.key === "ArrowUp" ? 1 : 0)) % n;
      [...this.words.children].forEach((li, i) => li.setAttribute("aria-selected", String(i === this.active)));
      this.input.setAttribute("aria-activedescendant", "word-" + this.active);
      this.words.children[this.active].scrollIntoView({ block: "nearest" });
    } else if (open && (e.key === "Enter" && this.active >= 0 || e.key === "Tab" && this.word && !e.shiftKey)) {
      this.take(Math.max(0, this.active));
    } else if (e.key === "Enter") {
      this.close(); this.apply(); $("rows").focus();
    } else if (e.key === "Escape") {
      if (open && this.active >= 0) this.close();
      else if (this.input.value) this.set("");
      else $("rows").focus();
    } else return;
    e.preventDefault();
    e.stopPropagation();
  }
}
