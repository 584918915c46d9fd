package overlay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// overlayFile is the content of the file that -overlay names.
type overlayFile struct {
	Replace map[string]string
}

// readUserOverlay returns the replacements of an -overlay of the user's own, by
// absolute paths. As in the go command, flags go before GOFLAGS and the last of
// several counts.
func readUserOverlay(c Config, env goEnv) (map[string]string, error) {
	goflags, err := splitFlags(env.GOFLAGS)
	if err != nil {
		return nil, err
	}
	name := cmp.Or(flagValue(c.Flags, "overlay"), flagValue(goflags, "overlay"))
	if name == "" {
		return nil, nil
	}
	name = absolute(name, c.Dir)
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("-overlay: %w", err)
	}
	var file overlayFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("-overlay %s: %w", name, err)
	}
	replace := make(map[string]string, len(file.Replace))
	for from, to := range file.Replace {
		if to != "" { // empty: the file is deleted
			to = absolute(to, c.Dir)
		}
		replace[absolute(from, c.Dir)] = to
	}
	return replace, nil
}

// flagValue returns the value of the last flag of that name.
func flagValue(flags []string, flag string) string {
	value := ""
	for i, f := range flags {
		if !strings.HasPrefix(f, "-") {
			continue
		}
		switch name, v, equals := strings.Cut(strings.TrimPrefix(f[1:], "-"), "="); {
		case name != flag:
		case equals:
			value = v
		case i+1 < len(flags):
			value = flags[i+1]
		}
	}
	return value
}

func absolute(path, dir string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}
