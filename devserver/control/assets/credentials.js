// credentials.js: what an exchange carries of who somebody is, in readable form.

import { get } from "./api.js";
import { h } from "./dom.js";

const WORDS = { error: "bad", warning: "warn", info: "dimmed" };

// credentials fills a section once they are read; it is empty where there are none.
export function credentials(ex, reveal) {
  const box = h("div", { class: "credentials" });
  get(`exchanges/${encodeURIComponent(ex.id)}/credentials`, { reveal }).then(({ items }) => {
    if (items?.length) box.append(h("h3", null, "Credentials"), ...items.map(item));
  }, () => {}); // gone meanwhile
  return box;
}

function item(it) {
  const el = h("details", { class: "credential" },
    h("summary", null, h("b", null, it.kind), " ", h("code", null, it.name), " ", h("span", { class: "dimmed" }, [it.part, it.format].filter(Boolean).join(", "))),
    (it.notes || []).map((n) => h("p", { class: WORDS[n.severity] || "" }, n.text)),
    it.fields?.length ? h("table", { class: "headers" }, h("tbody", null, it.fields.map((f) => h("tr", null, h("th", { scope: "row" }, f.name), h("td", null, f.value))))) : null);
  el.open = true;
  return el;
}
