// highlight.js: light colour for text of a few kinds, as text nodes and spans.

import { honest } from "./dom.js";

const MAX_COLOURED = 200_000; // characters; a longer text is shown plain at once rather than slowly coloured

const json = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|\b(true|false|null)\b/g;
const markup = /(<!--[\s\S]*?-->)|(<[/!?]?[\w:-]+)|(\s[\w:@.-]+)(=)("[^"]*"|'[^']*')?|([/?]?>)/g;
const form = /^([^\s=:][^=:\n]*?)(\s*[=:]\s?)/gm;

const jsonClass = (m) => (m[1] ? (m[2] ? "k" : "s") : m[3] ? "n" : "b");
const markupClass = (m) => (m[1] ? "c" : m[3] ? "k" : "t");

// highlight returns a fragment for text of a kind: json, jsonl, html, xml, form or any other.
export function highlight(text, kind) {
  const out = document.createDocumentFragment();
  text = honest(text);
  const rule = kind === "json" || kind === "jsonl" ? [json, jsonClass] : kind === "html" || kind === "xml" ? [markup, markupClass] : kind === "form" ? [form, () => "k"] : null;
  if (!rule || text.length > MAX_COLOURED) {
    out.append(text);
    return out;
  }
  const [re, classOf] = rule;
  let at = 0;
  const span = (cls, s) => {
    const el = document.createElement("span");
    el.className = "h-" + cls;
    el.textContent = s;
    out.append(el);
  };
  for (const m of text.matchAll(re)) {
    if (m.index > at) out.append(text.slice(at, m.index));
    if (rule[0] === json && m[2]) { span("k", m[1]); out.append(m[2]); }
    else if (rule[0] === markup && m[3]) { span("k", m[3]); out.append(m[4]); if (m[5]) span("s", m[5]); }
    else if (rule[0] === form) { span("k", m[1]); out.append(m[2]); }
    else span(classOf(m), m[0]);
    at = m.index + m[0].length;
  }
  out.append(text.slice(at));
  return out;
}
