'use strict';
(() => {
  const page = document.body.dataset, $ = id => document.getElementById(id), start = performance.timeOrigin;
  const again = () => location.reload();
  $('again').addEventListener('click', again);
  $('copy').addEventListener('click', async () => {
    const text = $('plain');
    try { await navigator.clipboard.writeText(text.value); } catch { // not a secure context
      text.hidden = false;
      text.select();
      document.execCommand('copy');
      text.hidden = true;
    }
    $('copy').textContent = 'Copied';
  });
  if ($('elapsed')) setInterval(() => { $('elapsed').textContent = Math.round((Date.now() - start) / 1000) + ' s on this page'; }, 1000);
  let es = null, done = false;
  const ready = () => {
    if (done) return;
    done = true;
    es.close();
    if ('auto' in page) return again();
    $('hint').textContent = 'The program is ready. Try again sends the form once more.';
  };
  const show = b => {
    if (!$('progress') || !b.total) return;
    const bar = document.querySelector('progress');
    bar.max = b.total;
    bar.value = b.done || 0;
    bar.parentNode.hidden = false;
    $('progress').textContent = `${b.done || 0} of ${b.total} packages`;
  };
  const connect = () => {
    if (es || done || document.visibilityState !== 'visible') return;
    es = new EventSource(page.events);
    es.addEventListener('state', e => {
      const s = JSON.parse(e.data);
      if (s.state === 'running' && !(page.state === 'running' && s.generation === +page.gen && s.build === +page.build)) return ready();
      if (page.reason !== 'build-failed' && s.state === 'failed') return ready(); // the page of the errors says more
      if ($('progress') && s.state !== 'running') $('progress').textContent = s.detail || s.state + '…';
    });
    es.addEventListener('build', e => {
      const b = JSON.parse(e.data);
      show(b);
      if (page.reason === 'build-failed' && b.result === 'failed' && b.number !== +page.build) ready(); // other errors
    });
    es.addEventListener('assets', ready);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') return connect();
    es?.close();
    es = null;
  });
  connect();
})();
