package overlay

// profileHooks answer the requests that pastedev itself sends to the program, with
// profiles and goroutines, and mark the work of each exchange while a profile runs. A
// CPU profile or a flight recorder of the program's own ends ours.
func profileHooks() []Hook {
	const profiles = "profiles of requests"
	const traces = "execution traces of requests"
	return []Hook{
		{
			Name: "profile", Feature: profiles, Package: "runtime/pprof", Needs: attribution,
			Edits: []Edit{{
				Anchor: "StartCPUProfile",
				Want:   "func(w io.Writer) error",
				Change: around("cpu.Lock()", "pastedevYield(w); ", ""),
			}},
			Files: []string{
				"runtime/pastedev_goroutines.go", "agent/goroutines.go", "runtime/pprof/pastedev_labels.go",
				"runtime/pprof/pastedev_cpu.go", "runtime/pprof/pastedev_wall.go", "runtime/pprof/pastedev_rates.go",
			},
		},
		{
			Name: "profile", Feature: traces, Package: "runtime/trace", Needs: profiles,
			Edits: []Edit{{
				Anchor: "(*FlightRecorder).Start",
				Want:   "func() error",
				Change: around("fr.wantSize = fr.targetSize", "if PastedevYield != nil { PastedevYield(fr) }; ", ""),
			}},
			Files: []string{"runtime/trace/pastedev_flight.go"},
		},
		{
			Name: "profile", Feature: "asking the program for profiles", Package: "net/http", Needs: traces,
			Edits: []Edit{{
				Anchor: "serverHandler.ServeHTTP",
				Want:   "func(rw ResponseWriter, req *Request)",
				Change: around("handler := sh.srv.Handler",
					"if pastedevCommand(rw, req) { return }; pastedevMark := pastedevProfile(req); defer pastedevMark.end(); ", ""),
			}},
			Files: []string{"net/http/pastedev_command.go", "net/http/pastedev_profile.go"},
		},
	}
}
