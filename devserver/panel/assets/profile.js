// The panel's tab "Profile": where the time of one exchange went, in short. The last part
// of the module; what it draws with is the flame graph's.

const TOP = 5; // functions told by name

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`
.prof{color-scheme:light dark;padding:9px 14px 8px;--fl-height:230px}
.prof .verdict{color:var(--warn);font-weight:600;margin-bottom:7px;overflow-wrap:anywhere}
.prof .flame{--k-text:var(--fg);--k-dim:var(--mut);--k-line:var(--line)}
.prof .fl-bar{min-height:0;margin-bottom:3px}
.prof table{width:100%;border-collapse:collapse;margin-top:8px}
.prof th{font-weight:400;color:var(--mut);text-align:left;padding:3px 0}
.prof td{padding:3px 0;border-top:1px solid var(--line);vertical-align:top}
.prof .num{text-align:right;white-space:nowrap;padding-left:12px;width:1%}
.prof .fn{overflow-wrap:anywhere;unicode-bidi:isolate;font:12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.whole{padding-top:0}
.prof a{color:var(--link);text-decoration:none}.prof a:hover{text-decoration:underline}`);

// show fills the tab within detail once. ask is the panel's way to its endpoints, id the
// exchange.
export async function show(detail, ask, id) {
  const pane = detail.querySelector("#pProfile");
  if (!pane || pane.dataset.asked) return;
  pane.dataset.asked = "1";
  const root = pane.getRootNode();
  if (!root.adoptedStyleSheets.includes(SHEET)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, SHEET];
  let d = { note: "Not known, or no longer." };
  try { d = await ask("profile", "of=" + id); } catch { /* gone, or another page's */ }
  const box = make("div", "prof");
  pane.firstChild.replaceWith(box);
  if (d.verdict) box.append(make("p", "verdict", null, d.verdict));
  if (d.tree) draw(box, d);
  else box.append(make("p", "m", null, d.note || ""));
}

function draw(box, d) {
  const tree = new Tree(d.tree), flame = new Flame({ compact: true, editor: () => d.editor });
  box.append(flame.el);
  flame.show(tree);
  const rows = tree.top().slice(0, TOP).map((r) => make("tr", "", null, make("td", "fn", { title: r.name }, short(r.fn).slice(0, 200)),
    make("td", "num m", null, r.calls > 1 ? "×" + r.calls.toLocaleString("en") : ""), make("td", "num", null, duration(r.self)), make("td", "num m", null, duration(r.total))));
  const head = ["By own time", "", "self", "total"].map((t, i) => make("th", i ? "num" : "", { scope: "col" }, t));
  box.append(make("table", "", null, make("thead", "", null, make("tr", "", null, ...head)), make("tbody", "", null, ...rows)));
}
