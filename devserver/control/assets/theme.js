// theme.js: as the system, light or dark; the choice stays in this browser.

const CHOICES = [["", "as the system", "◐"], ["light", "light", "○"], ["dark", "dark", "●"]];
const KEY = "pastedev-theme";

export function theme(button) {
  let at = 0;
  try { at = Math.max(0, CHOICES.findIndex(([name]) => name === localStorage.getItem(KEY))); } catch { /* storage is off */ }
  const apply = () => {
    const [name, label, sign] = CHOICES[at];
    if (name) document.documentElement.dataset.theme = name; else delete document.documentElement.dataset.theme;
    button.textContent = sign;
    button.title = "Theme: " + label;
    button.setAttribute("aria-label", button.title);
    try { localStorage.setItem(KEY, name); } catch { /* as above */ }
  };
  button.onclick = () => { at = (at + 1) % CHOICES.length; apply(); };
  apply();
}
