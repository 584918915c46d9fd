package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestProgramDir gives each program a folder of its own, below that of the state.
func TestProgramDir(t *testing.T) {
	cascade := mountSpec{mountConfig: mountConfig{Path: "/"}, kind: mountCascade, parts: []mountSpec{
		{mountConfig: mountConfig{Path: "/"}, kind: mountRun, target: "./a"},
		{mountConfig: mountConfig{Path: "/"}, kind: mountRun, target: "./b"},
		{mountConfig: mountConfig{Path: "/"}, kind: mountRun, target: "./b " + strings.Repeat("/long", 100)},
	}}
	mounts := []mountSpec{cascade}
	for _, path := range []string{"/a.b", "/a_b", "/..", "/root", "localhost/x", "/a/b"} {
		mounts = append(mounts, mountSpec{mountConfig: mountConfig{Path: path}, kind: mountRun, target: "./c"})
	}
	v := new(serving)
	v.wanting.Store(&setup{mounts: mounts})
	seen := map[string]string{}
	for _, spec := range flat(mounts) {
		if spec.kind != mountRun {
			continue
		}
		name := v.programDir(spec)
		if other, taken := seen[name]; taken || name == "" || filepath.Base(name) != name || !filepath.IsLocal(name) || len(name) > maxStateName {
			t.Errorf("%s: the folder is %q, as that of %q", spec.Path, name, other)
		}
		seen[name] = spec.Path
	}
}
