//go:build unix

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// exits waits until the command has ended with this code.
func (s *screen) exits(code int) {
	s.tb.Helper()
	kill := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
	defer kill.Stop()
	_ = s.cmd.Wait() // its exit code is looked at below
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.tb.Errorf("ended with code %d, want %d; the screen:\n%s", got, code, s.vt.String())
	}
}

func (s *screen) wrote(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.raw.String(), text)
}

func TestTerminalCallTree(t *testing.T) {
	dir, _, _ := profiled(t, false)
	s := startScreen(t, t.TempDir(), "profile", "1111", "--state", dir)
	s.shows("▶ ├ shop.(*Cart).load", "go shop.audit", "--all shows them")
	s.exits(0)
	if !s.wrote("\x1b[1;31m▶") {
		t.Error("the hot path has no colour")
	}
}

// A terminal is asked before a POST is sent again, and hears how far the profile is.
func TestTerminalAsks(t *testing.T) {
	dir, history, kept := profiled(t, false)
	said := make(chan struct{})
	kept.during = func(req inspect.ProfileRequest) {
		history.Publish(inspect.ProfileProgressed{Progress: inspect.ProfileProgress{Kind: req.Kind, Exchange: req.Exchange, Samples: 84, Wanted: 200, Replays: 12, Elapsed: 2.1e9, Limit: 1e10}})
		<-said
	}
	s := startScreen(t, t.TempDir(), "profile", "4444", "--replay", "--state", dir)
	s.shows("POST is not a safe method", "send it? [y/N]")
	s.keys("n\n")
	s.shows("pastedev: nothing was sent")
	s.exits(1)

	s = startScreen(t, t.TempDir(), "profile", "4444", "--replay", "--state", dir)
	s.shows("send it? [y/N]")
	s.keys("y\n")
	s.shows("cpu: 84 of 200 samples, 12 replays, 2.10 s of 10.0 s")
	close(said)
	s.shows("cpu profile 1  200 samples")
	s.exits(0)
	s.until("the progress to be wiped", func(text string) bool { return !strings.Contains(text, "84 of 200") })
	if len(kept.list) != 1 {
		t.Errorf("%d profiles were recorded, want one", len(kept.list))
	}
}
