(() => {
  const page = document.body.dataset, $ = id => document.getElementById(id), start = performance.timeOrigin;
  const again = () => location.reload();
  $('again').addEventListener('click', again);
  $('copy').addEventListener('click', () => copy($('plain').value, $('copy')));
  if ($('elapsed')) setInterval(() => { $('elapsed').textContent = Math.round((Date.now() - start) / 1000) + ' s on this page'; }, 1000);
  watch(page, () => {
    if ('auto' in page) return again();
    $('hint').textContent = 'The program is ready. Try again sends the form once more.';
  }, {
    state(s) {
      if ($('progress') && s.state !== 'running') $('progress').textContent = s.detail || s.state + '…';
    },
    build(b) {
      if (!$('progress') || !b.total) return;
      const bar = document.querySelector('progress');
      bar.max = b.total;
      bar.value = b.done || 0;
      bar.parentNode.hidden = false;
      $('progress').textContent = `${b.done || 0} of ${b.total} packages`;
    },
  });
})();
