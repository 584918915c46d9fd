// pastedev in the page: live reload, and the pill. What the pill opens is in view.js. It
// leaves no globals and makes no markup from text, so it runs under any policy that lets
// it load. Where a <meta> has a policy, the modules and the state stand before it: parts, told.
(() => {
'use strict';
const me = document.currentScript;
if (!me || self.origin === 'null') return;
const src = new URL(me.getAttribute('src'), location.origin); // me.src is under a <base> by now
const args = src.searchParams, base = src.origin + src.pathname.replace(/[^/]*$/, '');
me.remove();
// The outer page of this origin does it for its frames. Beside others below a foreign page only
// the first one shows anything; each reloads itself.
const ours = w => { try { return w.location.origin === location.origin; } catch {} };
const first = w => ours(w) ? w : Array.from({length: w.length}, (_, i) => first(w[i])).find(Boolean);
for (let w = self; w !== top;) if (ours(w = w.parent)) return;
const framed = self !== top, quiet = framed && first(top) !== self;
const root = document.documentElement, NAME = 'pastedev-panel';
if ([...root.children].some(e => e.localName === NAME)) return;
const page = args.get('id'), auth = `id=${page}&cap=${args.get('cap')}`;
const pageBuild = +args.get('b'), pageGen = args.get('g');
let assets = +args.get('a');

const CSS = `
:host{all:initial!important;position:fixed!important;z-index:2147483647!important;color-scheme:light dark!important;direction:ltr!important}
*{box-sizing:border-box;margin:0;font:inherit;color:inherit}
.w{--bg:#fffffff2;--fg:#1d2330;--mut:#667085;--line:#0000001a;--ok:#1a8f5a;--warn:#a36100;--bad:#c8323c;--link:#2a5bd7;
position:fixed;z-index:1;right:14px;bottom:14px;display:flex;flex-direction:column;align-items:flex-end;gap:8px;font:12px/1.45 ui-sans-serif,system-ui,sans-serif;color:var(--fg);font-variant-numeric:tabular-nums}
@media(prefers-color-scheme:dark){.w{--bg:#1c2029f2;--fg:#e7eaf0;--mut:#98a2b3;--line:#ffffff1f;--ok:#4cc38a;--warn:#e8a33d;--bad:#ff7a82;--link:#8fb0ff}}
.w[data-c=bl],.w[data-c=tl]{right:auto;left:14px;align-items:flex-start}
.w[data-c=tl],.w[data-c=tr]{bottom:auto;top:14px;flex-direction:column-reverse}
button{background:none;border:0;cursor:pointer;padding:0}
:focus-visible{outline:2px solid var(--link);outline-offset:1px}
.p,.b{background:var(--bg);border:1px solid var(--line);box-shadow:0 1px 2px #0000000f,0 6px 24px #0000001f;backdrop-filter:blur(10px)}
.p{display:flex;align-items:center;gap:7px;height:28px;padding:0 11px;border-radius:14px;opacity:.86;transition:opacity .15s}
.p:hover,.p:focus-visible,.o .p{opacity:1}
.f .p:not(:hover,:focus-visible){padding:0 9px}.f .p:not(:hover,:focus-visible) :last-child{display:none}
.d{flex:none;width:8px;height:8px;border-radius:4px;background:var(--mut)}
.ok{background:var(--ok)}.hm,.warn{background:var(--warn)}.bad{background:var(--bad)}
.warn{animation:f 1.2s ease-in-out infinite alternate}@keyframes f{to{opacity:.35}}
.a{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
[hidden]{display:none!important}
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
const ask = async (what, args) => (await fetch(`${base}${what}?${auth}&${args}`)).json();
const ms = d => { // as inspect.FormatDuration
  const r = unit => Math.round(Math.round(d * 1e6) / unit), pair = (n, a, b) => `${n / 60 | 0}${a}${String(n % 60).padStart(2, 0)}${b}`;
  return !(d >= 0) ? '' : !d ? '0 ms' : r(1e3) < 1e3 ? r(1e3) + ' µs' : r(1e5) < 1e3 ? (r(1e5) / 10).toFixed(1) + ' ms' : r(1e6) < 1e3 ? r(1e6) + ' ms'
    : r(1e7) < 1e3 ? (r(1e7) / 100).toFixed(2) + ' s' : r(1e8) < 600 ? (r(1e8) / 10).toFixed(1) + ' s' : r(1e9) < 3600 ? pair(r(1e9), 'm', 's') : pair(r(6e10), 'h', 'm');
};
const plural = (n, s) => `${n} ${s}${n === 1 ? '' : 's'}`;

const rows = new Map(); // the page's requests: id → what is known, newest last
const host = el(NAME), wrap = el('div', 'w', null, {lang: 'en'}), pill = el('button', 'p', null, {type: 'button', title: 'pastedev (Alt+P)', 'aria-keyshortcuts': 'Alt+P'});
const dot = el('span', 'd'), label = el('span'), status = el('div', 'a', null, {role: 'status'});
// what the modules share:
const panel = {page, rows, host, wrap, pill, el, on, store, ask, ms, plural, load, missing, paint, toggle,
  open: store('sessionStorage', 'pastedev.open') === '1', state: {state: '', build: 0}, build: null, notice: ''};
const modules = {}; // by name, promises
if (typeof parts === 'object') {
  panel.state = told;
  for (const name in parts) modules[name] = Promise.resolve().then(parts[name]);
}

// the page's requests:
const MAX = 200, want = new Set(); // want: what to look up
let lookupTimer = 0;
function note(entry) {
  if (entry.name.startsWith(base)) return;
  for (const t of entry.serverTiming || []) if (t.name === 'pastedev' && /^[0-9a-f]{32}$/.test(t.description)) {
    const id = t.description;
    if (rows.has(id)) continue;
    rows.set(id, {id, path: new URL(entry.name, location).pathname, status: entry.responseStatus, duration_ms: entry.duration, response_size: entry.encodedBodySize, tries: 0});
    want.add(id);
    if (rows.size > MAX) forget();
  }
  draw();
  lookup();
}
function forget() { // the oldest, but not the page itself
  for (const id of rows.keys()) if (id !== page) { rows.delete(id); want.delete(id); return; }
}
function lookup(wait = 200) {
  if (lookupTimer || mute || !want.size) return;
  lookupTimer = setTimeout(async () => {
    lookupTimer = 0;
    const ids = [...want].filter(id => panel.open || id === page).slice(0, 50);
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
async function prints() { // into the place that the page has for them, if any
  const pre = document.querySelector('pre#pastedev-prints,pre#paste-debug-prints');
  if (!pre || !rows.get(page)?.sums?.logs) return;
  try { pre.textContent = (await ask('inside', 'of=' + page)).prints || pre.textContent; } catch {}
}

// the pill:
wrap.dataset.c = store('localStorage', 'pastedev.corner') || 'br';
pill.append(dot, label);
wrap.append(pill, status, el('div'));
const shadow = host.attachShadow({mode: 'closed'}), sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);
shadow.adoptedStyleSheets = [sheet];
shadow.append(wrap);
let frame = 0;
function draw() { // once per frame; a hidden page has none
  if (!frame) frame = (document.hidden ? setTimeout : requestAnimationFrame)(() => { frame = 0; paint(); });
}
const failing = () => !!panel.build?.nodes;
function trouble() { // what the target's state has to say: kind and text
  const {state: {state, detail}, build, notice} = panel;
  if (state === 'starting') return ['warn', 'restarting…'];
  if (state === 'building') return ['warn', 'building' + (build?.total ? ` ${build.done || 0}/${build.total}` : '') + '…'];
  if (failing() || state === 'failed') return ['bad', 'build failed' + (build?.errors ? ` · ${plural(build.errors, 'error')}` : '')];
  if (state === 'backoff' || state === 'stopped') return ['bad', (state === 'stopped' ? 'stopped' : 'crashed') + (detail ? ': ' + detail : '')];
  return notice && ['warn', notice];
}
function summary() { // of the page's requests
  const r = rows.get(page), sums = r?.sums || {}, bad = [...rows.values()].filter(r => r.status >= 500 || r.error).length;
  const parts = [...r ? [r.status, ms(r.duration_ms)] : ['pastedev'], sums.errors && plural(sums.errors, 'error'), sums.sql && sums.sql + ' SQL',
    sums.html_errors && plural(sums.html_errors, 'HTML error'), rows.size > 1 && plural(rows.size, 'request'), bad && bad + ' failed'];
  return [!panel.state.state ? '' : bad || sums.errors ? 'bad' : sums.html_errors ? 'hm' : 'ok', parts.filter(Boolean).join(' · ')];
}
function paint() {
  const t = trouble(), [kind, text] = t || summary(), say = t ? text.replace(/ \d+\/\d+/, '') : ''; // progress is not read out
  dot.className = 'd ' + kind;
  label.textContent = text;
  if (status.textContent !== say) status.textContent = say;
  wrap.className = 'w' + (panel.open ? ' o' : framed && !t ? ' f' : '');
  pill.setAttribute('aria-expanded', !!view && panel.open);
  view?.paint(text);
}

// what is loaded when it is wanted:
let view = null, tries = 0, forbidden = false, mute = false; // what a policy denies: imports, connections
function load(name) { // once; a browser may remember a failure, so the next address is another
  return modules[name] ||= import(base + name + (tries ? '?' + tries : '')).catch(e => { tries++; delete modules[name]; throw e; });
}
function missing() { return forbidden || mute || es?.readyState === 1 ? 'a <meta> policy of the page forbids it' : 'pastedev does not answer'; }
async function loadView() {
  const m = await load('view.js');
  if (!view) { view = m.start(panel); paint(); }
  return view;
}
const inspector = ' · click for the inspector ↗';
function preload() { loadView().catch(() => {}); } // who wants it says so
async function toggle(v = !panel.open) {
  panel.open = v;
  try { if (v) await loadView(); } catch {
    panel.open = false;
    panel.notice = 'cannot be opened: ' + missing();
    if (forbidden && panel.state.control) panel.notice += inspector;
  }
  store('sessionStorage', 'pastedev.open', panel.open ? '1' : '0');
  paint();
  if (panel.open) { lookup(0); view.focus(); } else if (document.activeElement === host) pill.focus();
}
async function errors() {
  if (!quiet) try { (await loadView()).errors(true); } catch {}
}
on(pill, 'pointerenter', preload);
on(pill, 'focus', preload);
on(pill, 'click', () => {
  if (panel.notice.endsWith(inspector)) window.open(`${panel.state.control}#/exchanges/${page}`, '_blank', 'noopener');
  else if (failing()) errors();
  else toggle();
});
on(window, 'keydown', e => {
  if (quiet) return;
  if (e.key === 'Alt') preload();
  if (e.altKey && !e.ctrlKey && !e.metaKey && e.code === 'KeyP') view?.covers() ? view.errors(false) : toggle();
  else if (e.key !== 'Escape' || !view?.escape()) return;
  e.preventDefault();
  e.stopImmediatePropagation();
}, true);

