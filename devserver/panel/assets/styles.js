// An edit of styles: panel.js imports this when it hears of the first.

// swap loads the page's own style sheets anew, with what they import, each in its place. The
// old one stays until the new one is there. One with the attribute data-no-reload is left alone.
// Frames of the same site are part of the page.
export async function swap(page = document) {
  const view = page.defaultView, frames = Array.from(view, (_, i) => inside(view[i])).filter(Boolean).map(f => swap(f));
  const links = [...page.querySelectorAll('link[rel~="stylesheet"][href]')].filter(l => !l.hasAttribute('data-no-reload') && own(l.href));
  const styles = [...page.querySelectorAll('style')].filter(s => !s.hasAttribute('data-no-reload') && s.sheet);
  const fresh = []; // imports, anew in the cache first
  const importing = styles.filter(s => imports(s.sheet, fresh));
  for (const l of links) if (l.sheet) imports(l.sheet, fresh);
  await Promise.all(fresh);
  for (const s of importing) s.replaceWith(s.cloneNode(true));
  links.forEach(replace);
  await Promise.all(frames);
}

// inside returns the document of a frame, if it is of this site.
function inside(frame) {
  try { return frame.document; } catch { return null; }
}

// own reports whether an address is of this site; those of others are not ours to ask for.
function own(address, from = document.baseURI) {
  try { return new URL(address, from).origin === location.origin; } catch { return false; }
}

const MAX_DEPTH = 8; // of imports within imports: they may go round

// imports asks for all that a sheet imports, adds the answers to fresh, and reports whether
// there is anything.
function imports(sheet, fresh, depth = 0) {
  let any = false;
  try {
    for (const r of sheet.cssRules) {
      const from = sheet.href || document.baseURI;
      if (r.type !== CSSRule.IMPORT_RULE || depth === MAX_DEPTH || !own(r.href, from)) continue;
      any = true;
      fresh.push(fetch(new URL(r.href, from), {cache: 'reload'}).catch(() => {}));
      if (r.styleSheet) imports(r.styleSheet, fresh, depth + 1);
    }
  } catch { /* another site's sheet is not readable */ }
  return any;
}

function replace(old) {
  if (old.dataset.pastedevOld || !old.isConnected) return; // its successor is on the way
  const link = old.cloneNode(), u = new URL(old.href);
  u.searchParams.set('pastedev', Date.now().toString(36));
  link.removeAttribute('integrity');
  link.href = u;
  old.dataset.pastedevOld = 1;
  link.addEventListener('load', () => old.remove());
  link.addEventListener('error', () => { link.remove(); delete old.dataset.pastedevOld; });
  old.after(link);
}
