// credentials.js: what an exchange carries of who somebody is, in readable form.

import { get, post } from "./api.js";
import { ask, fill, h, toast } from "./dom.js";

const WORDS = { error: "bad", warning: "warn", info: "dimmed" };

// credentials fills a section once they are read; it is empty where there are none.
export function credentials(ex, reveal) {
  const box = h("div", { class: "credentials" });
  const read = () => get(`exchanges/${encodeURIComponent(ex.id)}/credentials`, { reveal }).then(({ items }) => {
    fill(box, items?.length ? [h("h3", null, "Credentials"), ...items.map((it) => item(it, read))] : null);
  }, () => {}); // gone meanwhile
  read();
  return box;
}

// end ends a session that the app keeps, when that is confirmed, and reads anew.
async function end(it, read) {
  if (!await ask("End this session?", `Whoever sends the cookie ${it.name} has no session from then on. What is in it is gone.`, "End session")) return;
  try {
    await post(`sessions/${encodeURIComponent(it.ref)}/forget`, {});
    toast("The session has ended");
  } catch (err) { toast(err.message + (err.hint ? "\n" + err.hint : ""), "bad"); }
  await read();
}

function item(it, read) {
  const el = h("details", { class: "credential" },
    h("summary", null, h("b", null, it.kind), " ", h("code", null, it.name), " ", h("span", { class: "dimmed" }, [it.part, it.format].filter(Boolean).join(", "))),
    (it.notes || []).map((n) => h("p", { class: WORDS[n.severity] || "" }, n.text)),
    it.fields?.length ? h("table", { class: "headers" }, h("tbody", null, it.fields.map((f) => h("tr", null, h("th", { scope: "row" }, f.name), h("td", null, f.value))))) : null,
    it.ref ? h("p", null, h("button", { type: "button", class: "end-session", onclick: () => end(it, read) }, "End session")) : null);
  el.open = true;
  return el;
}
