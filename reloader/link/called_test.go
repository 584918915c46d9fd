package link

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// Two trees as the agent packs them: the first tells of the function at pc 5 in line 7,
// the second only names it.
const (
	told   = "\x02" + "\x01\x05\x07\x06main.f\x05/a.go" + "\x03\x01\x07handler\x00\x05\x07\x05sleep" + "\x03\x00\x00\x01\x64\x01\x01\x02\x32\x01\x02\x03\x28"
	untold = "\x00" + "\x00" + "\x03\x01\x07handler\x00\x05\x02\x05" + "\x02\x00\x00\x01\x64\x01\x01\x02\x32"
)

func message(data string, seq, count int64) *agent.Message {
	return &agent.Message{Type: agent.TypeCalls, Exchange: "x", Data: data, Seq: seq, Count: count}
}

func TestCalled(t *testing.T) {
	var c calls
	f := inspect.CallFunction{
		Kind: inspect.CallFunc, Name: "main.f",
		At: &inspect.Location{Function: "main.f", File: "/a.go", Path: "/a.go", Line: 7},
	}
	first := &inspect.CallTree{
		Lost:      2,
		Functions: []inspect.CallFunction{{Kind: inspect.CallHandler, Name: "handler"}, f, {Kind: inspect.CallWait, Name: "sleep"}},
		Nodes: []inspect.CallNode{
			{Parent: -1, Function: 0, Calls: 1, Total: 100}, {Parent: 0, Function: 1, Calls: 2, Total: 50},
			{Parent: 1, Function: 2, Calls: 3, Total: 40 * time.Nanosecond},
		},
	}
	if d := cmp.Diff(first, c.piece(message(told, 0, 1))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	unknown := strings.Replace(untold, "\x02\x05", "\x02\x06", 1) // a goroutine of another function
	want := &inspect.CallTree{
		Functions: []inspect.CallFunction{{Kind: inspect.CallHandler, Name: "handler"}, f, {Kind: inspect.CallGoroutine, Name: "0x6"}},
		Nodes:     []inspect.CallNode{{Parent: -1, Function: 0, Calls: 1, Total: 100}, {Parent: 0, Function: 1, Calls: 2, Total: 50}},
	}
	if d := cmp.Diff(want, c.piece(message(unknown, 0, 1))); d != "" {
		t.Errorf("known already (-want +got):\n%s", d)
	}
	// In pieces.
	for i, part := range []string{told[:10], told[10:20], told[20:]} {
		got := c.piece(message(part, int64(i), 3))
		if last := i == 2; (got != nil) != last || last && cmp.Diff(first, got) != "" {
			t.Errorf("piece %d gives %+v", i, got)
		}
	}
	// What does not fit together gives nothing, and the next is whole again.
	for _, m := range []*agent.Message{
		message(told[:10], 0, 2), message(told[10:], 2, 3), message(told, 1, 2), message("", 0, 1), message(told+"x", 0, 1),
		message(told, 0, maxPieces+1), message(told[:10], 0, 2), {Type: agent.TypeCalls, Exchange: "y", Data: told[10:], Seq: 1, Count: 2},
	} {
		if got := c.piece(m); got != nil {
			t.Errorf("%+v gives %+v", m, got)
		}
	}
	if c.piece(message(told, 0, 1)) == nil {
		t.Error("a whole tree after broken ones gives nothing")
	}
}
