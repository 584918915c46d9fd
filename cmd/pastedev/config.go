package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/reloader"
	"github.com/pastedev/pastedev/reloader/overlay"
	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
)

// configName is the file that holds a project's settings. See findConfig for where.
const configName = "pastedev.toml"

// config holds every setting of run, serve and what is like them. A setting has one name everywhere: the flag
// --body-limit, the variable PASTEDEV_BODY_LIMIT and the key body_limit. The
// precedence is flag, variable, file, default.
type config struct {
	Addr            string   `toml:"addr"`
	AllowHost       []string `toml:"allow_host"`
	BodyLimit       int64    `toml:"body_limit"`
	BuildFlags      []string `toml:"build_flags"`
	CalltreeExclude []string `toml:"calltree_exclude"`
	CalltreeInclude []string `toml:"calltree_include"`
	ControlAddr     string   `toml:"control_addr"`
	Editor          string   `toml:"editor"`
	EnvFile         string   `toml:"env_file"`
	Exit            bool     `toml:"exit"`
	Format          string   `toml:"format"`
	Gate            string   `toml:"gate"`
	Grace           duration `toml:"grace"`
	HistoryAge      duration `toml:"history_age"`
	HistoryCount    int      `toml:"history_count"`
	HistorySize     int64    `toml:"history_size"`
	Hold            duration `toml:"hold"`
	Hooks           []string `toml:"hooks"`
	HTML            string   `toml:"html"`
	HTMLIgnore      []string `toml:"html_ignore"`
	Ignore          []string `toml:"ignore"`
	NoAgent         bool     `toml:"no_agent"`
	NoCalltree      bool     `toml:"no_calltree"`
	NoForwarded     bool     `toml:"no_forwarded"`
	NoHeaders       bool     `toml:"no_headers"`
	NoInject        bool     `toml:"no_inject"`
	NoLocals        bool     `toml:"no_locals"`
	NoMouse         bool     `toml:"no_mouse"`
	Nu              string   `toml:"nu"`
	OnBuildError    string   `toml:"on_build_error"`
	OnChange        string   `toml:"on_change"`
	Optimized       bool     `toml:"optimized"`
	Poll            bool     `toml:"poll"`
	Profile         bool     `toml:"profile"`
	Sessions        string   `toml:"sessions"`
	Slow            duration `toml:"slow"`
	State           string   `toml:"state"`
	Target          string   `toml:"target"`
	TLS             bool     `toml:"tls"`
	UI              string   `toml:"ui"`
	Upstream        string   `toml:"upstream"`
	Watch           []string `toml:"watch"`

	// What pastedev serve serves, and what it does besides.
	Mount           []mountConfig     `toml:"mount"`
	Cascade         []string          `toml:"cascade"`
	Auth            []authConfig      `toml:"auth"`
	AccessLog       string            `toml:"access_log"`
	AccessLogFormat string            `toml:"access_log_format"`
	Compress        bool              `toml:"compress"`
	Errors          map[string]string `toml:"errors"`

	file string // that was read; empty for none
}

// duration is a time.Duration that TOML and flags write as "5s".
type duration time.Duration

func (d *duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = duration(v)
	return err
}

func defaultConfig() config {
	return config{
		Addr:            "127.0.0.1:8000",
		AccessLogFormat: formatCombined,
		BodyLimit:       1 << 20,
		Editor:          "vscode",
		Format:          "human",
		Gate:            "hold",
		Grace:           duration(5 * time.Second),
		HistoryAge:      duration(7 * 24 * time.Hour),
		HistoryCount:    100_000,
		HistorySize:     1 << 30,
		Hold:            duration(30 * time.Second),
		HTML:            "all",
		OnBuildError:    "page",
		UI:              "auto",
	}
}

