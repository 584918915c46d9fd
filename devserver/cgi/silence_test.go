package cgi

import (
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
