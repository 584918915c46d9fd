// Package calltree reads call trees: what of a request's time went where, in which form
// a person or another tool wants it, and what differs between two of them.
//
// The one call to make is [Top], or [Text] for the tree itself; [Folded], [Speedscope]
// and [Pprof] are for other programs, [Flame] is for drawing, [Compare] says what got
// slower, and a [Baseline] says it of every request by itself.
//
// Every function takes trees as they came, from the wire or a file: of one that
// [Validate] refuses they give nothing, or Validate's error. All are pure, but for the
// Baseline, and safe for concurrent use as long as nobody changes the tree.
//
// # Two rules
//
// Goroutines: a node of kind goroutine ran beside its parent. Its time is no part of
// the parent's or of anything above, so it is not taken from their own time, and what
// is written for other tools begins a stack of its own.
//
// Recursion: a node is a path, so a function that calls itself has a node for each
// depth. Where functions are told, own times and calls of all its nodes add up; of
// totals only those of the outermost count, which hold the others.
//
// It never measures, never reads a file, and never changes a tree that it was given.
//
// Its Paste ancestor is debug.profile, which put hotshot's table beneath the page.
package calltree
