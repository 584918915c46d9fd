//go:build linux && (amd64 || arm64)

package snapshot

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestOpenErrors(t *testing.T) {
	p := build(t, variant{})
	tg := panicking(t, p, "visit")
	core := tg.take(t, helperSession(t))
	tg.finish(t)
	whole, err := os.ReadFile(core)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := []struct {
		name, core, exe string
		kind            Kind
	}{
		{"no core", filepath.Join(dir, "none"), p.twin, KindFailed},
		{"empty", write("empty", nil), p.twin, KindCorrupt},
		{"cut in the header", write("header", whole[:40]), p.twin, KindCorrupt},
		{"cut in the notes", write("notes", whole[:3000]), p.twin, KindCorrupt},
		{"cut in the memory", write("memory", whole[:len(whole)/2]), p.twin, KindCorrupt},
		{"a program", p.run, p.twin, KindCorrupt},
		{"no debug information", core, p.run, KindTwin},
		{"no program", core, filepath.Join(dir, "none"), KindTwin},
		{"another program", core, build(t, variant{app: "web"}).twin, KindTwin},
		{"another build", core, build(t, variant{optimized: true}).twin, KindTwin},
	}
	for _, tt := range tests {
		s, err := Open(tt.core, tt.exe, LoadConfig{})
		if err == nil {
			s.Close()
		}
		if err == nil || KindOf(err) != tt.kind {
			t.Errorf("%s: %v (%s), want %s", tt.name, err, KindOf(err), tt.kind)
		}
	}
}

// Damaged cores give errors or wrong values, never a panic and never an endless read.
func TestOpenDamaged(t *testing.T) {
	p := build(t, variant{})
	tg := panicking(t, p, "visit")
	core := tg.take(t, helperSession(t))
	tg.finish(t)
	whole, err := os.ReadFile(core)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged.core")
	damage := map[string]func([]byte){
		"headers":     func(b []byte) { fill(b[64:2000], 7) },
		"note sizes":  func(b []byte) { fill(b[2200:2400], 0xff) },
		"notes":       func(b []byte) { fill(b[1800:4000], 3) },
		"every 16 kB": func(b []byte) { every(b, 16<<10) },
		"every 777":   func(b []byte) { every(b, 777) },
		"zeros":       func(b []byte) { fill(b[8192:], 0) },
	}
	for name, f := range damage {
		t.Run(name, func(t *testing.T) {
			b := append([]byte(nil), whole...)
			f(b)
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), testWait)
			defer cancel()
			s, err := Open(path, p.twin, LoadConfig{})
			if err != nil {
				t.Log(err)
				return
			}
			defer s.Close()
			frames, err := s.Frames(ctx, tg.goroutine, 0)
			t.Log(len(frames), err)
			_, err = s.Eval(tg.goroutine, 0, "s.users[7].Name")
			t.Log(err)
			t.Log(s.Explain(tg.goroutine, 0, nilMessage))
			_, err = s.Goroutine(0)
			t.Log(err)
		})
	}
}

func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

// every inverts a byte in each step of the memory, behind headers and notes.
func every(b []byte, step int) {
	for i := 8192; i < len(b); i += step {
		b[i] ^= 0xff
	}
}
