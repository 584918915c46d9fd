package reloader

import (
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// ownModules returns the paths and folders of the modules whose source the user edits: all
// members of the workspace, or the module in force with its local replacements.
// Unreadable files are left out: the go command will say what is wrong with them.
func ownModules(p GoPackage) (paths, dirs []string) {
	roots := []string{p.ModuleRoot}
	if p.Workspace != "" {
		if data, err := os.ReadFile(p.Workspace); err == nil {
			if work, err := modfile.ParseWork(p.Workspace, data, nil); err == nil {
				for _, use := range work.Use {
					roots = append(roots, under(filepath.Dir(p.Workspace), use.Path))
				}
			}
		}
	}
	seen := map[string]bool{}
	add := func(path, dir string) {
		if path != "" && !seen[path] {
			seen[path] = true
			paths, dirs = append(paths, path), append(dirs, filepath.Clean(dir))
		}
	}
	for _, root := range roots {
		file := filepath.Join(root, "go.mod")
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		mod, err := modfile.ParseLax(file, data, nil)
		if err != nil {
			continue
		}
		if mod.Module != nil {
			add(mod.Module.Mod.Path, root)
		}
		for _, r := range mod.Replace {
			if r.New.Version == "" {
				add(r.Old.Path, under(root, r.New.Path))
			}
		}
	}
	return paths, dirs
}

// under resolves a slash-separated path, relative to dir unless it is absolute.
func under(dir, path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