// bind makes a flag of each setting. The usage texts are the reference that
// `pastedev run --help` prints.
func (c *config) bind(fs *pflag.FlagSet) {
	fs.StringVar(&c.Addr, "addr", c.Addr, "address to answer at, for targets without an agent; a Go app keeps its own")
	fs.StringSliceVar(&c.AllowHost, "allow-host", c.AllowHost, "further Host names that may use the panel and the inspector page")
	fs.Int64Var(&c.BodyLimit, "body-limit", c.BodyLimit, "bytes of each body to keep, each way")
	fs.StringArrayVar(&c.BuildFlags, "build-flag", c.BuildFlags, "a flag for go build, repeatable: --build-flag=-tags=dev")
	fs.StringSliceVar(&c.CalltreeExclude, "calltree-exclude", c.CalltreeExclude, "package patterns of your own modules that call trees leave out: example.com/app/gen/...")
	fs.StringSliceVar(&c.CalltreeInclude, "calltree-include", c.CalltreeInclude, "package patterns of dependencies that call trees show too: github.com/go-chi/...")
	fs.StringVar(&c.ControlAddr, "control-addr", c.ControlAddr, "loopback address of the inspector page; default: a free port")
	fs.StringVar(&c.Editor, "editor", c.Editor, "editor that error pages link to: a URL scheme (vscode, cursor, zed, idea) or a template with {path} {line} {column}")
	fs.StringVar(&c.EnvFile, "env-file", c.EnvFile, "file of KEY=value lines for the app's environment, reread at each start")
	fs.BoolVar(&c.Exit, "exit", c.Exit, "end when the app ends by itself, with its exit code")
	fs.StringVar(&c.Format, "format", c.Format, "line log outside a terminal: human, json or logfmt")
	fs.StringVar(&c.Gate, "gate", c.Gate, "requests during a build: hold (wait for the new program) or old (the old one answers)")
	fs.DurationVar((*time.Duration)(&c.Grace), "grace", time.Duration(c.Grace), "time the app has between SIGTERM and SIGKILL")
	fs.DurationVar((*time.Duration)(&c.HistoryAge), "history-age", time.Duration(c.HistoryAge), "forget exchanges older than this")
	fs.IntVar(&c.HistoryCount, "history-count", c.HistoryCount, "keep at most this many exchanges")
	fs.Int64Var(&c.HistorySize, "history-size", c.HistorySize, "keep at most this many bytes of history on disk")
	fs.DurationVar((*time.Duration)(&c.Hold), "hold", time.Duration(c.Hold), "longest time a request waits for the app")
	fs.StringSliceVar(&c.Hooks, "hooks", c.Hooks, "hooks to leave out of a Go app: -"+strings.Join(overlay.Names(), ", -"))
	fs.StringVar(&c.HTML, "html", c.HTML, "check the HTML of answers: all, errors (no warnings) or off")
	fs.StringSliceVar(&c.HTMLIgnore, "html-ignore", c.HTMLIgnore, "findings not to tell, by family or code, in front of it a path: redundant, a11y/positive-tabindex, /admin/**:obsolete")
	fs.StringSliceVar(&c.Ignore, "ignore", c.Ignore, "globs of files whose edits do not count")
	fs.BoolVar(&c.NoAgent, "no-agent", c.NoAgent, "build a Go app without the agent; it gets PORT and is answered for at --addr")
	fs.BoolVar(&c.NoCalltree, "no-calltree", c.NoCalltree, "begin without the call trees of requests; a key switches them on (--hooks=-calltree builds without them)")
	fs.BoolVar(&c.NoForwarded, "no-forwarded", c.NoForwarded, "add no X-Forwarded-* and traceparent fields to requests")
	fs.BoolVar(&c.NoHeaders, "no-headers", c.NoHeaders, "add no Server-Timing field to responses; the panel then lists no exchanges")
	fs.BoolVar(&c.NoInject, "no-inject", c.NoInject, "do not add the script tag to pages")
	fs.BoolVar(&c.NoLocals, "no-locals", c.NoLocals, "take no snapshot of a Go app that panics: its traces have no variables")
	fs.BoolVar(&c.NoMouse, "no-mouse", c.NoMouse, "leave the mouse to the terminal")
	fs.StringVar(&c.Nu, "nu", c.Nu, "let the Nu HTML checker add to what is found: the path of vnu.jar, the URL of a running one, or auto")
	fs.StringVar(&c.OnBuildError, "on-build-error", c.OnBuildError, "what requests get while the source does not build: page (the errors) or old (the old program)")
	fs.StringVar(&c.OnChange, "on-change", c.OnChange, "shell command to run before each build, a CSS build say")
	fs.BoolVar(&c.Optimized, "optimized", c.Optimized, "compile a Go app's own packages as go build does; some variables of its traces are then unreadable")
	fs.BoolVar(&c.Poll, "poll", c.Poll, "look for edits by polling, where file events do not arrive")
	fs.BoolVar(&c.Profile, "profile", c.Profile, "sample the processor time of a Go app all the while, so that each request and route of the last minute has a profile")
	fs.StringVar(&c.Sessions, "sessions", c.Sessions, "folder that an app keeps its sessions in, to show them in the inspector; default: sessions in the state dir")
	fs.DurationVar((*time.Duration)(&c.Slow), "slow", time.Duration(c.Slow), "keep an execution trace of each exchange of a Go app that takes longer than this: 500ms")
	fs.StringVar(&c.State, "state", c.State, "state dir; default: .pastedev at the module root")
	fs.StringVar(&c.Target, "target", c.Target, "what run runs when nothing is named: \"./myapp -port 3000\", or a command such as \"node server.js\"")
	fs.BoolVar(&c.TLS, "tls", c.TLS, "speak HTTPS at --addr, with a certificate of the project's own; a Go app with the agent keeps its own way")
	fs.StringVar(&c.UI, "ui", c.UI, "auto, tui or log")
	fs.StringVar(&c.Upstream, "upstream", c.Upstream, "wrap a server that runs already: http://localhost:3000")
	fs.StringSliceVar(&c.Watch, "watch", c.Watch, "globs of further files whose edits count")
}

