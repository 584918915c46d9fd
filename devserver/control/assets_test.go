package control

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

// The page is made of text nodes, under a policy without inline code.
func TestAssetsKeepThePolicy(t *testing.T) {
	banned := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|setAttribute\("style|javascript:`)
	imports := regexp.MustCompile(`from "\./([\w.]+)"`)
	names, err := fs.Glob(assets, "assets/*")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d assets, %v", len(names), err)
	}
	for _, name := range names {
		b, err := assets.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if assetTypes[path.Ext(name)] == "" {
			t.Errorf("%s has no type", name)
		}
		for n, line := range strings.Split(string(b), "\n") {
			if m := banned.FindString(line); m != "" && !strings.Contains(line, "// no javascript:") {
				t.Errorf("%s:%d uses %s", name, n+1, m)
			}
			for _, m := range imports.FindAllStringSubmatch(line, -1) {
				if _, err := readAsset(m[1]); err != nil {
					t.Errorf("%s:%d imports %s, which is not there", name, n+1, m[1])
				}
			}
		}
	}
	index, err := assets.ReadFile("assets/index.html")
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`<style|<script(?:[^>]*)>[^<]|\son\w+=|\sstyle=|https?://[^w]`).FindString(string(index)); m != "" {
		t.Errorf("index.html has %q", m)
	}
}
