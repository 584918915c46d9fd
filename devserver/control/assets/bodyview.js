// bodyview.js: a recorded body, laid out or as it was sent.

import { body } from "./api.js";
import { copy, fill, h, toast } from "./dom.js";
import { bytes } from "./format.js";
import { highlight } from "./highlight.js";

const RAW_LIMIT = 1 << 20; // bytes of the raw view

// Types that an img element may show from a blob. SVG is text here: it can hold script.
const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "image/x-icon", "image/vnd.microsoft.icon"]);

const mediaType = (msg) => ((msg.header["Content-Type"] || [""])[0].split(";")[0] || "").trim().toLowerCase();

// bodyView returns an element for one side; pretty is that side's part of the API's
// answer, reveal as in the API.
export function bodyView(ex, side, pretty, reveal) {
  const msg = ex[side];
  if (!msg.body.size) return h("p", { class: "none" }, ex.in_flight && side === "response" ? "Not finished yet." : "No body.");
  const content = h("div", { class: "body-content" });
  const show = h("div", { class: "segmented", role: "group", "aria-label": "How to show the body" });
  let mode = "pretty";
  const modes = [["pretty", "Pretty"], ["raw", "Raw"]];

  async function draw() {
    fill(show, modes.map(([m, label]) =>
      h("button", { type: "button", "aria-pressed": String(m === mode), onclick: () => { mode = m; draw(); } }, label)));
    try {
      if (mode === "raw") await drawRaw();
      else if (IMAGES.has(mediaType(msg))) await drawImage();
      else drawPretty();
    } catch (err) { fill(content, h("p", { class: "none bad" }, err.message)); }
  }

  function drawPretty() {
    fill(content, pretty.note ? h("p", { class: "hint" }, pretty.note) : null,
      h("pre", { class: "code", tabindex: "0", "aria-label": side + " body" }, highlight(pretty.text, pretty.kind)),
      pretty.truncated ? h("p", { class: "hint" }, "The rest is left out here.") : null);
  }

  async function drawRaw() {
    const b = await body(ex.id, side, { length: RAW_LIMIT, reveal });
    const text = b.isText ? await b.text() : hex(new Uint8Array(await (await b.blob("")).arrayBuffer()));
    fill(content, h("pre", { class: "code", tabindex: "0", "aria-label": side + " body, raw" }, text),
      b.total > RAW_LIMIT ? h("p", { class: "hint" }, `The first ${bytes(RAW_LIMIT)} of ${bytes(b.total)}.`) : null);
  }

  async function drawImage() {
    const b = await body(ex.id, side, { length: 0, reveal });
    const url = URL.createObjectURL(await b.blob(mediaType(msg)));
    const img = h("img", { class: "picture", alt: "the image that was sent" });
    const size = h("p", { class: "hint" }, "");
    img.onload = () => { URL.revokeObjectURL(url); size.textContent = `${img.naturalWidth} × ${img.naturalHeight}, ${mediaType(msg)}, ${bytes(b.total)}`; };
    img.onerror = () => { URL.revokeObjectURL(url); size.textContent = "The browser cannot show this image" + (b.truncated ? ": only its start was kept." : "."); };
    img.src = url;
    fill(content, img, size);
  }

  async function copyBody() {
    try {
      const b = await body(ex.id, side, { length: 0, reveal });
      if (!b.isText) return toast("The body is binary; use `pastedev show`", "bad");
      await copy(await b.text(), side === "request" ? "Request body" : "Response body");
    } catch (err) { toast(err.message, "bad"); }
  }

  const sizes = [bytes(msg.body.size)];
  const coding = (msg.header["Content-Encoding"] || []).join(", ");
  if (coding) sizes.push(coding);
  if (msg.body.truncated) sizes.push("only its start was kept");
  draw();
  return h("section", { class: "body", "aria-label": side + " body" },
    h("div", { class: "body-bar" }, h("h3", null, "Body"), h("span", { class: "dimmed" }, sizes.join(" · ")),
      h("span", { class: "grow" }), show, h("button", { type: "button", onclick: copyBody }, "Copy")),
    content);
}

// hex is a dump of at most 16 kB.
function hex(data) {
  const lines = [], end = Math.min(data.length, 16384);
  for (let i = 0; i < end; i += 16) {
    const row = [...data.subarray(i, Math.min(i + 16, end))];
    lines.push(i.toString(16).padStart(6, "0") + "  " + row.map((b) => b.toString(16).padStart(2, "0")).join(" ").padEnd(49) +
      row.map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : ".")).join(""));
  }
  return lines.join("\n") + (end < data.length ? "\n…" : "");
}
