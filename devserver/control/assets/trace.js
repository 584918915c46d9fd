// trace.js: the fields of a trace's page that compute an expression in a frame. It is the
// only script of that page, and makes nothing but text and elements of its own.

const el = (tag, cls, ...kids) => {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  e.append(...kids);
  return e;
};

// value draws a variable as the page draws its own.
function value(v, depth = 0) {
  const parts = [el("span", "vn", v.name), " ", el("span", "vv " + kind(v), v.unreadable || v.value + (v.more && !v.children?.length ? "…" : "")), " ", el("span", "vt", v.type)];
  if (!v.children?.length || depth > 8) return el("div", "v leaf", ...parts);
  const more = v.len > v.children.length ? [el("div", "v more", v.len - v.children.length + " more")] : [];
  const tree = el("details", "v", el("summary", "", ...parts), el("div", "kids", ...v.children.map((c) => value(c, depth + 1)), ...more));
  tree.open = depth === 0;
  return tree;
}

function kind(v) {
  if (v.unreadable) return "gone";
  if (/(^|\s)nil$/.test(v.value)) return "nil";
  if (/^["`]/.test(v.value)) return "str";
  return /^(true|false|[-\d])/.test(v.value) ? "num" : "obj";
}

for (const form of document.querySelectorAll("form.eval")) {
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const { url, frame } = form.dataset, out = form.querySelector("output"), expr = form.elements.expr.value.trim();
    if (!expr) return out.replaceChildren();
    const run = (form.run || 0) + 1;
    form.run = run;
    out.replaceChildren(el("p", "quiet", "computing…"));
    let shown;
    try {
      const res = await fetch(url, {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ trace: Number(new URL(url, location).searchParams.get("trace")), frame: Number(frame), expr }),
      });
      const answer = await res.json();
      shown = res.ok ? value({ ...answer, name: expr }) : el("p", "err", answer.detail || answer.title, answer.hint ? el("span", "quiet", " " + answer.hint) : "");
    } catch { shown = el("p", "err", "pastedev does not answer: it may have ended"); }
    if (form.run === run) out.replaceChildren(shown);
  });
}
