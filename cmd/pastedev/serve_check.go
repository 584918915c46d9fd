package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/redact"
)

// checked is what `pastedev serve --check` says of a set-up, secrets masked.
type checked struct {
	URL      string            `json:"url"`                // where it would answer
	Settings string            `json:"settings,omitempty"` // the file that was read
	Mounts   []checkedMount    `json:"mounts"`
	Auth     []checkedAuth     `json:"auth"`
	Log      *checkedLog       `json:"access_log,omitempty"`
	Compress bool              `json:"compress"`
	Errors   map[string]string `json:"errors"` // pages by status: "404", "5xx"
	Warnings []string          `json:"warnings"`
}

// checkedMount is one mount.
type checkedMount struct {
	Path string   `json:"path"`
	Kind string   `json:"kind"`
	To   string   `json:"to"`
	Env  []string `json:"env,omitempty"` // names of variables, never values
}

// checkedAuth is one [[auth]].
type checkedAuth struct {
	Path string `json:"path"`
	Kind string `json:"kind"`
}

// checkedLog is the access log.
type checkedLog struct {
	Path   string `json:"path"`
	Format string `json:"format"`
}

// checkSetup says what would be served.
func checkSetup(ctx context.Context, std stdio, dir string, c config, set setup, asJSON bool) error {
	s := &session{std: std, config: c, dir: dir}
	v := newServing(s, set, nil)
	for _, m := range flat(set.mounts) {
		if m.kind != mountRun {
			continue
		}
		target, err := m.program(ctx)
		if err == nil {
			err = m.checkEnv(target, (&session{config: c, target: target}).instrumented())
		}
		if err != nil {
			return err
		}
	}
	made, err := v.compose(set, nil)
	if err != nil {
		return usagef("%v", err)
	}
	if err := made.close(); err != nil {
		return err
	}
	found, err := set.checked(c)
	if err != nil {
		return err
	}
	for _, w := range found.Warnings {
		s.notice(w)
	}
	if asJSON {
		return printJSON(std.out, found)
	}
	return found.print(std.out)
}

// checked describes the set-up.
func (set setup) checked(c config) (checked, error) {
	masks := new(redact.Redactor)
	found := checked{
		URL: "http://" + c.Addr, Settings: c.file, Compress: set.layers.compress,
		Mounts: []checkedMount{}, Auth: []checkedAuth{}, Errors: map[string]string{}, Warnings: []string{},
	}
	if c.TLS {
		found.URL = "https://" + c.Addr
	}
	for _, m := range set.mounts {
		one := checkedMount{Path: m.Path, Kind: string(m.kind), To: masks.Command(m.To)}
		var err error
		if one.Env, err = m.envNames(); err != nil {
			return found, err
		}
		found.Mounts = append(found.Mounts, one)
	}
	for _, a := range set.auth {
		found.Auth = append(found.Auth, checkedAuth{Path: a.Path, Kind: a.Kind})
	}
	if l := set.layers; l.accessLog != "" {
		found.Log = &checkedLog{Path: l.accessLog, Format: l.format}
	}
	for code, path := range set.layers.errors {
		found.Errors[errorStatus(code)] = path
	}
	set.warn(func(text string) { found.Warnings = append(found.Warnings, text) })
	return found, nil
}

// warn tells what is allowed and may be a mistake.
func (set setup) warn(tell func(string)) {
	for _, m := range flat(set.mounts) {
		if m.later != "" {
			tell(fmt.Sprintf("mount %q: %s: 404 until it is there", m.Path, m.later))
		}
	}
}

// print writes it a line for each thing.
func (found checked) print(out io.Writer) error {
	var b strings.Builder
	line := func(path, kind, what string) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-16s %-8s %s", path, kind, what), " ") + "\n")
	}
	for _, m := range found.Mounts {
		line(m.Path, m.Kind, m.To)
		if len(m.Env) > 0 {
			line("", "env", strings.Join(m.Env, " "))
		}
	}
	for _, a := range found.Auth {
		line(a.Path, a.Kind, "auth")
	}
	if found.Log != nil {
		line("access log", found.Log.Format, found.Log.Path)
	}
	if found.Compress {
		line("answers", "compress", "zstd, gzip")
	}
	for _, status := range slices.Sorted(maps.Keys(found.Errors)) {
		line(status, "error", found.Errors[status])
	}
	b.WriteString("at " + found.URL + "\n")
	_, err := io.WriteString(out, b.String())
	return err
}