// bindServe makes a flag of each setting that is of `serve` only.
func (c *config) bindServe(fs *pflag.FlagSet) {
	fs.StringVar(&c.AccessLog, "access-log", c.AccessLog, "file to which serve adds a line for each request; - is standard error")
	fs.StringVar(&c.AccessLogFormat, "access-log-format", c.AccessLogFormat, "lines of the access log: combined, combined+duration (with the microseconds it took) or json")
	fs.BoolVar(&c.Compress, "compress", c.Compress, "have serve compress answers by gzip or zstd, where the client takes it and they gain by it")
}

// loadConfig resolves the settings: defaults, the file at or above dir, the
// environment, then the flags that were given.
func loadConfig(dir string, given *pflag.FlagSet, getenv func(string) string) (config, error) {
	c := defaultConfig()
	path, err := findConfig(dir)
	if err != nil {
		return c, err
	}
	if path != "" {
		c.file = path
		if err := c.readFile(path); err != nil {
			return c, err
		}
	}
	set := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	c.bind(set)
	c.bindServe(set)
	var errs []error
	set.VisitAll(func(f *pflag.Flag) {
		name := "PASTEDEV_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if v := getenv(name); v != "" {
			if err := set.Set(f.Name, v); err != nil {
				errs = append(errs, usagef("%s: %v", name, err))
			}
		}
	})
	given.Visit(func(f *pflag.Flag) {
		to := set.Lookup(f.Name)
		if to == nil {
			return // a flag of the command that is no setting
		}
		if from, ok := f.Value.(pflag.SliceValue); ok {
			errs = append(errs, to.Value.(pflag.SliceValue).Replace(from.GetSlice()))
			return
		}
		errs = append(errs, to.Value.Set(f.Value.String()))
	})
	if err := errors.Join(errs...); err != nil {
		return c, err
	}
	return c, c.check()
}

// readFile reads the settings in the file at path over those of c.
func (c *config) readFile(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	dec := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields()
	if err := dec.Decode(c); err != nil {
		return usagef("%s: %s", path, tomlDetail(err))
	}
	if err := bareNumbers(b); err != nil {
		return usagef("%s: %s", path, err)
	}
	if err := ignoredRules(b, c.HTMLIgnore); err != nil {
		return usagef("%s: %s", path, err)
	}
	if lines := blockLines(b, "mount"); len(lines) == len(c.Mount) {
		for i := range c.Mount {
			c.Mount[i].lines = lines[i]
		}
	}
	if c.AccessLog != "" && c.AccessLog != stderrLog { // beside the file, wherever it is read from
		c.AccessLog = reloader.Absolute(filepath.Dir(path), c.AccessLog)
	}
	return nil
}

