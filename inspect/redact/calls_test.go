package redact

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

func secretTree() *inspect.CallTree {
	return &inspect.CallTree{
		Functions: []inspect.CallFunction{
			{Kind: inspect.CallHandler, Name: "GET /reset?token=s3cr3tvalue"},
			{Kind: inspect.CallFunc, Name: "example.com/auth.(*Session).Token", At: &inspect.Location{File: "token.go", Line: 3}},
			{Kind: inspect.CallSQL, Name: "query SELECT 1 FROM u WHERE password = 'hunter22'"},
			{Kind: inspect.CallHTTP, Name: "GET http://ann:pw123@host/x?api_key=abcdef"},
			{Kind: inspect.CallTemplate, Name: "Bearer abcdef1234567890abcdef.html"},
			{Kind: inspect.CallWait, Name: "sync.Mutex.Lock"},
		},
		Nodes: []inspect.CallNode{{Parent: -1, Calls: 1, Total: time.Second}, {Parent: 0, Function: 2, Calls: 3}},
		Lost:  2,
	}
}

func maskedTree() *inspect.CallTree {
	t := secretTree()
	t.Functions[0].Name = "GET /reset?token=" + Mask
	t.Functions[2].Name = "query SELECT 1 FROM u WHERE password = '" + Mask + "'"
	t.Functions[3].Name = "GET http://" + Mask + "@host/x?api_key=" + Mask
	t.Functions[4].Name = "Bearer " + Mask
	return t
}

func TestCallTree(t *testing.T) {
	var r Redactor
	ex := &inspect.Exchange{CallTree: secretTree()}
	ex.Verdict = "+38 ms in loadCart (template token=abcdef)"
	for name, got := range map[string]*inspect.Exchange{
		"exchange": r.Exchange(ex),
		"finished": r.Event(inspect.ExchangeFinished{Exchange: ex}).(inspect.ExchangeFinished).Exchange,
		"updated":  r.Event(inspect.ExchangeUpdated{Exchange: ex}).(inspect.ExchangeUpdated).Exchange,
	} {
		if diff := cmp.Diff(maskedTree(), got.CallTree); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if want := "+38 ms in loadCart (template token=" + Mask; got.Verdict != want {
			t.Errorf("%s: verdict %q", name, got.Verdict)
		}
	}
	if diff := cmp.Diff(secretTree(), ex.CallTree); diff != "" {
		t.Errorf("the record was changed: %s", diff)
	}
	if r.CallTree(nil) != nil {
		t.Error("something of nothing")
	}
}

func TestComparison(t *testing.T) {
	var r Redactor
	secret, masked := secretTree(), maskedTree()
	side := inspect.Compared{Route: "GET /x", Count: 3}
	c := inspect.Comparison{Before: side, After: side, Verdict: "+38 ms in loadCart, 12 more SELECTs", Tree: secret, Delta: []time.Duration{1, 2},
		SQL: []inspect.StatementChange{{Statement: "SELECT 1 FROM u WHERE password = 'hunter22'"}}}
	want := c
	want.Tree, want.SQL = masked, []inspect.StatementChange{{Statement: "SELECT 1 FROM u WHERE password = '" + Mask + "'"}}
	for i := range secret.Functions {
		c.Functions = append(c.Functions, inspect.FunctionChange{Function: secret.Functions[i], Delta: 3})
		want.Functions = append(want.Functions, inspect.FunctionChange{Function: masked.Functions[i], Delta: 3})
	}
	if diff := cmp.Diff(want, r.Comparison(c)); diff != "" {
		t.Error(diff)
	}
	if c.Tree.Functions[2].Name == masked.Functions[2].Name || c.SQL[0].Statement == want.SQL[0].Statement || c.Functions[2] == want.Functions[2] {
		t.Error("the comparison was changed")
	}
}

// A profile has numbers, and goes through as it is.
func TestProfile(t *testing.T) {
	var r Redactor
	p := inspect.Profile{ID: 3, Kind: inspect.ProfileTrace, Time: time.Unix(1, 0), Duration: 5, Exchange: inspect.NewID(), Route: "GET /cart/{}", Build: 4, Samples: 200,
		Others: 7, Replays: 9, Walls: []inspect.Millis{1, 2}, Size: 77, Note: "the kernel allows no more", Trace: &inspect.TraceSummary{Goroutines: 2, Blocked: []inspect.TraceReason{{Reason: "sync", Time: 4, Count: 1}}}}
	if diff := cmp.Diff(inspect.Event(inspect.ProfileRecorded{Profile: p}), r.Event(inspect.ProfileRecorded{Profile: p})); diff != "" {
		t.Error(diff)
	}
	g := inspect.ProfileProgressed{Progress: inspect.ProfileProgress{Exchange: p.Exchange, Kind: inspect.ProfileCPU, Samples: 5, Wanted: 200, Error: "GET http://h/?token=abcdef: refused"}}
	want := g
	want.Progress.Error = "GET http://h/?token=" + Mask + " refused"
	if diff := cmp.Diff(inspect.Event(want), r.Event(g)); diff != "" {
		t.Error(diff)
	}
}
