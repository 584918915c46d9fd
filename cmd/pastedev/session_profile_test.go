package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// passedOn takes what goes on to the history.
type passedOn []string

func (r *passedOn) Publish(e inspect.Event) { *r = append(*r, e.EventKind()) }

// TestRehearsals checks that the replays of a profile reach the recorder and not the history.
func TestRehearsals(t *testing.T) {
	var history passedOn
	s := &session{}
	j := judged{&history, &failures{}, s}
	sum := inspect.Summary{ID: "4bf92f3577b34da6a3ce929d0e0e4736", Method: "GET", Path: "/cart/7", Status: 200, Rehearsal: true, InFlight: true}
	j.Publish(inspect.ExchangeStarted{Exchange: sum})
	if _, ok := s.rehearsals.finished(sum.ID); ok {
		t.Error("a rehearsal in flight is taken for finished")
	}
	sum.InFlight = false
	j.Publish(inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: sum}})
	j.Publish(inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: sum}})
	if got, ok := s.rehearsals.finished(sum.ID); !ok || got.Status != 200 {
		t.Errorf("finished: %v %+v", ok, got)
	}
	sum.Rehearsal, sum.ID = false, "00f067aa0ba902b700f067aa0ba902b7"
	j.Publish(inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: sum}})
	if diff := cmp.Diff(passedOn{"exchange_finished"}, history); diff != "" {
		t.Errorf("in the history (-want +got):\n%s", diff)
	}
}
