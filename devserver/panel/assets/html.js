// The panel's tab "HTML": a click on a finding's place shows the element in the page.

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`
.show{position:fixed;pointer-events:none;border:2px solid #c8323c;background:#c8323c26;border-radius:4px;box-shadow:0 0 0 3px #ffffffb3}
@media(prefers-color-scheme:dark){.show{border-color:#ff7a82;box-shadow:0 0 0 3px #00000080}}
.show span{position:absolute;left:-2px;bottom:100%;margin-bottom:5px;padding:1px 7px;border-radius:5px;background:#c8323c;color:#fff;font:600 12px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:nowrap}
.show.low span{bottom:auto;top:100%;margin:5px 0 0}
@media print{.show{display:none}}`);

const STAY = 4000; // how long an element stays marked, in ms
let mark = null, until = 0;

// show makes the places within detail work once. What another page's answer has is not in
// this one.
export function show(detail, ask, id, page) {
  const pane = detail.querySelector("#pHTML");
  if (!pane || pane.dataset.asked) return;
  pane.dataset.asked = "1";
  if (id !== page) {
    for (const b of pane.querySelectorAll("[data-show]")) b.replaceWith(b.textContent);
    return;
  }
  const root = pane.getRootNode();
  if (!root.adoptedStyleSheets.includes(SHEET)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, SHEET];
  pane.addEventListener("click", (e) => {
    const b = e.target.closest("[data-show]");
    if (b) point(root, b);
  });
}

function point(root, button) {
  const found = find(button.dataset.show);
  if (!found) return say(button, "no longer in the page");
  const target = visible(found);
  if (!target) return say(button, `<${found.localName}> is not visible`);
  target.scrollIntoView({ block: "center", inline: "nearest", behavior: matchMedia("(prefers-reduced-motion:reduce)").matches ? "instant" : "smooth" });
  mark?.remove();
  mark = document.createElement("div");
  mark.className = "show";
  const name = document.createElement("span");
  name.textContent = `<${found.localName}${found.id ? ' id="' + found.id.slice(0, 40) + '"' : ""}>`;
  mark.append(name);
  root.append(mark);
  until = performance.now() + STAY;
  follow(mark, target);
}

function find(selector) {
  try { return document.querySelector(selector); } catch { return null; }
}

// visible returns the element, or its first ancestor in the body, that has a size.
function visible(e) {
  for (; e && e !== document.documentElement; e = e.parentElement) {
    const r = e.getBoundingClientRect();
    if (r.width > 0 && r.height > 0) return e;
  }
  return null;
}

function follow(box, target) {
  if (box !== mark) return;
  if (performance.now() > until || !target.isConnected) {
    box.remove();
    return;
  }
  const r = target.getBoundingClientRect();
  Object.assign(box.style, { left: r.left - 2 + "px", top: r.top - 2 + "px", width: r.width + 4 + "px", height: r.height + 4 + "px" });
  box.classList.toggle("low", r.top < 30);
  requestAnimationFrame(() => follow(box, target));
}

function say(button, text) {
  const place = button.textContent;
  if (button.dataset.busy) return;
  button.dataset.busy = "1";
  button.textContent = text;
  setTimeout(() => { button.textContent = place; delete button.dataset.busy; }, 2500);
}
