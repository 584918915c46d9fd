package overlay

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// callsStore is the folder of rewritten files, named by their content, and of the
// overlay files that name them, among the overlays of a state directory.
const callsStore = "calls"

// Bounds of the store. One overlay file is written for each edit of the user's.
const (
	keepCalls  = 16               // overlay files: the builds that may be under way, and their twins with debug data
	pruneCalls = 4 * keepCalls    // overlay files at which the oldest go
	callsGrace = 10 * time.Minute // for which a file that nobody names stays: somebody may be about to
)

// hashName is a short name for content.
func hashName(h []byte) string {
	const bytes = 16 // of 32: enough between some thousands of files
	return hex.EncodeToString(h[:bytes])
}

// storeText puts a file that ends with ext into the store and returns its path.
func storeText(store string, text []byte, ext string) (string, error) {
	sum := sha256.Sum256(text)
	name := filepath.Join(store, hashName(sum[:])+ext)
	return name, writePrivate(name, text)
}

// storeOverlay writes an overlay file and returns its path.
func storeOverlay(stateDir string, replace map[string]string) (string, error) {
	text, err := overlayText(replace)
	if err != nil {
		return "", err
	}
	store := filepath.Join(stateDir, "overlay", callsStore)
	sum := sha256.Sum256(text)
	name := filepath.Join(store, hashName(sum[:])+".json")
	if err := writePrivate(name, text); err != nil {
		return "", err
	}
	now := time.Now()
	if err := os.Chtimes(name, now, now); err != nil { // pruneStore goes by it
		return "", fmt.Errorf("overlay: %w", err)
	}
	return name, pruneStore(store, now)
}

// overlayText is the content of an overlay file.
func overlayText(replace map[string]string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "\t")
	e.SetEscapeHTML(false)
	err := e.Encode(overlayFile{Replace: replace})
	return b.Bytes(), err
}

// pruneStore removes the oldest overlay files, once there are many, and what none
// of the others names.
func pruneStore(store string, now time.Time) error {
	entries, err := os.ReadDir(store)
	if err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	var overlays []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") {
			overlays = append(overlays, filepath.Join(store, e.Name()))
		}
	}
	if len(overlays) < pruneCalls {
		return nil
	}
	times := make(map[string]time.Time)
	for _, e := range entries {
		if info, err := e.Info(); err == nil { // else another process removed it
			times[filepath.Join(store, e.Name())] = info.ModTime()
		}
	}
	slices.SortFunc(overlays, func(a, b string) int {
		return cmp.Or(times[b].Compare(times[a]), cmp.Compare(a, b))
	})
	keep := make(map[string]bool)
	for _, name := range overlays[:keepCalls] {
		keep[name] = true
		var file overlayFile
		text, err := os.ReadFile(name)
		if err != nil {
			return nil // another process prunes
		}
		if err := json.Unmarshal(text, &file); err != nil {
			return fmt.Errorf("overlay: %s: %w", name, err)
		}
		for _, to := range file.Replace {
			keep[to] = true
		}
	}
	for name, t := range times {
		old := strings.HasSuffix(name, ".json") || now.Sub(t) > callsGrace
		if keep[name] || !old {
			continue
		}
		if err := os.RemoveAll(name); err != nil {
			return fmt.Errorf("overlay: %w", err)
		}
	}
	return nil
}
