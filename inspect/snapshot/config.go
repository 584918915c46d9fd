package snapshot

import (
	"debug/buildinfo"
	"strings"

	"github.com/go-delve/delve/pkg/proc"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// DefaultDepth is how many levels of structs, slices and maps are read in frames
	// of the app: a request, its URL, the URL's fields. Pointers are no level.
	DefaultDepth = 2
	// DefaultChildren is how many elements, entries or fields of one value are read.
	DefaultChildren = 40
	// DefaultStringLen is how many bytes of a string are read.
	DefaultStringLen = 400
	// DefaultNodes is how many values a frame may hold in all, so that a page with
	// forty frames stays a page.
	DefaultNodes = 600
	// DefaultFrames is how many frames are read.
	DefaultFrames = 50
	// foreignDepth and foreignChildren are for frames outside the app, whose
	// variables are rarely looked at.
	foreignDepth    = 1
	foreignChildren = 12
	// maxLine bounds the one-line form of a value, in bytes.
	maxLine = 160
)

// LoadConfig bounds what is read. Zero fields mean the defaults.
type LoadConfig struct {
	Root      string `json:"root,omitempty"` // of the module; files below it are named relative to it
	Depth     int    `json:"depth,omitempty"`
	Children  int    `json:"children,omitempty"`
	StringLen int    `json:"string_len,omitempty"`
	Nodes     int    `json:"nodes,omitempty"`
	Frames    int    `json:"frames,omitempty"`
}

func (c LoadConfig) withDefaults() LoadConfig {
	set := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&c.Depth, DefaultDepth)
	set(&c.Children, DefaultChildren)
	set(&c.StringLen, DefaultStringLen)
	set(&c.Nodes, DefaultNodes)
	set(&c.Frames, DefaultFrames)
	return c
}

// delve returns c in the reader's words.
func (c LoadConfig) delve() proc.LoadConfig {
	return proc.LoadConfig{FollowPointers: true, MaxVariableRecurse: c.Depth, MaxStringLen: c.StringLen,
		MaxArrayValues: c.Children, MaxStructFields: c.Children}
}

// foreign is c for frames that are not the app's.
func (c LoadConfig) foreign() LoadConfig {
	c.Depth, c.Children = min(c.Depth, foreignDepth), min(c.Children, foreignChildren)
	return c
}

// modules says whose code a package is.
type modules struct {
	app, deps []string // paths
}

// modulesOf reads what the linker wrote into the program. Modules of the workspace
// and replaced ones have no checksum: they are the app's.
func modulesOf(info *buildinfo.BuildInfo) modules {
	m := modules{app: []string{"main"}}
	if info.Main.Path != "" {
		m.app = append(m.app, info.Main.Path)
	}
	for _, d := range info.Deps {
		if d.Sum == "" && (d.Replace == nil || d.Replace.Sum == "") {
			m.app = append(m.app, d.Path)
		} else {
			m.deps = append(m.deps, d.Path)
		}
	}
	return m
}

// origin finds the module with the longest path that holds pkg.
func (m modules) origin(pkg string) inspect.FrameOrigin {
	best, origin := -1, inspect.FrameStandard
	look := func(paths []string, o inspect.FrameOrigin) {
		for _, p := range paths {
			if (pkg == p || strings.HasPrefix(pkg, p+"/")) && len(p) > best {
				best, origin = len(p), o
			}
		}
	}
	look(m.deps, inspect.FrameDependency)
	look(m.app, inspect.FrameApp)
	return origin
}
