package agent

import (
	"runtime"
	"sync/atomic"
)

const (
	maxDepth   = 64  // frames looked at for a caller
	maxCallers = 8   // frames outside the standard library that a span carries
	maxStack   = 200 // frames of a panic
	maxName    = 300 // bytes of a function's name, and of a file's
)

// place is what is known of one pc.
type place struct {
	pc     uintptr
	packed string
	name   string // of the function
	pkg    string // its import path
	code   origin
}

// origin says whose code it is, as far as the path of its file tells.
type origin int

const (
	ofProgram origin = iota
	ofModule         // another module: the module cache or a vendor folder
	ofLibrary        // the standard library
)

// places remembers what was looked up, each pc at the place of its hash: bounded,
// and free of locks.
var places [1024]atomic.Pointer[place]

func lookUp(pc uintptr) *place {
	slot := &places[(pc^pc>>10)%uintptr(len(places))]
	if p := slot.Load(); p != nil && p.pc == pc {
		return p
	}
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	name, file := cut(f.Function, maxName), cut(f.File, maxName)
	p := &place{pc: pc, name: name, pkg: packageOf(name), code: originOf(name, f.File)}
	p.packed = Frame{Function: name, File: file, Line: int64(f.Line), PC: uint64(pc)}.pack()
	slot.Store(p)
	return p
}

// packageOf returns the import path in the name of a function, as the linker
// writes it: a dot in its last element is %2e.
func packageOf(function string) string {
	slash := 0
	for i := range len(function) {
		if function[i] == '/' {
			slash = i
		} else if function[i] == '[' { // type arguments
			break
		}
	}
	if dot := indexByte(function[slash:], '.'); dot >= 0 {
		return function[:slash+dot]
	}
	return function
}

func originOf(function, file string) origin {
	root := libraryRoot()
	switch {
	case root != "" && len(file) > len(root) && file[:len(root)] == root:
		return ofLibrary
	case contains(file, "/vendor/") || contains(file, "@v"):
		return ofModule
	case root == "": // built with -trimpath
		first := function
		if slash := indexByte(function, '/'); slash >= 0 {
			first = function[:slash]
		} else {
			first = packageOf(function)
		}
		if indexByte(first, '.') < 0 && first != "main" {
			return ofLibrary
		}
	}
	return ofProgram
}

// libraryRoot is the folder of the standard library with a slash, "" when the
// program was built with -trimpath.
func libraryRoot() string {
	if s := library.Load(); s != nil {
		return *s
	}
	const known = "runtime/extern.go" // where runtime.Callers is
	var pc [1]uintptr
	runtime.Callers(0, pc[:])
	f, _ := runtime.CallersFrames(pc[:]).Next()
	root := ""
	if n := len(f.File) - len(known); n > 0 && f.File[n:] == known {
		root = f.File[:n]
	}
	library.Store(&root)
	return root
}

var library atomic.Pointer[string]

func contains(s, part string) bool {
	for i := 0; i+len(part) <= len(s); i++ {
		if s[i:i+len(part)] == part {
			return true
		}
	}
	return false
}

// callers returns the innermost frames of this goroutine that are not the standard
// library's.
func callers() []string {
	var pcs [maxDepth]uintptr
	const skip = 3 // runtime.Callers, callers and the method that ends the span
	n := runtime.Callers(skip, pcs[:])
	frames := make([]string, 0, maxCallers)
	for _, pc := range pcs[:n] {
		if p := lookUp(pc); p.code != ofLibrary {
			if frames = append(frames, p.packed); len(frames) == maxCallers {
				break
			}
		}
	}
	return frames
}
