//go:build !windows

package reloader

// exeSuffix ends the name of a program file.
const exeSuffix = ""
