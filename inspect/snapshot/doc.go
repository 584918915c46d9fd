// Package snapshot freezes a panic's process in a file, so that its variables can
// be read at leisure while the program has long gone on.
//
// The one call to make is [Main]: a program of ours re-executes itself with a hidden
// command that does nothing but call it. In that helper process [Take] stops the
// target for some milliseconds and writes an ELF core, and [Open] reads frames,
// variables and expressions from it. The helper ends, and the memory that debug
// information needs goes away with it.
//
// The target may run without debug information (-ldflags=-w), which links faster. Its
// twin with it is linked from the same packages when it is needed, or beside. Linker
// flags are recorded in the program, so the two take flags of equal length, which
// keeps all addresses: "-compressdwarf=0 -w=1" and "-compressdwarf=0 -w=0". Debug
// information that is not compressed is read in half the time.
//
// It never runs code of the target, never changes a byte of it, never calls a
// function in it, and never reads the memory of a process that it was not told to.
//
// Its Paste ancestor is the extended traceback of paste.exceptions and paste.evalexception,
// which had the interpreter's frames at hand.
package snapshot
