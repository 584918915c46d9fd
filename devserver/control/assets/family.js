// family.js: sub-requests and what they are a part of.

import { h } from "./dom.js";
import { millis, plural, statusClass } from "./format.js";

const VIA = { forward: "forwarded", include: "included", redirect: "redirected", error: "error page" };

// via says why there is a sub-request.
export function via(s) { return VIA[s.via] || s.via || ""; }

// partOf links to what ex is a sub-request of; parent is its summary, where that is known.
export function partOf(ex, parent) {
  if (!ex.parent) return "";
  return [h("a", { href: "#/exchanges/" + ex.parent, id: "part-of" }, parent ? parent.method + " " + parent.path : ex.parent.slice(0, 8)), ex.via ? ", " + via(ex) : ""];
}

// children lists the sub-requests of an exchange, each a link.
export function children(ex) {
  const list = ex.children || [], more = (ex.subs || 0) - list.length;
  if (!list.length) return null;
  return [
    h("h3", null, plural(Math.max(ex.subs || 0, list.length), "sub-request")),
    h("table", { class: "spans subs", id: "subs", "aria-label": "Sub-requests" }, h("tbody", null, list.map((s) => h("tr", { class: s.error ? "bad" : "" },
      h("td", null, h("b", { class: "badge " + statusClass(s) }, s.status || (s.in_flight ? "···" : "—"))),
      h("td", { class: "dimmed" }, via(s)),
      h("td", { class: "wide" }, h("a", { href: "#/exchanges/" + s.id }, s.method + " " + s.path), s.error ? h("p", { class: "bad" }, s.error) : null),
      h("td", { class: "num" }, millis(s.duration_ms)))))),
    more > 0 ? h("p", { class: "none" }, `${more.toLocaleString("en")} more: the filter finds them with parent:${ex.id.slice(0, 8)}`) : null];
}
