//go:build linux && (amd64 || arm64)

package snapshot

import (
	"context"
	"encoding/json"
	"testing"
)

func TestFrames(t *testing.T) {
	tg := panicking(t, build(t, variant{}), "visit")
	s := helperSession(t)
	core := tg.take(t, s)
	tg.finish(t)
	snap, err := Open(core, tg.twin, LoadConfig{Root: tg.root})
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	frames, err := snap.Frames(context.Background(), tg.goroutine, 0)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.MarshalIndent(frames, "", " ")
	t.Logf("%s", b)
}
