package overlay

// printsHook says what reached standard output and standard error.
func printsHook() Hook {
	return Hook{
		Name:    "prints",
		Feature: "prints of a request",
		Package: "os",
		Needs:   attribution,
		Edits: []Edit{{
			Anchor: "(*File).Write",
			Want:   "func(b []byte) (n int, err error)",
			Change: around("n, e := f.write(b)", "", "; pastedevWrote(f, b, n)"),
		}},
		Files: []string{"os/pastedev_write.go"},
	}
}
