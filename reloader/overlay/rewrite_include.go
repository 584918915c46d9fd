package overlay

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// linkStore is the folder of links to modules, among the overlays of a state
// directory.
const linkStore = "modules"

// linkedModule is a dependency whose functions are timed. The go command accepts no
// overlay on files inside the module cache. So the build's go.mod, or go.work, is
// overlaid with one that replaces the module by a folder, a link to where it is. The
// file in the user's tree stays as it is.
type linkedModule struct {
	path, version string
	dir           string // in the module cache
	goMod         string // what the go command takes for its go.mod, perhaps elsewhere
}

// link is the folder by which the build knows the module.
func (m linkedModule) link(stateDir string) string {
	return filepath.Join(stateDir, "overlay", linkStore, filepath.FromSlash(m.path)+"@"+m.version)
}

// linkable returns the module of a package in the module cache, unless it is replaced
// by another one.
func (p callsPackage) linkable() (linkedModule, bool) {
	m := p.Module
	if m == nil || m.Main || m.Replace != nil || m.Dir == "" || m.Version == "" {
		return linkedModule{}, false
	}
	return linkedModule{m.Path, m.Version, m.Dir, m.GoMod}, true
}

// linkModules adds to the replacements what makes the build use the links, in place
// of the files in the module cache.
func (w *rewriter) linkModules(c Config, replace map[string]string) error {
	if len(w.listed.linked) == 0 {
		return nil
	}
	steering := w.steeringFile(c)
	text, err := os.ReadFile(w.from(steering))
	if err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	text = append(text, '\n')
	store := filepath.Join(c.StateDir, "overlay", callsStore)
	for _, m := range w.listed.linked {
		link := m.link(c.StateDir)
		if err := makeLink(link, m.dir); err != nil {
			return err
		}
		text = fmt.Appendf(text, "replace %s %s => %q\n", m.path, m.version, link)
		for from, to := range replace {
			if within(from, m.dir) {
				delete(replace, from)
				replace[link+strings.TrimPrefix(from, m.dir)] = to
			}
		}
		if stat(filepath.Join(m.dir, "go.mod")) == nil { // from before modules
			replace[filepath.Join(link, "go.mod")] = m.goMod
		}
	}
	replace[steering], err = storeText(store, text, ".mod")
	return err
}

// steeringFile is the file that says by what modules are replaced.
func (w *rewriter) steeringFile(c Config) string {
	if work := w.key.env.GOWORK; work != "" && work != "off" {
		return work
	}
	goflags, _ := splitFlags(w.key.env.GOFLAGS) // an error has been told by readUserOverlay
	if name := cmp.Or(flagValue(c.Flags, "modfile"), flagValue(goflags, "modfile")); name != "" {
		return absolute(name, c.Dir)
	}
	return w.key.env.GOMOD
}

// makeLink makes a link of that name unless it is there.
func makeLink(name, to string) error {
	if have, err := os.Readlink(name); err == nil && have == to {
		return nil
	}
	if err := makePrivate(filepath.Dir(name)); err != nil {
		return err
	}
	return replaceFile(name, func(temp string) error { return os.Symlink(to, temp) })
}
