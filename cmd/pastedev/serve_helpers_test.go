package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

func writeFiles(tb testing.TB, dir string, files map[string]string) {
	tb.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}

// programs waits until ok holds for those of the status, by mount.
func (in *instance) programs(ok func(map[string]inspect.Program) bool) map[string]inspect.Program {
	in.tb.Helper()
	c := in.client()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		st, err := c.Status(ctx)
		all := map[string]inspect.Program{}
		for _, p := range st.Programs {
			all[p.Mount] = p
		}
		if err == nil && ok(all) {
			return all
		}
		select {
		case <-ctx.Done():
			in.tb.Fatalf("the programs never were as they should be: %v %+v", err, all)
		case <-time.After(20 * time.Millisecond): // the API has no event for each of them
		}
	}
}

// command runs pastedev in the folder of the instance.
func (in *instance) command(args ...string) (out string, code int) {
	in.tb.Helper()
	cmd := exec.Command(pastedevBinary(in.tb), args...)
	cmd.Dir = in.dir
	b, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		in.tb.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

func running(p inspect.Program) bool { return p.State == inspect.StateRunning && p.Recording }
