package runtime

import _ "unsafe" // for go:linkname

// This file joins package runtime in a build made by pastedev. gopanic calls
// pastedevPanic once it has found that the goroutine can go on, and pastedevCrash
// before it ends the program.

// The agent sets these before the program has a second goroutine.

//go:linkname pastedevPanicking
var pastedevPanicking func(any)

//go:linkname pastedevFatal
var pastedevFatal func()

// pastedevPanic shows a panic to the agent, except inside of the agent, in a call
// from C, and when the program is ending.
func pastedevPanic(e any) {
	gp := getg()
	if gp.pastedev.quiet || gp.m.ncgo != 0 || gp.m.dying != 0 || panicking.Load() != 0 {
		return
	}
	gp.pastedev.quiet = true
	pastedevPanicking(e)
	gp.pastedev.quiet = false
}

// pastedevCrash says that nobody recovers the panic of this goroutine.
func pastedevCrash() {
	gp := getg()
	if gp.pastedev.quiet || gp.m.ncgo != 0 || gp.m.dying != 0 || panicking.Load() != 0 {
		return
	}
	gp.pastedev.quiet = true
	pastedevFatal()
}
