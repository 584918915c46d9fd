// The page of a trace: it can be copied and asked for again, and asks by itself when the
// next program answers. Without this script the page is whole, but for that.
const args = new URL(import.meta.url).searchParams, page = Object.fromEntries(args);
page.events = new URL(`events?id=${args.get('id')}&cap=${args.get('cap')}`, import.meta.url).href;
const again = () => location.reload();
const button = (label, f) => {
  const b = document.createElement('button');
  b.type = 'button';
  b.className = 'act';
  b.textContent = label;
  b.addEventListener('click', () => f(b));
  document.querySelector('.meta .grow')?.after(b);
  return b;
};
button('Copy as Markdown', b => copy(document.querySelector('.copy .all')?.textContent || document.body.innerText, b));
button('Try again', again);
const say = document.createElement('p');
say.className = 'quiet';
say.setAttribute('role', 'status');
say.textContent = 'auto' in page ? 'This page reloads by itself when the next build answers.' : 'The form is not sent again by itself.';
document.querySelector('main').prepend(say);
watch(page, () => {
  if ('auto' in page) return again();
  say.textContent = 'The program is ready. Try again sends the form once more.';
});
