// pastedev in the page. It leaves no globals and makes no markup from text, so it runs
// under any policy that lets it load.
(() => {
'use strict';
const me = document.currentScript;
if (!me || self.origin === 'null') return;
const src = new URL(me.src), args = src.searchParams, base = src.pathname.replace(/[^/]*$/, '');
me.remove();
if (self !== top) try { if (top.location.origin === location.origin) return; } catch {} // the outer page does it
const root = document.documentElement, NAME = 'pastedev-panel';
if ([...root.children].some(e => e.localName === NAME)) return;
const page = args.get('id'), auth = `id=${page}&cap=${args.get('cap')}`;
const pageBuild = +args.get('b'), pageGen = args.get('g');
let assets = +args.get('a');

const CSS = `
:host{all:initial!important;position:fixed!important;z-index:2147483647!important;color-scheme:light dark}
*{box-sizing:border-box;margin:0;font:inherit;color:inherit}
.w{--bg:#fffffff2;--fg:#1d2330;--mut:#667085;--line:#0000001a;--soft:#0000000a;--ok:#1a8f5a;--warn:#b26a00;--bad:#c8323c;--badbg:#c8323c14;--link:#2a5bd7;
position:fixed;z-index:1;right:14px;bottom:14px;display:flex;flex-direction:column;align-items:flex-end;gap:8px;font:12px/1.45 ui-sans-serif,system-ui,sans-serif;color:var(--fg);font-variant-numeric:tabular-nums}
@media(prefers-color-scheme:dark){.w{--bg:#1c2029f2;--fg:#e7eaf0;--mut:#98a2b3;--line:#ffffff1f;--soft:#ffffff0d;--ok:#4cc38a;--warn:#e8a33d;--bad:#ff7a82;--badbg:#ff7a821f;--link:#8fb0ff}}
.w[data-c=bl],.w[data-c=tl]{right:auto;left:14px;align-items:flex-start}
.w[data-c=tl],.w[data-c=tr]{bottom:auto;top:14px;flex-direction:column-reverse}
button{background:none;border:0;cursor:pointer;padding:0}
:focus-visible{outline:2px solid var(--link);outline-offset:1px}
.p,.b{background:var(--bg);border:1px solid var(--line);box-shadow:0 1px 2px #0000000f,0 6px 24px #0000001f;backdrop-filter:blur(10px)}
.p{display:flex;align-items:center;gap:7px;height:28px;padding:0 11px;border-radius:14px;opacity:.86;transition:opacity .15s}
.p:hover,.p:focus-visible,.o .p{opacity:1}
.d{flex:none;width:8px;height:8px;border-radius:4px;background:var(--mut)}
.ok{background:var(--ok)}.hm,.warn{background:var(--warn)}.bad{background:var(--bad)}
.warn{animation:f 1.2s ease-in-out infinite alternate}@keyframes f{to{opacity:.35}}
.m{color:var(--mut)}.e{color:var(--bad)}.g{flex:1;min-width:0}
.b{width:480px;max-width:calc(100vw - 28px);max-height:min(420px,62vh);border-radius:12px;display:flex;flex-direction:column;overflow:hidden}
.h{display:flex;align-items:center;gap:10px;padding:9px 12px;border-bottom:1px solid var(--line)}
.h b{font-weight:600}.t{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.i{min-width:22px;height:22px;padding:0 4px;border-radius:6px;color:var(--mut)}.i:hover{background:var(--soft);color:var(--fg)}
.l{overflow:auto;padding:4px;list-style:none;overscroll-behavior:contain}
.r{display:grid;grid:auto/44px 1fr auto 28px 54px;grid-auto-flow:column;grid-auto-columns:54px;gap:8px;align-items:baseline;padding:4px 8px;border-radius:7px;text-decoration:none}
.r:hover,.r:focus{background:var(--soft)}.r>:nth-child(n+5){text-align:right;color:var(--mut)}.r>:nth-child(1){color:var(--mut)}
.n{display:flex;gap:12px;padding:8px 12px;border-top:1px solid var(--line);color:var(--mut)}
.v{display:flex;flex-direction:column;min-height:0}
[hidden]{display:none!important}
@media(max-width:480px){.r>:last-child{display:none}}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media print{.w{display:none!important}}`;

const el = (tag, cls, text, props) => {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  if (text != null) e.textContent = text;
  for (const k in props) k in e ? e[k] = props[k] : e.setAttribute(k, props[k]);
  return e;
};
const store = (area, key, value) => { // may be forbidden or full
  try { const s = self[area]; return value === undefined ? s.getItem(key) : s.setItem(key, value); } catch { return null; }
};
const on = (t, type, f, o) => t.addEventListener(type, f, o);
const all = (root, selector) => [...root.querySelectorAll(selector)];
const ask = async (what, args) => (await fetch(`${base}${what}?${auth}&${args}`)).json();

// the page's exchanges:
const rows = new Map(); // id → what is known, newest last
const MAX = 200, want = new Set();
let lookupTimer = 0;
function note(entry) {
  if (new URL(entry.name, location).pathname.startsWith(base)) return;
  for (const t of entry.serverTiming || []) if (t.name === 'pastedev' && /^[0-9a-f]{32}$/.test(t.description)) {
    const id = t.description, u = new URL(entry.name, location);
    if (rows.has(id)) continue;
    rows.set(id, {id, path: u.pathname, status: entry.responseStatus, duration_ms: entry.duration, response_size: entry.encodedBodySize, tries: 0});
    if (rows.size > MAX) rows.delete(rows.keys().next().value);
    want.add(id);
  }
  draw();
  lookup();
}
function lookup(wait = 200) {
  if (lookupTimer || !want.size) return;
  lookupTimer = setTimeout(async () => {
    lookupTimer = 0;
    const ids = [...want].filter(id => open || id === page).slice(0, 50);
    if (!ids.length) return;
    for (const id of ids) want.delete(id);
    try {
      const {items} = await ask('exchanges', 'ids=' + ids);
      for (const it of items) if (rows.has(it.id)) Object.assign(rows.get(it.id), it, {known: !it.in_flight});
      if (ids.includes(page)) prints();
    } catch {}
    for (const id of ids) { const r = rows.get(id); if (r && !r.known && r.tries++ < 4) want.add(id); }
    draw();
    lookup(800);
  }, wait);
}
for (const type of ['navigation', 'resource'])
  try { new PerformanceObserver(l => l.getEntries().forEach(note)).observe({type, buffered: true}); } catch {}

// drawing:
let open = store('sessionStorage', 'pastedev.open') === '1', corner = store('localStorage', 'pastedev.corner') || 'br';
let state = {state: '', build: 0}, build = null, notice = '', shown = false, back = null;
const host = el(NAME), wrap = el('div', 'w'), pill = el('button', 'p', null, {type: 'button'});
const dot = el('span', 'd'), label = el('span'), box = el('section', 'b', null, {role: 'region', 'aria-label': 'pastedev'});
const title = el('span', 't g'), list = el('ul', 'l'), detail = el('div', 'v'), foot = el('div', 'n'), hint = el('span', 'g'), scrim = el('div', 's', null, {hidden: true});
const icon = (text, name, f) => { const b = el('button', 'i', text, {type: 'button', title: name, 'aria-label': name}); on(b, 'click', f); return b; };
const head = el('div', 'h');
const up = icon('‹', 'All requests (Esc)', () => pick('')), more = el('a', 'k', 'Inspector ↗', {target: '_blank', rel: 'noopener noreferrer'});
foot.append(hint, more);
head.append(up, title, icon('⤢', 'Move to the next corner', () => {
  const at = ['br', 'bl', 'tl', 'tr'];
  store('localStorage', 'pastedev.corner', corner = at[(at.indexOf(corner) + 1) % 4]);
  draw();
}), icon('✕', 'Close (Esc)', () => toggle(false)));
box.append(head, list, detail, foot);
pill.append(dot, label);
wrap.append(box, pill, el('div'));
wrap.lastChild.append(scrim);
const shadow = host.attachShadow({mode: 'closed'}), sheets = [new CSSStyleSheet(), new CSSStyleSheet()];
sheets[0].replaceSync(CSS);
shadow.adoptedStyleSheets = sheets;
shadow.append(wrap);
const ms = d => !(d >= 0) ? '' : d < 10 ? d.toFixed(1) + ' ms' : d < 1000 ? Math.round(d) + ' ms' : (d / 1000).toFixed(2) + ' s';
const size = n => !(n >= 0) ? '' : n < 1000 ? n + ' B' : n < 1e6 ? (n / 1000).toFixed(1) + ' kB' : (n / 1e6).toFixed(1) + ' MB';
const plural = (n, s) => `${n} ${s}${n === 1 ? '' : 's'}`;
const counts = s => [['errors', 'error'], ['sql'], ['logs', 'log'], ['calls', 'call'], ['html_errors', 'HTML error']].filter(([k]) => s?.[k]).map(([k, word]) => word ? plural(s[k], word) : s.sql + ' SQL');
const failing = () => !!build?.nodes;
const grow = n => { // text or [tag, class, properties, children]
  if (!Array.isArray(n)) return n;
  const e = el(n[0], n[1], null, n[2]);
  e.append(...n[3].map(grow));
  return e;
};

let frame = 0;
function draw() { // once per frame; a hidden page has none
  if (!frame) frame = (document.hidden ? setTimeout : requestAnimationFrame)(() => { frame = 0; paint(); });
}
function paint() {
  const r = rows.get(page), s = state.state, bad = [...rows.values()].filter(r => r.status >= 500 || r.error).length;
  let kind = 'ok', text = r ? [r.status || '', ms(r.duration_ms)].filter(Boolean).join(' · ') : 'pastedev';
  const sums = {...r?.sums, logs: 0, calls: 0};
  text = [text, ...counts(sums)].join(' · ');
  if (rows.size > 1) text += ` · ${plural(rows.size, 'request')}`;
  if (sums.html_errors) kind = 'hm';
  if (sums.errors) kind = 'bad';
  if (bad) { kind = 'bad'; text += ` · ${bad} failed`; }
  if (!s) kind = '';
  if (notice) { kind = 'warn'; text = notice; }
  if (s === 'backoff' || s === 'stopped') { kind = 'bad'; text = (s === 'stopped' ? 'stopped' : 'crashed') + (state.detail ? ': ' + state.detail : ''); }
  if (failing() || s === 'failed') { kind = 'bad'; text = 'build failed' + (build && build.errors ? ` · ${plural(build.errors, 'error')}` : ''); }
  if (s === 'building') { kind = 'warn'; text = 'building' + (build && build.total ? ` ${build.done || 0}/${build.total}` : '') + '…'; }
  if (s === 'starting') { kind = 'warn'; text = 'restarting…'; }
  dot.className = 'd ' + kind;
  label.textContent = text;
  wrap.className = open ? 'w o' : 'w';
  wrap.dataset.c = corner;
  box.hidden = !open;
  pill.setAttribute('aria-expanded', open);
  pill.title = 'pastedev (Alt+P)';
  if (open) paintList(text);
}
function paintList(text) {
  const p = rows.get(picked);
  title.replaceChildren(el('b', '', (p ? p.method || 'GET' : 'pastedev') + ' '), el('span', 'm', p ? p.path : text + (state.build ? ` · build ${state.build}` : '')));
  up.hidden = detail.hidden = !p;
  list.hidden = !!p;
  more.hidden = !p || !state.control;
  more.href = `${state.control}#/exchanges/${picked}`;
  const seen = new Map([...list.children].map(li => [li.dataset.id, li]));
  for (const r of [...rows.values()].reverse()) {
    let li = seen.get(r.id);
    seen.delete(r.id);
    if (!li) {
      li = grow(['li', '', {'data-id': r.id}, [['a', 'r', {target: '_blank', rel: 'noopener noreferrer', tabIndex: 0}, []]]]);
      list.insertBefore(li, r.id === page ? null : list.firstChild);
    }
    const a = li.firstChild;
    if (state.control) a.href = `${state.control}#/exchanges/${r.id}`;
    a.title = r.error || r.path;
    a.replaceChildren(...[['', r.method || '…'], ['t', r.path], [r.sums?.errors ? 'e' : 'm', counts(r.sums).join(' · ')],
      [r.status >= 400 || r.error ? 'e' : '', r.status || '–'], ['', ms(r.duration_ms)], ['', size(r.response_size)]].map(([cls, text]) => el('span', cls, text)));
  }
  seen.forEach(li => li.remove());
  hint.textContent = notice || (p ? `${p.status} · ${ms(p.duration_ms)}` : rows.size ? '↑↓ move · Enter opens · Alt+P hides' : 'No requests seen yet.');
}

// inside:
let picked = '', tab = '';
async function pick(id) {
  const was = picked, focus = was === id ? shadow.activeElement?.id : '';
  picked = id;
  if (was !== id) detail.replaceChildren();
  paint();
  if (!id) return list.querySelector(`[data-id="${was}"] a`)?.focus();
  let d = {css: '', nodes: [['p', 'n', null, ['Not known, or no longer.']]]};
  try { d = await ask('inside', 'of=' + id); } catch {}
  if (picked !== id) return;
  sheets[1].replaceSync(d.css);
  const top = detail.querySelector('.pane:not([hidden])')?.scrollTop;
  detail.replaceChildren(...d.nodes.map(grow));
  choose(tab);
  if (top) detail.querySelector('.pane:not([hidden])').scrollTop = top;
  if (was !== id) (detail.querySelector('[tabindex="0"]') || up).focus();
  else if (focus) detail.querySelector('#' + focus)?.focus();
}
function choose(name) {
  const tabs = all(detail, '[role=tab]');
  const one = tabs.find(t => t.id === name) || [tabs[3], ...tabs].find(t => t?.dataset.n > 0) || tabs[0];
  for (const t of tabs) {
    t.ariaSelected = t === one;
    t.tabIndex = t === one ? 0 : -1;
    detail.querySelector('#p' + t.id.slice(1)).hidden = t !== one;
  }
  const js = {tProfile: 'profile', tHTML: 'html'}[one?.id];
  if (js) import(base + js + '.js').then(m => m.show(detail, ask, picked, page)).catch(() => {});
  return one;
}
on(list, 'click', e => {
  const a = e.target.closest('a');
  if (!a || !state.inside || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  pick(a.parentNode.dataset.id);
});
on(detail, 'click', e => { const t = e.target.closest('[role=tab]'); if (t) choose(tab = t.id); });
on(detail, 'keydown', e => {
  const step = {ArrowRight: 1, ArrowLeft: -1}[e.key], tabs = all(detail, '[role=tab]'), i = tabs.indexOf(e.target);
  if (!step || i < 0) return;
  choose(tab = tabs.at((i + step) % tabs.length).id).focus();
  e.preventDefault();
});
async function prints() { // into the place that the page has for them, if any
  const pre = document.querySelector('pre#pastedev-prints,pre#paste-debug-prints');
  if (!pre || !rows.get(page)?.sums?.logs) return;
  try { pre.textContent = (await ask('inside', 'of=' + page)).prints || pre.textContent; } catch {}
}
function toggle(v = !open) {
  open = v;
  store('sessionStorage', 'pastedev.open', v ? '1' : '0');
  paint();
  if (v) { lookup(0); (picked ? up : list.querySelector('a') || pill).focus(); } else if (document.activeElement === host) pill.focus();
}
on(pill, 'click', () => failing() ? overlay(true) : toggle());
on(wrap, 'keydown', e => {
  const step = {ArrowDown: 1, ArrowUp: -1}[e.key], links = all(list, 'a');
  if (shown || picked || !step) return;
  links[Math.max(0, Math.min(links.length - 1, links.indexOf(e.target) + step))]?.focus();
  e.preventDefault();
});
on(window, 'keydown', e => {
  if (e.altKey && !e.ctrlKey && !e.metaKey && e.code === 'KeyP') { shown ? overlay(false) : toggle(); }
  else if (e.key === 'Escape' && shown) overlay(false);
  else if (e.key === 'Escape' && open && document.activeElement === host && !shadow.activeElement?.closest('[data-esc]')) picked ? pick('') : toggle(false);
  else return;
  e.preventDefault();
  e.stopImmediatePropagation();
}, true);

// the build-error overlay:
function overlay(v) {
  shown = v;
  scrim.hidden = !v;
  if (v) sheets[1].replaceSync(build.css);
  else {
    if (document.activeElement === host && back?.isConnected) back.focus();
    return back = null;
  }
  scrim.replaceChildren(grow(build.nodes));
  const a = document.activeElement;
  if (!document.hasFocus() || !a?.matches?.('input,textarea,select,[contenteditable]')) { if (a !== host) back = a; scrim.querySelector('[data-do=close]').focus({preventScroll: true}); }
}
on(scrim, 'click', async ({target}) => {
  if (target === scrim || target.dataset.do === 'close') overlay(false);
  if (target.dataset.do === 'copy') try { await navigator.clipboard.writeText(build.text); target.textContent = 'Copied'; } catch { target.textContent = 'No clipboard here'; }
});
on(scrim, 'keydown', e => { // focus stays in the dialog
  if (e.key !== 'Tab') return;
  const stops = all(scrim, 'a,button'), i = stops.indexOf(e.target) + (e.shiftKey ? -1 : 1);
  stops.at(i % stops.length)?.focus();
  e.preventDefault();
});

// live reload:
let reloading = false;
async function reload() {
  if (reloading) return;
  reloading = true;
  let m = rows.get(page)?.method;
  try { m ||= (await ask('exchanges', 'ids=' + page)).items[0].method; } catch {}
  if (m !== 'GET') { reloading = false; notice = 'new build: send the form again to see it'; return draw(); }
  es?.close();
  store('sessionStorage', 'pastedev.scroll', JSON.stringify([location.href, scrollX, scrollY]));
  location.reload();
}
on(window, 'load', () => {
  const s = store('sessionStorage', 'pastedev.scroll');
  if (!s) return;
  try { sessionStorage.removeItem('pastedev.scroll'); } catch {}
  const [href, left, top] = JSON.parse(s);
  if (href === location.href) requestAnimationFrame(() => { if (scrollY !== top || scrollX !== left) scrollTo({left, top, behavior: 'instant'}); });
});

async function swapStyles() {
  const fresh = []; // imports, anew in the cache first
  const imports = (sheet, depth = 0) => {
    try { for (const r of sheet.cssRules) if (r instanceof CSSImportRule && depth < 8) {
      const u = new URL(r.href, sheet.href || location);
      if (u.origin === location.origin) { fresh.push(fetch(u, {cache: 'reload'}).catch(() => {})); imports(r.styleSheet, depth + 1); }
    } } catch {}
    return fresh.length;
  };
  const links = all(document, 'link[rel~="stylesheet"][href]').filter(l => !l.hasAttribute('data-no-reload') && new URL(l.href).origin === location.origin);
  const styles = all(document, 'style').filter(s => !s.hasAttribute('data-no-reload') && s.sheet && imports(s.sheet));
  links.forEach(l => l.sheet && imports(l.sheet));
  await Promise.all(fresh);
  for (const s of styles) s.replaceWith(s.cloneNode(true));
  for (const old of links) {
    if (old.dataset.pastedevOld || !old.isConnected) continue;
    const link = old.cloneNode(), u = new URL(old.href);
    u.searchParams.set('pastedev', Date.now().toString(36));
    link.removeAttribute('integrity');
    link.href = u;
    old.dataset.pastedevOld = 1;
    on(link, 'load', () => old.remove());
    on(link, 'error', () => { link.remove(); delete old.dataset.pastedevOld; });
    old.after(link);
  }
}

let es = null, delay = 1000, retry = 0;
function connect() {
  clearTimeout(retry);
  if (es || reloading || document.visibilityState !== 'visible') return;
  es = new EventSource(`${base}events?${auth}`);
  const hear = (type, f) => on(es, type, e => { delay = 1000; f(JSON.parse(e.data)); draw(); });
  hear('state', s => {
    state = s;
    notice = '';
    if (s.state === 'running') {
      if (pageBuild ? s.build && s.build !== pageBuild : pageGen !== null && s.generation !== +pageGen) return reload();
      if (s.assets !== assets) { assets = s.assets; return reload(); }
    }
    if (s.state !== 'failed' && s.state !== 'building') { build = null; if (shown) overlay(false); }
  });
  hear('build', b => {
    const before = build?.text;
    if (b.result === 'canceled') return;
    if (!b.errors && !b.result && failing()) { build.done = b.done; build.total = b.total; return; } // still the old errors
    build = b;
    if (!failing()) { if (shown) overlay(false); } else if (before !== b.text) overlay(true);
  });
  hear('updated', ({id}) => {
    if (!rows.has(id)) return;
    want.add(id);
    lookup(0);
    if (id === picked) pick(id);
  });
  hear('assets', a => {
    assets = a.assets;
    a.styles ? swapStyles() : reload();
  });
  on(es, 'error', async () => {
    if (es?.readyState !== 2) return; // the browser tries again by itself
    es = null;
    state = {...state, state: ''};
    try {
      const r = await fetch(`${base}exchanges?${auth}&ids=`);
      if (r.status === 403) { notice = 'page of an earlier run: Shift+Reload reconnects'; return draw(); }
    } catch {}
    draw();
    retry = setTimeout(connect, delay = Math.min(delay * 2, 30000));
  });
}
function disconnect() { es?.close(); es = null; clearTimeout(retry); }
on(document, 'securitypolicyviolation', e => {
  if (e.blockedURI.includes(base) && e.disposition === 'enforce') { disconnect(); notice = 'live reload is off: a <meta> policy forbids it'; draw(); }
});
on(document, 'visibilitychange', () => document.visibilityState === 'visible' ? connect() : disconnect());
on(window, 'pagehide', disconnect);
on(window, 'pageshow', connect);

// the host:
let returns = 0;
const attach = () => { if (!host.isConnected && returns++ < 50) document.documentElement.append(host); };
function begin() {
  attach();
  new MutationObserver(attach).observe(document, {childList: true});
  new MutationObserver(attach).observe(root, {childList: true});
  paint();
  connect();
  prints();
}
document.readyState === 'loading' ? on(document, 'DOMContentLoaded', begin) : begin();
})();
