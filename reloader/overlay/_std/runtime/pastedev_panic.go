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
// from C, and when the program is ending. The time that this takes, which is long when
// pastedev makes a snapshot, is not that of the function that panics, and what the agent
// calls to read the value is no call of the program's.
func pastedevPanic(e any) {
	gp := getg()
	if gp.pastedev.quiet || gp.m.ncgo != 0 || gp.m.dying != 0 || panicking.Load() != 0 {
		return
	}
	gp.pastedev.quiet = true
	tree, from := gp.pastedev.tree, gp.pastedev.from
	gp.pastedev.tree, gp.pastedev.from = nil, nil
	since := pastedevTicks()
	pastedevPanicking(e)
	gp.pastedev.tree, gp.pastedev.from = tree, from
	if tree != nil {
		tree.spare()
		pastedevParked(gp, since, pastedevLooks)
	}
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
