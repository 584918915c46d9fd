package agent

import _ "unsafe" // for go:linkname

// This file joins the agent in a build made by pastedev, and makes package runtime
// show it the panics.

//go:linkname runtimePanicking runtime.pastedevPanicking
var runtimePanicking func(any)

//go:linkname runtimeFatal runtime.pastedevFatal
var runtimeFatal func()

// A program that pastedev does not listen to keeps them nil: a panic costs it two
// comparisons.
var _ = func() bool {
	host.started = append(host.started, func() { runtimePanicking, runtimeFatal = panicking, fatal })
	return true
}()
