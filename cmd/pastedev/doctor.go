package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/spf13/cobra"
)

// A checkup is what doctor found out about one thing.
type checkup struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
}

func newDoctorCommand(std stdio) *cobra.Command {
	var asJSON bool
	var state string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check what pastedev needs from this machine and this folder",
		Long: `doctor looks at the Go toolchain, the module, file events, the state dir and a
running instance, and says what each missing piece costs. It changes nothing, and
ends with 1 when something that run needs is missing.`,
		Example: `  pastedev doctor
  pastedev doctor --json | jq -r 'select(.ok | not) | .hint'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := os.Getwd()
			if err != nil {
				return err
			}
			checks := examine(cmd.Context(), dir, state)
			if asJSON {
				err = printJSONLines(std.out, checks)
			} else {
				err = printCheckups(std.out, checks)
			}
			if err != nil {
				return err
			}
			for _, c := range checks {
				if !c.OK {
					return exitError(exitFailure)
				}
			}
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	return cmd
}

func printCheckups(w io.Writer, checks []checkup) error {
	var b bytes.Buffer
	for _, c := range checks {
		mark := "ok  "
		if !c.OK {
			mark = "FAIL"
		}
		fmt.Fprintf(&b, "%s  %-12s %s\n", mark, c.Name, c.Detail)
		if c.Hint != "" {
			fmt.Fprintf(&b, "%18s hint: %s\n", "", c.Hint)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// doctorPatience bounds each question that doctor asks another program.
const doctorPatience = 20 * time.Second

func examine(ctx context.Context, dir, state string) []checkup {
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	return append([]checkup{
		examineGo(ctx, dir),
		examineModule(ctx, dir),
		examineFileEvents(),
		examineTracing(),
		examineStateDir(moduleRoot(ctx, dir), state),
	}, examineInstance(ctx, dir, state)...)
}

func examineGo(ctx context.Context, dir string) checkup {
	c := checkup{Name: "go"}
	cmd := exec.CommandContext(ctx, "go", "env", "GOVERSION", "GOROOT")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		c.Detail = err.Error()
		c.Hint = "install Go; commands and --upstream targets work without it"
		return c
	}
	v, root, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	c.OK, c.Detail = true, v+" in "+root
	return c
}

func examineModule(ctx context.Context, dir string) checkup {
	c := checkup{Name: "module", OK: true}
	cmd := exec.CommandContext(ctx, "go", "list", "-f", "{{if eq .Name \"main\"}}{{.ImportPath}}{{end}}", "./...")
	cmd.Dir = dir
	out, err := cmd.Output()
	mains := strings.Fields(string(out))
	switch {
	case err != nil:
		c.Detail = "no Go module here"
		c.Hint = "a Go target needs a go.mod; commands and --upstream targets do not"
	case len(mains) == 0:
		c.Detail = "no main package at or below this folder"
	default:
		c.Detail = "main packages: " + strings.Join(mains, " ")
	}
	return c
}

func examineFileEvents() checkup {
	c := checkup{Name: "file events", OK: true}
	if runtime.GOOS != "linux" {
		c.Detail = runtime.GOOS + " has its own; nothing to set"
		return c
	}
	watches, err := os.ReadFile("/proc/sys/fs/inotify/max_user_watches")
	if err != nil {
		c.Detail, c.Hint = "inotify: "+err.Error(), "edits are found by polling instead"
		return c
	}
	instances, _ := os.ReadFile("/proc/sys/fs/inotify/max_user_instances")
	c.Detail = fmt.Sprintf("inotify: %s watches, %s instances",
		strings.TrimSpace(string(watches)), strings.TrimSpace(string(instances)))
	return c
}

// examineTracing says whether panics of Go programs can have locals. The agent allows
// the tracing itself, so of Yama's settings only the one that forbids all is in the way.
func examineTracing() checkup {
	c := checkup{Name: "locals", OK: true}
	if runtime.GOOS != "linux" {
		c.Detail = "off: a snapshot of a program that panics needs Linux"
		return c
	}
	const forbidden = "3"
	scope, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	switch s := strings.TrimSpace(string(scope)); {
	case err != nil:
		c.Detail = "tracing is not restricted by Yama; a container may still forbid it"
	case s == forbidden:
		c.Detail, c.Hint = "off: kernel.yama.ptrace_scope is 3", "panics have stack and source; sysctl kernel.yama.ptrace_scope=1 needs a reboot"
	default:
		c.Detail = "Go programs that panic show them (kernel.yama.ptrace_scope is " + s + ")"
	}
	return c
}

// moduleRoot returns the folder that run keeps its state in: that of the module around
// dir, or dir itself.
func moduleRoot(ctx context.Context, dir string) string {
	cmd := exec.CommandContext(ctx, "go", "env", "GOMOD")
	cmd.Dir = dir
	out, err := cmd.Output()
	if mod := strings.TrimSpace(string(out)); err == nil && filepath.Base(mod) == "go.mod" {
		return filepath.Dir(mod)
	}
	return dir
}

// examineStateDir looks for the dir that run would use. It makes a file in it, or in
// the nearest folder above that exists, and removes it again.
func examineStateDir(root, chosen string) checkup {
	c := checkup{Name: "state dir"}
	dirs := []string{chosen}
	if chosen == "" {
		dirs = []string{filepath.Join(root, control.StateDirName)}
		if fallback, err := control.FallbackStateDir(root); err == nil {
			dirs = append(dirs, fallback)
		}
	}
	for i, dir := range dirs {
		err := tryDir(dir)
		if err == nil {
			if c.OK, c.Hint = true, ""; c.Detail != "" {
				dir += ", for this: " + c.Detail
			}
			c.Detail = dir
			break
		}
		if i == 0 {
			c.Detail, c.Hint = err.Error(), "choose another with --state DIR"
		}
	}
	return c
}

// tryDir reports why dir cannot be written to or made.
func tryDir(dir string) error {
	_, err := os.Stat(dir)
	for errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
		_, err = os.Stat(dir)
	}
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".pastedev-doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// examineInstance says what runs here: the instance, and each program of pastedev serve.
func examineInstance(ctx context.Context, dir, state string) []checkup {
	c := checkup{Name: "instance", OK: true}
	client, err := dial(dir, state)
	if err != nil {
		c.Detail = "none is running for this folder"
		if state != "" {
			c.Detail = "none is running with this state dir"
		}
		return []checkup{c}
	}
	defer client.Close()
	st, err := client.Status(ctx)
	if err != nil {
		c.OK, c.Detail, c.Hint = false, err.Error(), "end the process and start pastedev run again"
		return []checkup{c}
	}
	c.Detail = fmt.Sprintf("pid %d runs %s, %s", st.PID, st.Target, st.State)
	switch rel, err := filepath.Rel(dir, st.Dir); {
	case err != nil || len(rel) > len(st.Dir):
		c.Detail += " in " + st.Dir
	case rel != ".":
		c.Detail += " in " + rel
	}
	list := []checkup{c}
	for _, p := range st.Programs {
		list = append(list, checkup{Name: "program", OK: true, Detail: programText(p)})
	}
	return list
}

// programText is "/app: ./myapp, running, build 3, pid 4711".
func programText(p inspect.Program) string {
	text := fmt.Sprintf("%s: %s, %s", p.Mount, p.Target, p.State)
	if p.Detail != "" {
		text += " (" + p.Detail + ")"
	}
	if p.Build != nil {
		text += fmt.Sprintf(", build %d", p.Build.Number)
	}
	if p.PID != 0 {
		text += fmt.Sprintf(", pid %d", p.PID)
	}
	return oneLine(text)
}
