package main

import (
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

func TestOutcome(t *testing.T) {
	at := func(change func(*inspect.Exchange)) *inspect.Exchange {
		ex := &inspect.Exchange{Summary: inspect.Summary{Kind: inspect.KindHTTP, Status: 200, Duration: inspect.Millis(time.Millisecond), ResponseSize: 20}}
		change(ex)
		return ex
	}
	tests := []struct {
		ex   *inspect.Exchange
		want string
	}{
		{at(func(*inspect.Exchange) {}), "200 OK in 1.0 ms, 20 B"},
		{at(func(ex *inspect.Exchange) { ex.Status = 299 }), "299 in 1.0 ms, 20 B"},
		{at(func(ex *inspect.Exchange) { ex.InFlight = true }), "200 OK, still going on after 1.0 ms"},
		{at(func(ex *inspect.Exchange) { ex.InFlight, ex.Status = true, 0 }), "no answer yet, after 1.0 ms"},
		{at(func(ex *inspect.Exchange) { ex.Status = 0 }), "no answer, after 1.0 ms"},
		{at(func(ex *inspect.Exchange) { ex.Kind, ex.Status, ex.RequestSize = inspect.KindTunnel, 0, 5 }), "1.0 ms, 5 B to the app, 20 B from it"},
	}
	for _, tt := range tests {
		if got := outcome(tt.ex); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
