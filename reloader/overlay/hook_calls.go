package overlay

// callsHook reports outgoing requests.
func callsHook() Hook {
	return Hook{
		Name:    "calls",
		Feature: "outgoing calls of a request",
		Package: "net/http",
		Needs:   attribution,
		Edits: []Edit{{
			Anchor: "(*Transport).RoundTrip",
			Want:   "func(req *Request) (*Response, error)",
			Change: replace("return t.roundTrip(req)", "return t.pastedevRoundTrip(req)"),
		}},
		Files: []string{"net/http/pastedev_call.go"},
	}
}