// bareNumbers refuses a duration without a unit, which the decoder takes for
// nanoseconds.
func bareNumbers(b []byte) error {
	var raw map[string]any
	if err := toml.Unmarshal(b, &raw); err != nil {
		return err
	}
	if err := withUnits(raw, "grace", "history_age", "hold", "slow"); err != nil {
		return err
	}
	for _, blocks := range []string{"mount", "auth"} {
		tables, _ := raw[blocks].([]any)
		for _, t := range tables {
			if table, ok := t.(map[string]any); ok {
				if err := withUnits(table, "latency", "timeout"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// withUnits refuses names that are numbers in the table.
func withUnits(table map[string]any, names ...string) error {
	for _, name := range names {
		if n, ok := table[name].(int64); ok {
			unit := "s"
			if name == "latency" || name == "slow" {
				unit = "ms"
			}
			return fmt.Errorf("%s is a number without a unit\nhint: %s = \"%d%s\"", name, name, n, unit)
		}
	}
	return nil
}

// findConfig returns the settings file at dir or above it, "" when there is none.
// It does not look above a go.work or the root of a git repository. A go.mod is no end: a
// project may have several modules.
func findConfig(dir string) (string, error) {
	for {
		path := filepath.Join(dir, configName)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("look for settings: %w", err)
		}
		for _, root := range []string{"go.work", ".git"} {
			if _, err := os.Stat(filepath.Join(dir, root)); err == nil {
				return "", nil
			}
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", nil
		}
		dir = up
	}
}

// check refuses values that no room would understand.
func (c *config) check() error {
	for _, s := range []struct {
		name, value string
		allowed     []string
	}{
		{"access-log-format", c.AccessLogFormat, accessLogFormats},
		{"gate", c.Gate, []string{"hold", "old"}},
		{"html", c.HTML, []string{"all", "errors", "off"}},
		{"on-build-error", c.OnBuildError, []string{"page", "old"}},
		{"ui", c.UI, []string{"auto", "tui", "log"}},
		{"format", c.Format, []string{"human", "json", "logfmt"}},
	} {
		if !slices.Contains(s.allowed, s.value) {
			return usagef("%s is %q\nhint: it may be %s", s.name, s.value, strings.Join(s.allowed, " or "))
		}
	}
	if _, port, err := net.SplitHostPort(c.Addr); err != nil || !isPort(port) {
		return usagef("addr is %q\nhint: it is a host and a port: 127.0.0.1:8000, [::1]:8000, or :8000 for all of this machine's", c.Addr)
	}
	if editorURL(c.Editor) == "" {
		return usagef("editor is %q\nhint: it may be %s, or a URL with {path}, {line} and {column}",
			c.Editor, strings.Join(slices.Sorted(maps.Keys(editors)), ", "))
	}
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"body-limit", c.BodyLimit}, {"grace", int64(c.Grace)}, {"hold", int64(c.Hold)}, {"slow", int64(c.Slow)},
		{"history-count", int64(c.HistoryCount)}, {"history-size", c.HistorySize}, {"history-age", int64(c.HistoryAge)},
	} {
		if n.value < 0 {
			return usagef("%s is negative\nhint: pastedev run --help", n.name)
		}
	}
	if err := checkIgnored("html-ignore", c.HTMLIgnore, ignoreProblem); err != nil {
		return err
	}
	return c.checkHooks()
}

// isPort reports whether a server can listen at port: a number, or the name of a service.
func isPort(port string) bool {
	_, err := net.LookupPort("tcp", port)
	return port != "" && err == nil
}

// checkHooks refuses what names no hook.
func (c *config) checkHooks() error {
	names := overlay.Names()
	for _, h := range c.Hooks {
		name, off := strings.CutPrefix(h, "-")
		if !off || !slices.Contains(names, name) {
			return usagef("hooks has %q\nhint: leave hooks out with -%s", h, strings.Join(names, ", -"))
		}
	}
	return nil
}

// withoutHooks names the hooks that are left out.
func (c *config) withoutHooks() []string {
	var names []string
	for _, h := range c.Hooks {
		names = append(names, strings.TrimPrefix(h, "-"))
	}
	return names
}
