package agent

import "embed"

// The file set: this list decides what runs in the target. Files not named here,
// this one among them, stay in pastedev.
//
//go:embed agent.go wire.go json.go socket_unix.go socket_other.go muffle_flag.go muffle_darwin.go
var source embed.FS

// Source returns the Go files of the agent by name.
func Source() (map[string][]byte, error) {
	entries, err := source.ReadDir(".")
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(entries))
	for _, e := range entries {
		if files[e.Name()], err = source.ReadFile(e.Name()); err != nil {
			return nil, err
		}
	}
	return files, nil
}
