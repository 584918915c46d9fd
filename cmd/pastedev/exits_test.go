package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/spf13/cobra"
)

// TestExitTable: the topic has each command once.
func TestExitTable(t *testing.T) {
	var have, want []string
	for _, e := range exitTable() {
		have = append(have, e.command)
	}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Runnable() && !cmd.Hidden && cmd.HasParent() {
			want = append(want, strings.TrimPrefix(cmd.CommandPath(), "pastedev "))
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	root := newRootCommand(stdio{out: io.Discard, err: io.Discard})
	root.InitDefaultHelpCmd()
	walk(root)
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("the table has   %q\nthe commands are %q", have, want)
	}
}

// TestExitCases runs each command to each of its ends that the topic tells of. Of the
// arguments STATE is the state dir of an instance with some requests, EMPTY that of one
// that has recorded nothing else, NONE a folder where nothing ran, and DIR an empty one.
func TestExitCases(t *testing.T) {
	state, history, _ := profiled(t, false)
	history.PutTrace(inspect.Trace{Code: "E-abcde", Kind: inspect.TracePanic, Time: time.Now(), Headline: "it broke"})
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("good.html", "<!DOCTYPE html><html lang=en><title>t</title><p>t")
	write("bad.html", "<p></b>")
	if err := os.MkdirAll(filepath.Join(dir, "site", "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	words := strings.NewReplacer("STATE", state, "NONE", filepath.Join(dir, "none"), "SITE", filepath.Join(dir, "site"), "DIR", dir)
	shown := map[string]map[int]bool{}
	for _, tt := range exitCases {
		line := words.Replace(tt.line)
		ctx := t.Context()
		if tt.left { // as by the user
			var cancel context.CancelFunc
			ctx, cancel = context.WithCancel(ctx)
			cancel()
		}
		var out, errs bytes.Buffer
		code := run(ctx, append([]string{}, splitCommand(line)...), stdio{out: &out, err: &errs}) // nil would be those of the test
		if code != tt.code {
			t.Errorf("pastedev %s: ends with %d, want %d\n%s%s", line, code, tt.code, &out, &errs)
		}
		if said := errs.String(); tt.code == exitUsage && (!strings.HasPrefix(said, "pastedev: ") || !strings.Contains(said, "\nhint: ")) {
			t.Errorf("pastedev %s: does not say what to do: %q", line, said)
		}
		root := newRootCommand(stdio{})
		root.InitDefaultHelpCmd()
		cmd, _, _ := root.Find(splitCommand(line))
		name := strings.TrimPrefix(cmd.CommandPath(), "pastedev ")
		if shown[name] == nil {
			shown[name] = map[int]bool{}
		}
		shown[name][code] = true
	}
	for _, e := range exitTable() {
		for code, text := range []string{e.done, e.failed, "always"} {
			if text != "" && !shown[e.command][code] && !slices.Contains(shownElsewhere, fmt.Sprint(e.command, " ", code)) {
				t.Errorf("pastedev %s never ended with %d: %s", e.command, code, text)
			}
		}
	}
}

// shownElsewhere are ends that need more than this: a program, a session, a terminal.
var shownElsewhere = []string{
	"serve 1", "demo 0", "attach 0", "request 0", "replay 0", "restart 0", // testdata/script
	"sessions forget 0", "password 0", "password 1", "password 2",
}

type exitCase struct {
	line string
	code int
	left bool // its context has ended
}

var exitCases = []exitCase{
	{line: "run --ui=log --addr 127.0.0.1:0 --exit --state DIR/run -- true", code: 0},
	{line: "run --ui=log --addr 127.0.0.1:0 --exit --state DIR/run -- sh -c 'exit 7'", code: 7},
	{line: "run --ui=log --addr 127.0.0.1:0 --exit --state DIR/run -- sh -c 'kill -9 $$'", code: 137},
	{line: "run --ui=log --addr 127.0.0.1:0 --state DIR/run -- sleep 99", code: 0, left: true},
	{line: "run --ui=log ./nothing-here", code: 1},
	{line: "run", code: 2}, {line: "run --gate=x .", code: 2}, {line: "run --nope", code: 2},
	{line: "serve --ui=log --state DIR/serve --addr 127.0.0.1:0 SITE", code: 0, left: true}, {line: "serve --check SITE", code: 0}, {line: "serve", code: 2}, {line: "serve --check", code: 2},
	{line: "echo --ui=log --state DIR/echo --addr 127.0.0.1:0", code: 0, left: true}, {line: "echo --state bad.html/x", code: 1}, {line: "echo x", code: 2},
	{line: "demo SITE", code: 1}, {line: "demo a b", code: 2}, {line: "demo --ui=x c", code: 2},
	{line: "attach --state NONE", code: 1}, {line: "attach x", code: 2}, {line: "attach --format=x --state STATE", code: 2}, {line: "attach --json --format=json", code: 2},
	{line: "requests --state STATE", code: 0}, {line: "requests --state STATE path:/nothing", code: 0}, {line: "requests --state NONE", code: 1},
	{line: "requests --state STATE status:", code: 2}, {line: "requests --limit -1", code: 2},
	{line: "show --state STATE 1111", code: 0}, {line: "show --state NONE 1111", code: 1}, {line: "show --state STATE 9999", code: 1}, {line: "show", code: 2},
	{line: "errors --state STATE", code: 0}, {line: "errors --state NONE", code: 1}, {line: "errors x", code: 2}, {line: "errors x --help", code: 2},
	{line: "errors show --state STATE E-abcde", code: 0}, {line: "errors show --state STATE E-nope", code: 1}, {line: "errors show", code: 2}, {line: "errors show --json --markdown x", code: 2},
	{line: "errors eval --state STATE E-abcde 0 u", code: 1}, {line: "errors eval --state STATE E-nope 0 u", code: 1}, {line: "errors eval x", code: 2},
	{line: "sessions --state STATE", code: 0}, {line: "sessions --state STATE --limit 0", code: 0}, {line: "sessions --state NONE", code: 1}, {line: "sessions --limit -1", code: 2}, {line: "sessions x", code: 2},
	{line: "sessions forget --state STATE aaaaaaaaaaaa", code: 1}, {line: "sessions forget", code: 2},
	{line: "check good.html", code: 0}, {line: "check bad.html", code: 1}, {line: "check nope.html", code: 1}, {line: "check SITE", code: 2}, {line: "check", code: 2},
	{line: "profile --state STATE 1111", code: 0}, {line: "profile --state STATE 9999", code: 1}, {line: "profile --state STATE 4444", code: 1}, {line: "profile", code: 2}, {line: "profile --kind x", code: 2},
	{line: "profiles --state STATE", code: 0}, {line: "profiles --state STATE 99", code: 1}, {line: "profiles x", code: 2},
	{line: "compare --state STATE 1111 2222", code: 0}, {line: "compare --state STATE 9999", code: 1}, {line: "compare", code: 2},
	{line: "goroutines --state STATE 1111", code: 0}, {line: "goroutines --state STATE 9999", code: 1}, {line: "goroutines", code: 2},
	{line: "cancel --state STATE 3333", code: 0}, {line: "cancel --state STATE 1111", code: 1}, {line: "cancel", code: 2},
	{line: "request GET / --state NONE", code: 1}, {line: "request GET", code: 2},
	{line: "replay --state STATE 9999", code: 1}, {line: "replay", code: 2},
	{line: "restart --state NONE", code: 1}, {line: "restart x", code: 2},
	{line: "doctor --state NONE", code: 0}, {line: "doctor --state bad.html/x", code: 1}, {line: "doctor x", code: 2},
	{line: "init", code: 0}, {line: "init", code: 1}, {line: "init a b", code: 2},
	{line: "completion bash", code: 0}, {line: "completion", code: 2},
	{line: "version", code: 0}, {line: "--version", code: 0}, {line: "version x", code: 2},
	{line: "help", code: 0}, {line: "help exit-codes", code: 0}, {line: "help nonsense", code: 2}, {line: "help errors nonsense", code: 2},
	{line: "", code: 0}, {line: "nonsense", code: 2}, {line: "nonsense --help", code: 2}, {line: "--nonsense", code: 2},
}
