package agent

import (
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	maxDepth   = 128 // frames looked at for a caller
	maxCallers = 8   // frames outside the standard library that a span carries, and the program's own among them
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

// toolchain is in the path of a standard library that the go command has downloaded,
// and of what pastedev links to it.
const toolchain = "/toolchain@v"

var places cache[place]

func lookUp(pc uintptr) *place {
	hash := hashPC(pc)
	for way := range cacheWays {
		if p := places.slot(hash, way).Load(); p != nil && p.pc == pc {
			return p
		}
	}
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	name, file := cut(f.Function, maxName), cut(f.File, maxName)
	p := &place{pc: pc, name: name, pkg: packageOf(name), code: originOf(name, f.File)}
	p.packed = Frame{Function: name, File: file, Line: int64(f.Line), PC: uint64(pc)}.pack()
	places.add(hash, p)
	return p
}

// packageOf returns the import path in the name of a function, in which the dots of
// the path's last element are written %2e.
func packageOf(function string) string {
	slash := 0
	for i := range len(function) {
		if function[i] == '/' {
			slash = i
		} else if function[i] == '[' { // type arguments
			break
		}
	}
	path := function
	if dot := indexByte(function[slash:], '.'); dot >= 0 {
		path = function[:slash+dot]
	}
	if !contains(path, "%2e") {
		return path
	}
	var b []byte
	for i := 0; i < len(path); i++ {
		if len(path)-i >= 3 && path[i:i+3] == "%2e" {
			b = append(b, '.')
			i += 2
		} else {
			b = append(b, path[i])
		}
	}
	return string(b)
}

func originOf(function, file string) origin {
	root := libraryRoot()
	switch {
	case root != "" && len(file) > len(root) && file[:len(root)] == root:
		return ofLibrary
	case contains(file, toolchain): // the go command may keep a package that was compiled at another place
		return ofLibrary
	case contains(file, "/vendor/") || contains(file, "@v"):
		return ofModule
	case root == "": // built with -trimpath
		pkg := packageOf(function)
		first := pkg
		if slash := indexByte(pkg, '/'); slash >= 0 {
			first = pkg[:slash]
		}
		if indexByte(first, '.') < 0 && !programs(pkg) {
			return ofLibrary
		}
	}
	return ofProgram
}

// programs reports whether a package is main or of the main module.
func programs(pkg string) bool {
	module := mainModule(host.buildInfo())
	return pkg == "main" || module != "" &&
		len(pkg) >= len(module) && pkg[:len(module)] == module && (len(pkg) == len(module) || pkg[len(module)] == '/')
}

// mainModule finds the path of the main module in what the linker notes of a build.
func mainModule(info string) string {
	const line = "\nmod\t"
	for i := 0; i+len(line) <= len(info); i++ {
		if info[i:i+len(line)] == line {
			path := info[i+len(line):]
			return path[:max(0, indexByte(path, '\t'))]
		}
	}
	return ""
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

// A site is a return address with what was inlined there.
type site struct {
	pc      uintptr
	outside []*place // those that are not the standard library's
}

var sites cache[site]

func lookUpSite(pc uintptr) *site {
	hash := hashPC(pc)
	for way := range cacheWays {
		if s := sites.slot(hash, way).Load(); s != nil && s.pc == pc {
			return s
		}
	}
	s := &site{pc: pc}
	var logical [maxCallers]uintptr
	for _, l := range logical[:host.expand(logical[:], pc)] {
		if p := lookUp(l); p.code != ofLibrary {
			s.outside = append(s.outside, p)
		}
	}
	sites.add(hash, s)
	return s
}

// A stack is the return addresses of one with what callers makes of them.
type stack struct {
	pcs    []uintptr
	frames []string
}

// known are the stacks that spans came from: a program has few, and each comes often.
var known cache[stack]

func (s *stack) is(pcs []uintptr) bool {
	if len(s.pcs) != len(pcs) {
		return false
	}
	for i := range pcs {
		if s.pcs[i] != pcs[i] {
			return false
		}
	}
	return true
}

// pcBuffers are for callers: a buffer on the stack would escape to host.
var pcBuffers = sync.Pool{New: func() any { return new([maxDepth]uintptr) }}

// callers returns the innermost frames of this goroutine that are not the standard
// library's, the last of them the program's own if that is further out. They are
// shared: nobody may write to them.
func callers() []string {
	pcs := pcBuffers.Get().(*[maxDepth]uintptr)
	defer pcBuffers.Put(pcs)
	n := host.callers(pcs[:])
	pointers := n >= 0 // else there are no frame pointers here
	if !pointers {
		n = runtime.Callers(1, pcs[:])
	}
	hash := hashStack(pcs[:n])
	for way := range cacheWays {
		if s := known.slot(hash, way).Load(); s != nil && s.is(pcs[:n]) {
			return s.frames
		}
	}
	var outside []*place
	for _, pc := range pcs[:n] {
		if pointers {
			outside = append(outside, lookUpSite(pc).outside...)
		} else if p := lookUp(pc); p.code != ofLibrary {
			outside = append(outside, p)
		}
	}
	s := &stack{pcs: append([]uintptr(nil), pcs[:n]...), frames: innermost(outside)}
	known.add(hash, s)
	return s.frames
}

// innermost bounds the frames. A library between the program and its database can be
// many calls deep.
func innermost(all []*place) []string {
	var frames []string
	found := false
	for i, p := range all {
		found = found || p.code == ofProgram
		switch {
		case i < maxCallers:
			frames = append(frames, p.packed)
		case found:
			frames[maxCallers-1] = p.packed
		}
		if i >= maxCallers-1 && found {
			break
		}
	}
	return frames
}
