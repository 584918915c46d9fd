package cgi

import (
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// What is heard counts, also when the clock was seen first.
func TestSilence(t *testing.T) {
	is := func(s *silence) bool {
		synctest.Wait()
		select {
		case <-s.over():
			return true
		default:
			return false
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s := newSilence(8 * time.Second)
		defer s.stop()
		time.Sleep(time.Minute)
		if is(s) {
			t.Fatal("it counts before anything was heard")
		}
		s.heard()
		time.Sleep(7500 * time.Millisecond) // in the last part
		s.heard()
		time.Sleep(7900 * time.Millisecond)
		if is(s) {
			t.Fatal("8s from what was heard last have not passed")
		}
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		s.heard() // it is over, and nobody has heard of that
		if is(s) {
			t.Fatal("what was heard does not count")
		}
		s.pause()
		time.Sleep(time.Minute)
		s.resume()
		time.Sleep(7900 * time.Millisecond)
		if is(s) {
			t.Fatal("a pause counts")
		}
		s.within(time.Second)
		time.Sleep(900 * time.Millisecond)
		if is(s) {
			t.Fatal("another limit begins anew")
		}
		time.Sleep(200 * time.Millisecond)
		if !is(s) {
			t.Fatal("it does not end")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := newSilence(-1)
		defer s.stop()
		s.heard()
		time.Sleep(time.Hour)
		if is(s) {
			t.Fatal("there is no limit")
		}
		s.within(time.Second)
		time.Sleep(1100 * time.Millisecond)
		if !is(s) {
			t.Fatal("a limit that is set later does not count")
		}
	})
}

// What a program has printed is read, however late: here its end is long ago.
func TestReadLate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a pipe has no deadline")
	}
	for name, c := range map[string]struct {
		left bool
		line string
	}{"nothing left running": {false, "printf abc"}, "something left running": {true, "printf abc; sleep 1000 & echo $! >&2"}} {
		t.Run(name, func(t *testing.T) {
			p, err := startProcess(t.Context(), command{path: "/bin/sh", args: []string{"-c", c.line}, dir: t.TempDir()}, -1, false)
			if err != nil {
				t.Fatal(err)
			}
			<-p.watched
			b, err := io.ReadAll(p.out)
			p.wait()
			if left := errors.Is(p.stopReason(), errLeft); string(b) != "abc" || err != nil || left != c.left {
				t.Errorf("read %q, %v; left running %v", b, err, left)
			}
			kill(p.cmd.Process)
		})
	}
}
