package overlay

// panicsHook shows every panic to the agent while its stack is whole, once the
// runtime has made sure that the goroutine can run Go code, and again before the
// runtime ends the program.
func panicsHook() Hook {
	const signature = "func(e any)"
	return Hook{
		Name:    "panics",
		Feature: "capturing panics",
		Package: "runtime",
		Needs:   attribution,
		Edits: []Edit{
			{Anchor: "gopanic", Want: signature, Change: around("var p _panic", "if pastedevPanicking != nil { pastedevPanic(e) }; ", "")},
			{Anchor: "gopanic", Want: signature, Change: around("preprintpanics(&p)", "if pastedevFatal != nil { pastedevCrash() }; ", "")},
		},
		Files: []string{"runtime/pastedev_panic.go", "agent/panics.go"},
	}
}