// live reload:
let reloading = false;
async function reload() {
  if (reloading) return;
  reloading = true;
  let m = rows.get(page)?.method;
  try { m ||= (await ask('exchanges', 'ids=' + page)).items[0].method; } catch {}
  if (m !== 'GET') { reloading = false; panel.notice = 'new build: send the form again to see it'; return draw(); }
  es?.close();
  store('sessionStorage', 'pastedev.scroll', JSON.stringify([location.href, scrollX, scrollY]));
  location.reload();
}
on(window, 'load', () => {
  const s = store('sessionStorage', 'pastedev.scroll');
  if (!s) return;
  try { sessionStorage.removeItem('pastedev.scroll'); } catch {}
  let href, left, top;
  try { [href, left, top] = JSON.parse(s); } catch {} // not ours
  if (href === location.href) requestAnimationFrame(() => { if (scrollY !== top || scrollX !== left) scrollTo({left, top, behavior: 'instant'}); });
});

let es = null, delay = 1000, retry = 0;
function connect() {
  clearTimeout(retry);
  if (es || reloading || mute || document.visibilityState !== 'visible') return;
  es = new EventSource(`${base}events?${auth}`);
  const hear = (type, f) => on(es, type, e => { delay = 1000; f(JSON.parse(e.data)); draw(); });
  on(es, 'open', () => { for (const id of rows.keys()) want.add(id); lookup(); }); // what was told meanwhile
  hear('state', s => {
    panel.state = s;
    panel.notice = '';
    if (s.state === 'running') {
      if (pageBuild ? s.build && s.build !== pageBuild : pageGen !== null && s.generation !== +pageGen) return reload();
      if (s.assets !== assets) { assets = s.assets; return reload(); }
    }
    if (s.state !== 'failed' && s.state !== 'building') { panel.build = null; view?.errors(false); }
  });
  hear('build', b => {
    const {build} = panel;
    if (b.result === 'canceled') return;
    if (!b.errors && !b.result && failing()) { build.done = b.done; build.total = b.total; return; } // still the old errors
    panel.build = b;
    if (!failing()) view?.errors(false); else if (build?.text !== b.text) errors();
  });
  hear('updated', ({id}) => {
    if (!rows.has(id)) return;
    want.add(id);
    lookup(0);
    view?.updated(id);
  });
  hear('assets', a => {
    assets = a.assets;
    a.styles ? load('styles.js').then(m => m.swap()).catch(reload) : reload();
  });
  on(es, 'error', async () => {
    panel.state = {...panel.state, state: ''};
    draw();
    if (es?.readyState !== 2) return; // the browser tries again by itself
    es = null;
    try {
      const r = await fetch(`${base}exchanges?${auth}&ids=`);
      if (r.status === 403) { panel.notice = 'page of an earlier run: Shift+Reload reconnects'; return draw(); }
    } catch {}
    draw();
    retry = setTimeout(connect, delay = Math.min(delay * 2, 30000));
  });
}
function disconnect() { es?.close(); es = null; clearTimeout(retry); }
on(document, 'securitypolicyviolation', e => {
  if (!e.blockedURI.startsWith(base) || e.disposition !== 'enforce') return;
  if (!e.effectiveDirective.startsWith('connect')) { forbidden = true; return; }
  mute = true;
  panel.state.inside = false; // a row leads to the inspector
  disconnect();
  panel.notice = 'live reload is off: a <meta> policy forbids it';
  draw();
});
on(document, 'visibilitychange', () => document.visibilityState === 'visible' ? connect() : disconnect());
on(window, 'pagehide', disconnect);
on(window, 'pageshow', connect);

// the host:
let returns = 0;
const attach = () => { if (!host.isConnected && returns++ < 50) document.documentElement.append(host); };
function begin() {
  if (!quiet) {
    attach();
    new MutationObserver(attach).observe(document, {childList: true});
    new MutationObserver(attach).observe(root, {childList: true});
  }
  paint();
  connect();
  prints();
  if (panel.open && !quiet) loadView().catch(() => { panel.open = false; });
}
document.readyState === 'loading' ? on(document, 'DOMContentLoaded', begin) : begin();
})();
