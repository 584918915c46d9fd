package overlay

// attribution is what every hook below a request needs.
const attribution = "telling requests apart"

// goroutineHook gives every goroutine a place for the agent, which new goroutines
// inherit where they inherit profiler labels. The labels themselves are the
// program's.
func goroutineHook() Hook {
	return Hook{
		Feature: attribution,
		Package: "runtime",
		Edits: []Edit{
			{Anchor: "type g", Want: "struct", Change: addField("pastedev pastedevG")},
			{
				Anchor: "newproc1",
				Want:   "func(fn *funcval, callergp *g, callerpc uintptr, parked bool, waitreason waitReason) *g",
				Change: around("newg.labels = mp.curg.labels", "", "; newg.pastedev.exchange, newg.pastedev.from = mp.curg.pastedev.exchange, pastedevCurrent(mp.curg)"),
			},
			{Anchor: "gdestroy", Want: "func(gp *g)", Change: around("gp.labels = nil", "", "; gp.pastedev = pastedevG{}")},
		},
		Files: []string{
			"runtime/pastedev_goroutine.go", "agent/goroutine.go", "runtime/pastedev_calls.go",
			"runtime/pastedev_ticks_amd64.go", "runtime/pastedev_ticks_amd64.s", "runtime/pastedev_ticks_other.go",
		},
	}
}
