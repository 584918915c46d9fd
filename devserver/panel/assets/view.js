// The opened panel: the list of the page's requests, what happened inside one of them, and
// the errors of a build. panel.js imports it when one of them is first wanted, and view.css
// comes before it as CSS.

let panel, el, on, ask; // panel.js: what it shares, and of that what is needed often
let picked = '', tab = ''; // picked: the id of the opened request; tab: the id of the tab chosen last
let box, title, up, list, detail, hint, more, scrim; // parts of the panel
let shown = false, back = null; // the errors of a build, and what had the focus before them

// start adds the views to the panel, hidden, and returns what panel.js calls of them.
export function start(shared) {
  ({el, on, ask} = panel = shared);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  const root = panel.wrap.getRootNode();
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  makeBox();
  makeScrim();
  return {paint, focus, escape, updated: id => { if (id === picked) pick(id); }, errors, covers: () => shown};
}

function makeBox() {
  const icon = (text, name, f) => {
    const b = el('button', 'i', text, {type: 'button', title: name, 'aria-label': name});
    on(b, 'click', f);
    return b;
  };
  const head = el('div', 'h'), foot = el('div', 'n');
  box = el('section', 'b', null, {role: 'region', 'aria-label': 'pastedev', hidden: true});
  title = el('span', 't g');
  up = icon('‹', 'All requests (Esc)', () => pick(''));
  list = el('ul', 'l');
  detail = el('div', 'v');
  hint = el('span', 'g');
  more = el('a', 'k', 'Inspector ↗', {target: '_blank', rel: 'noopener noreferrer'});
  head.append(up, title, icon('⤢', 'Move to the next corner', () => {
    const at = ['br', 'bl', 'tl', 'tr'], {dataset} = panel.wrap;
    dataset.c = at[(at.indexOf(dataset.c) + 1) % at.length];
    panel.store('localStorage', 'pastedev.corner', dataset.c);
  }), icon('✕', 'Close (Esc)', () => panel.toggle(false)));
  foot.append(hint, more);
  box.append(head, list, detail, foot);
  panel.wrap.prepend(box);
  on(list, 'click', e => {
    const a = e.target.closest('a');
    if (!a || !panel.state.inside || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    pick(a.parentNode.dataset.id);
  });
  on(panel.wrap, 'keydown', e => {
    const step = {ArrowDown: 1, ArrowUp: -1}[e.key], links = all(list, 'a');
    if (shown || picked || !step) return;
    links[Math.max(0, Math.min(links.length - 1, links.indexOf(e.target) + step))]?.focus();
    e.preventDefault();
  });
  on(detail, 'click', e => { const t = e.target.closest('[role=tab]'); if (t) choose(tab = t.id); });
  on(detail, 'keydown', e => {
    const tabs = all(detail, '[role=tab]'), i = tabs.indexOf(e.target);
    const to = {ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: -1}[e.key];
    if (to === undefined || i < 0) return;
    choose(tab = tabs.at(to % tabs.length).id).focus();
    e.preventDefault();
  });
}

const all = (root, selector) => [...root.querySelectorAll(selector)];

// grow makes an element of [tag, class, properties, children]; text stays text.
function grow(n) {
  if (!Array.isArray(n)) return n;
  const e = el(n[0], n[1], null, n[2]);
  e.append(...n[3].map(grow));
  return e;
}

// focus goes to where the keyboard is of use in the opened panel.
function focus() { (picked ? up : list.querySelector('a') || panel.pill).focus(); }

// escape leaves the innermost view, and reports whether there was one.
function escape() {
  const within = document.activeElement === panel.host;
  if (shown) errors(false);
  else if (!panel.open || !within || panel.wrap.getRootNode().activeElement?.closest('[data-esc]')) return false;
  else if (picked) pick('');
  else panel.toggle(false);
  return true;
}

// the list:

const counts = (s = {}) => [['errors', 'error'], ['sql'], ['logs', 'log'], ['calls', 'call'], ['html_errors', 'HTML error']].filter(([k]) => s[k])
  .map(([k, word]) => word ? panel.plural(s[k], word) : s[k] + ' SQL');
const size = n => { // as inspect.FormatSize
  if (!(n >= 1000)) return n >= 0 ? n + ' B' : '';
  for (let i = 0, unit = 1000; ; i++, unit *= 1000) {
    const name = ' ' + ['kB', 'MB', 'GB', 'TB'][i], tenths = Math.round(n / (unit / 10)), whole = Math.round(n / unit);
    if (tenths < 1000) return (tenths / 10).toFixed(1) + name;
    if (whole < 1000 || i === 3) return whole + name;
  }
};

// paint shows what is known now; text is what the pill says.
function paint(text) {
  box.hidden = !panel.open;
  if (!panel.open) return;
  const {rows, state, ms} = panel, p = rows.get(picked);
  title.replaceChildren(el('b', '', (p ? p.method || 'GET' : 'pastedev') + ' '), el('span', 'm', p ? p.path : text + (state.build ? ` · build ${state.build}` : '')));
  if (!p) picked = ''; // forgotten
  up.hidden = detail.hidden = !p;
  list.hidden = !!p;
  more.hidden = !p || !state.control;
  more.href = `${state.control}#/exchanges/${picked}`;
  paintRows();
  hint.textContent = panel.notice || (p ? `${p.status} · ${ms(p.duration_ms)}` : rows.size ? `↑↓ move · Enter opens${state.inside ? '' : ' the inspector'} · Alt+P hides` : 'No requests seen yet.');
}

// paintRows puts the page itself first, then the newest. A row that says the same as before
// is left alone, so that what the user has selected in it stays.
function paintRows() {
  const {rows, state, ms, page} = panel;
  const seen = new Map([...list.children].map(li => [li.dataset.id, li]));
  const order = [...rows.values()].reverse().sort((a, b) => (b.id === page) - (a.id === page));
  let at = list.firstChild;
  for (const r of order) {
    const li = seen.get(r.id) || grow(['li', '', {'data-id': r.id}, [['a', 'r', {target: '_blank', rel: 'noopener noreferrer', tabIndex: 0}, []]]]);
    seen.delete(r.id);
    if (li === at) at = at.nextSibling; else list.insertBefore(li, at);
    const a = li.firstChild;
    if (state.control) a.href = `${state.control}#/exchanges/${r.id}`;
    a.title = r.error || r.path;
    const cells = [['', r.method || '…'], ['t', r.path], [r.sums?.errors ? 'e' : 'm', counts(r.sums).join(' · ')],
      [r.status >= 400 || r.error ? 'e' : '', r.status || '–'], ['', ms(r.duration_ms)], ['', size(r.response_size)]];
    const says = cells.join('\n');
    if (li.says === says) continue;
    li.says = says;
    a.replaceChildren(...cells.map(([cls, text]) => el('span', cls, text)));
  }
  seen.forEach(li => li.remove());
}

// one request:

// pick shows what happened inside a request, again when it is shown already; '' leaves it.
async function pick(id) {
  const was = picked, {activeElement} = panel.wrap.getRootNode(), focused = was === id ? activeElement?.id : '';
  picked = id;
  if (was !== id) detail.replaceChildren();
  panel.paint();
  if (!id) return list.querySelector(`[data-id="${was}"] a`)?.focus();
  let nodes;
  try { ({nodes} = await ask('inside', 'of=' + id)); } catch (e) { // a TypeError is the network's
    nodes = [['p', 'none', {role: 'status'}, [e instanceof TypeError ? 'pastedev does not answer.' : 'Not known, or no longer.']]];
  }
  if (picked !== id) return;
  const pane = () => detail.querySelector('.pane:not([hidden])'), top = pane()?.scrollTop;
  detail.replaceChildren(...nodes.map(grow));
  choose(tab);
  if (top && pane()) pane().scrollTop = top;
  if (was !== id) (detail.querySelector('[tabindex="0"]') || up).focus();
  else if (focused) detail.querySelector('#' + focused)?.focus();
}

// choose shows a tab, or the one most telling where there is none of that id, and returns it.
function choose(id) {
  const tabs = all(detail, '[role=tab]'), byId = name => tabs.find(t => t.id === name);
  const one = byId(id) || [byId('tErrors'), ...tabs].find(t => t?.dataset.n > 0) || tabs[0];
  for (const t of tabs) {
    t.setAttribute('aria-selected', t === one);
    t.tabIndex = t === one ? 0 : -1;
    detail.querySelector('#p' + t.id.slice(1)).hidden = t !== one;
  }
  const script = {tProfile: 'profile.js', tHTML: 'html.js'}[one?.id], of = picked;
  if (script) panel.load(script).then(m => m.show(detail, ask, of, panel.page), () => {
    const wait = detail.querySelector('.pane:not([hidden]) [role=status]');
    if (wait) wait.textContent = 'This cannot be loaded: ' + panel.missing();
  });
  return one;
}

// the errors of a build:

function makeScrim() {
  scrim = el('div', 's', null, {hidden: true});
  panel.wrap.lastChild.append(scrim);
  on(scrim, 'click', async ({target}) => {
    if (target === scrim || target.dataset.do === 'close') errors(false);
    if (target.dataset.do === 'copy') try {
      await navigator.clipboard.writeText(panel.build.text);
      target.textContent = 'Copied';
    } catch { target.textContent = 'No clipboard here'; }
  });
  on(scrim, 'keydown', e => { // focus stays in the dialog
    if (e.key !== 'Tab') return;
    const stops = all(scrim, 'a,button'), i = stops.indexOf(e.target) + (e.shiftKey ? -1 : 1);
    stops.at(i % stops.length)?.focus();
    e.preventDefault();
  });
}

// errors shows or hides the dialog. It takes the focus, but not from who is typing.
function errors(v) {
  if (v && !panel.build?.nodes || !v && !shown) return;
  shown = v;
  scrim.hidden = !v;
  if (!v) {
    if (document.activeElement === panel.host && back?.isConnected) back.focus();
    back = null;
    return;
  }
  scrim.replaceChildren(grow(panel.build.nodes));
  const a = document.activeElement;
  if (document.hasFocus() && a?.matches?.('input,textarea,select,[contenteditable]')) return;
  if (a !== panel.host) back = a;
  scrim.querySelector('[data-do=close]').focus({preventScroll: true});
}
