package agent

import "embed"

// The file set: this list decides what runs in the target. Files not named here,
// this one among them, stay in pastedev.
//
//go:embed agent.go wire.go message.go fields.go host.go outbox.go exchange.go random.go command.go
//go:embed output.go frames.go cache.go value.go span.go panic.go thread_linux.go thread_other.go
//go:embed socket_unix.go socket_other.go muffle_flag.go muffle_darwin.go calls.go calls_tree.go calls_pack.go
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
