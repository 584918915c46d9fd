// format.js: numbers and times as people read them.

import { duration } from "./flame.js";

// bytes and millis write sizes and times as inspect.FormatSize and inspect.FormatDuration do.
export function bytes(n) {
  if (!(n > 0)) return "0 B";
  if (n < 1000) return n + " B";
  for (let i = 0, unit = 1000; ; i++, unit *= 1000) {
    const name = " " + ["kB", "MB", "GB", "TB"][i], tenths = Math.round(n / (unit / 10)), whole = Math.round(n / unit);
    if (tenths < 1000) return (tenths / 10).toFixed(1) + name;
    if (whole < 1000 || i === 3) return whole + name;
  }
}

export function millis(ms) {
  if (ms === undefined || ms === null) return "";
  const ns = Math.round(ms * 1e6), us = Math.round(ns / 1e3);
  if (!(ns > 0)) return "0 ms";
  return us < 1000 ? us + " µs" : duration(ns);
}

const two = (n) => String(n).padStart(2, "0");

export function clock(iso) {
  const d = new Date(iso);
  return isNaN(d) ? "" : two(d.getHours()) + ":" + two(d.getMinutes()) + ":" + two(d.getSeconds());
}

export function when(iso) {
  const d = new Date(iso);
  if (isNaN(d)) return "";
  return d.getFullYear() + "-" + two(d.getMonth() + 1) + "-" + two(d.getDate()) + " " + clock(iso) + "." + String(d.getMilliseconds()).padStart(3, "0");
}

// shortType is a media type as a column shows it.
export function shortType(type) {
  const t = (type || "").split(";")[0].trim().toLowerCase();
  const known = {
    "text/html": "html", "text/css": "css", "application/json": "json", "text/javascript": "js",
    "application/javascript": "js", "text/plain": "text", "image/svg+xml": "svg", "text/event-stream": "events",
    "application/problem+json": "problem", "application/octet-stream": "bytes", "application/x-www-form-urlencoded": "form",
  };
  if (known[t]) return known[t];
  return t.replace(/^(image|font|audio|video|application|text)\//, "").replace(/^(x-|vnd\.)/, "").replace(/^.*\+/, "");
}

// statusClass groups statuses for colour; the number itself is always shown too.
export function statusClass(s) {
  if (s.error) return "s5";
  if (!s.status) return "s0";
  return "s" + Math.floor(s.status / 100);
}

export function plural(n, one, many) {
  return n.toLocaleString("en") + " " + (n === 1 ? one : many || one + "s");
}

// byteIndex turns an offset in UTF-8 bytes, as Go counts, into one of a JS string.
export function byteIndex(text, bytes) {
  let n = 0, i = 0;
  for (const ch of text) {
    if (n >= bytes) break;
    const c = ch.codePointAt(0);
    n += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    i += ch.length;
  }
  return i;
}
