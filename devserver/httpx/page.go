package httpx

// PageHead begins a page of ours: all that comes before its title. It holds nothing
// active and nothing that html/template would change. The page goes on with a title and
// a main.
const PageHead = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
:root { --ink: #1d2127; --soft: #666e79; --line: #e4e7eb; --paper: #fff; --row: #f6f7f9; --link: #0b5cad; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e6ea; --soft: #98a1ac; --line: #2c323a; --paper: #15181c; --row: #1d2126; --link: #7ab7ff; --bad: #ff8a80; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 56rem; margin: 3rem auto; padding: 0 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; font-weight: 600; }
h1 small { color: var(--bad); font-size: inherit; }
h2 { font-size: 1rem; font-weight: 600; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
code, pre { font: .9rem/1.5 ui-monospace, monospace; }
pre { white-space: pre-wrap; margin: .5rem 0; padding: .25rem 1rem; border-left: 4px solid var(--line); }
.bad { border-color: var(--bad); }
.hint, .soft { color: var(--soft); }
</style>
`
