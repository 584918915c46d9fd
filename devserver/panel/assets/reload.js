'use strict';
// watch hears the live feed for a page that stands in for an answer, while it is visible,
// and calls ready once when asking again would give something else. page holds, as
// strings, events (an address), and of the moment it was made: state, build, gen, reason;
// mount, where there are several programs; apart, when the state is of other programs.
const watch = (page, ready, hear = {}) => {
  let es = null, done = false, was = false; // was: it has heard before it was hidden
  const end = () => {
    if (done) return;
    done = true;
    es.close();
    ready();
  };
  const connect = () => {
    if (es || done || document.visibilityState !== 'visible') return;
    es = new EventSource(page.events);
    es.addEventListener('state', e => {
      const s = JSON.parse(e.data);
      if ('apart' in page) return;
      if (s.state === 'running' && !(page.state === 'running' && s.generation === +page.gen && s.build === +page.build)) return end();
      if (page.reason !== 'build-failed' && s.state === 'failed') return end(); // the page of the errors says more
      hear.state?.(s);
    });
    es.addEventListener('build', e => {
      const b = JSON.parse(e.data);
      hear.build?.(b);
      if ('apart' in page && b.mount === page.mount && /^(ok|failed)$/.test(b.result) && b.number !== +page.build) return end();
      if (page.reason === 'build-failed' && (b.mount || '') === (page.mount || '') && b.result === 'failed' && b.number !== +page.build) end(); // other errors
    });
    es.addEventListener('assets', end);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') return es === null && was && 'apart' in page ? ready() : connect();
    was = es !== null;
    es?.close();
    es = null;
  });
  connect();
};
// copy puts the text of a field into the clipboard, also where the context is not secure.
const copy = async (text, button) => {
  try { await navigator.clipboard.writeText(text); } catch {
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
    button.focus();
  }
  button.textContent = 'Copied';
};
