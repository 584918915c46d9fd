// api.js: the control API, as the page sees it. The session is a cookie that scripts
// cannot read.

export class Problem extends Error {
  constructor(p) {
    super(p.detail || p.title || "request failed");
    Object.assign(this, p);
  }
}

async function request(path, options) {
  let res;
  try {
    res = await fetch("/api/v1/" + path, { cache: "no-store", ...options });
  } catch (err) {
    if (options?.signal?.aborted) throw err;
    throw new Problem({ type: "unreachable", title: "pastedev does not answer", hint: "it may have ended" });
  }
  if (res.ok) return res;
  let p = { title: res.status + " " + res.statusText, status: res.status };
  try { p = await res.json(); } catch { /* not a problem object: the status says it */ }
  p.status = res.status;
  throw new Problem(p);
}

export async function get(path, params, signal) {
  return (await request(path + encode(params), { signal })).json();
}

export async function text(path) { return (await request(path)).text(); }

export async function post(path, body, signal) {
  const res = await request(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}), signal,
  });
  return res.status === 204 ? {} : res.json();
}

function encode(params) {
  const p = new URLSearchParams();
  for (const [k, v] of Object.entries(params || {})) if (v !== undefined && v !== "" && v !== false) p.set(k, v === true ? "1" : v);
  const s = p.toString();
  return s ? "?" + s : "";
}

// body fetches a recorded body; params as in the API.
export async function body(id, side, params) {
  const res = await request(`exchanges/${encodeURIComponent(id)}/${side}/body` + encode(params));
  return {
    text: () => res.text(),
    blob: async (type) => new Blob([await res.arrayBuffer()], { type }),
    total: Number(res.headers.get("Pastedev-Body-Total")),
    truncated: res.headers.has("Pastedev-Body-Truncated"),
    isText: (res.headers.get("Content-Type") || "").startsWith("text/plain"),
  };
}

// curl fetches the request as a command line.
export async function curl(id, reveal) {
  return (await request(`exchanges/${encodeURIComponent(id)}/curl` + encode({ reveal }))).text();
}

// takeToken trades the token of the address for the session cookie and removes it
// from the address bar and from the history, before anything else happens.
export async function takeToken() {
  const m = /(?:^#|&)token=([0-9a-f]+)(?:&|$)/.exec(location.hash);
  if (!m) return;
  const rest = new URLSearchParams(location.hash.slice(1)).get("to") || "";
  history.replaceState(null, "", location.pathname + (rest.startsWith("/") ? "#" + rest : ""));
  await post("session", { token: m[1] });
}

// Feed is the digest stream for a query. It is closed while the page is hidden (a
// browser allows six connections to a host over all pages) and tells its listener
// when it is back, so that the list can be asked again.
export class Feed {
  constructor(listener) {
    this.listener = listener;
    this.query = "";
    document.addEventListener("visibilitychange", () => this.sync());
    addEventListener("pagehide", () => this.stop());
    addEventListener("pageshow", (e) => { if (e.persisted) this.sync(); });
  }

  start(query) {
    this.query = query;
    this.wanted = true;
    this.stop();
    this.sync();
  }

  sync() {
    if (!this.wanted) return;
    if (document.hidden) this.stop();
    else if (!this.source) this.open();
  }

  stop() {
    this.source?.close();
    this.source = null;
  }

  open() {
    const source = this.source = new EventSource("/api/v1/events" + encode({ view: "digest", q: this.query }));
    for (const kind of ["hello", "digest", "state", "build", "trace", "profile", "profile_progress", "cleared"]) {
      source.addEventListener(kind, (e) => {
        if (source === this.source) this.listener(kind, JSON.parse(e.data));
      });
    }
    source.onerror = () => {
      if (source !== this.source) return;
      this.listener("lost", {});
      if (source.readyState === EventSource.CLOSED) { // refused: ask why, and try again by ourselves
        this.source = null;
        setTimeout(() => this.sync(), 2000);
      }
    };
  }
}
