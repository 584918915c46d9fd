package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui"
)

// uiOptions say how a source is to be shown.
type uiOptions struct {
	tui      bool
	mouse    bool
	attached bool
	log      io.Writer // of the line log; nil: standard error, where an app's own output passes through
	format   string
	editor   string // by the name that --editor takes
}

// wantsTUI decides between the terminal UI and the line log.
func wantsTUI(c config, std stdio) bool {
	in, _ := terminal(std)
	return c.UI == "tui" || c.UI == "auto" && in != nil
}

// showUI shows src until the user leaves or ctx ends.
func showUI(ctx context.Context, src tui.Source, std stdio, o uiOptions) error {
	inspector := func(ctx context.Context, id inspect.ID) (string, error) { return inspectorLink(ctx, src, id) }
	if !o.tui {
		if o.format == "human" { // the other formats are for programs
			if link, err := inspector(ctx, ""); err == nil {
				fmt.Fprintf(std.err, "pastedev: inspector page at %s\n", link)
			}
		}
		to := o.log
		if to == nil {
			to = std.err
		}
		return tui.LogLines(ctx, src, to, o.format, coloured(to))
	}
	in, out := terminal(std)
	if in == nil {
		return usagef("the terminal UI needs a terminal on standard input and output\nhint: --ui=log")
	}
	return tui.Run(ctx, src, tui.Options{
		Input: in, Output: out, Mouse: o.mouse, Attached: o.attached, Open: openBrowser, Inspector: inspector,
		Editor: openEditor(o.editor),
	})
}

// inspectorLink returns the address of the inspector page of src's instance, with
// the token that lets a browser in, at the exchange id when there is one.
func inspectorLink(ctx context.Context, src tui.Source, id inspect.ID) (string, error) {
	st, err := src.Status(ctx)
	if err != nil {
		return "", err
	}
	inst, err := control.FindIn(st.StateDir)
	if err != nil {
		return "", err
	}
	if len(inst.URLs) == 0 {
		return "", fmt.Errorf("the instance in %s has no inspector page", st.StateDir)
	}
	if id == "" {
		return inst.URLs[0], nil
	}
	return inst.URLs[0] + "&to=/exchanges/" + string(id), nil
}

// showing is a UI that runs.
type showing struct {
	done chan struct{}
	err  error // read it after done is closed
}

func (sh *showing) wait() error {
	<-sh.done
	return sh.err
}

// show starts the session's own UI. The terminal UI ends with ctx or by the user, the
// line log when the feed does, so that nothing that happened goes unsaid.
func (s *session) show(ctx context.Context) *showing {
	if !s.tui {
		ctx = context.WithoutCancel(ctx)
	}
	sh := &showing{done: make(chan struct{})}
	go func() {
		defer close(sh.done)
		sh.err = showUI(ctx, s.service, s.std, uiOptions{tui: s.tui, mouse: !s.config.NoMouse, format: s.config.Format, editor: s.config.Editor})
		if errors.Is(sh.err, tui.ErrFeedEnded) {
			sh.err = nil // close ended it
		}
	}()
	return sh
}

// openBrowser shows url in the user's browser and does not wait for it.
func openBrowser(url string) error {
	var name string
	var args []string
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler"}
	default:
		name = "xdg-open"
	}
	cmd := exec.Command(name, append(args, url)...)
	err := startDetached(cmd)
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("no %s on this machine; copy the address instead", name)
	}
	return err
}
