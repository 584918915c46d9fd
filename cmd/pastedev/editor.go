package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/devserver/panel"
)

// editor is how one editor is asked to show a line.
type editor struct {
	url     string   // address for links, with {path} {line} {column}
	command []string // program and arguments with the same fields; nil: the address is all there is
	tty     bool     // the command needs a terminal of its own
}

// editors are the known ones by the names that --editor takes.
var editors = map[string]editor{
	"vscode":          {url: panel.VSCode, command: []string{"code", "-g", "{path}:{line}:{column}"}},
	"vscode-insiders": {url: "vscode-insiders://file{path}:{line}:{column}", command: []string{"code-insiders", "-g", "{path}:{line}:{column}"}},
	"vscodium":        {url: "vscodium://file{path}:{line}:{column}", command: []string{"codium", "-g", "{path}:{line}:{column}"}},
	"cursor":          {url: "cursor://file{path}:{line}:{column}", command: []string{"cursor", "-g", "{path}:{line}:{column}"}},
	"windsurf":        {url: "windsurf://file{path}:{line}:{column}", command: []string{"windsurf", "-g", "{path}:{line}:{column}"}},
	"zed":             {url: "zed://file{path}:{line}:{column}", command: []string{"zed", "{path}:{line}:{column}"}},
	"idea":            {url: "idea://open?file={path}&line={line}&column={column}", command: []string{"idea", "--line", "{line}", "--column", "{column}", "{path}"}},
	"goland":          {url: "goland://open?file={path}&line={line}&column={column}", command: []string{"goland", "--line", "{line}", "--column", "{column}", "{path}"}},
	"textmate":        {url: "txmt://open?url=file://{path}&line={line}&column={column}", command: []string{"mate", "-l", "{line}:{column}", "{path}"}},
	"sublime":         {url: "subl://open?url=file://{path}&line={line}&column={column}", command: []string{"subl", "{path}:{line}:{column}"}},
	"emacs":           {url: "org-protocol://open-file?url=file://{path}&line={line}&column={column}", command: []string{"emacsclient", "-n", "+{line}:{column}", "{path}"}},
	"vim":             {url: "mvim://open?url=file://{path}&line={line}&column={column}", command: []string{"vim", "+{line}", "{path}"}, tty: true},
	"nvim":            {url: "nvim://open?url=file://{path}&line={line}&column={column}", command: []string{"nvim", "+{line}", "{path}"}, tty: true},
	"off":             {url: "off"},
}

// editorURL returns the address template of an editor's name, or the text itself
// when it is a template.
func editorURL(name string) string {
	if e, ok := editors[name]; ok {
		return e.url
	}
	if strings.Contains(name, "{path}") {
		return name
	}
	return ""
}

// openEditor returns what shows a line in the editor of that name: its command, or
// whatever the system has for its address.
func openEditor(name string) func(path string, line, col int) error {
	return func(path string, line, col int) error {
		if name == "off" {
			return errors.New("no editor is set: choose one with --editor")
		}
		fill := func(template, path string) string { return fillPlace(template, path, line, col) }
		e := editors[name]
		if _, err := exec.LookPath(first(e.command)); err != nil {
			if e.tty {
				return fmt.Errorf("%s is not on PATH", e.command[0])
			}
			return openBrowser(editorLink(name)(path, line, col))
		}
		var argv []string
		for _, a := range e.command {
			argv = append(argv, fill(a, path))
		}
		if e.tty {
			if os.Getenv("TMUX") == "" {
				return fmt.Errorf("%s needs a terminal of its own: %s", argv[0], strings.Join(argv, " "))
			}
			argv = append([]string{"tmux", "split-window", "-h"}, argv...)
		}
		return startDetached(exec.Command(argv[0], argv[1:]...))
	}
}

// editorLink returns what makes the address of a line in the editor of that name; "" when
// there is none.
func editorLink(name string) func(path string, line, col int) string {
	template := editorURL(name)
	return func(path string, line, col int) string {
		if template == "off" {
			return ""
		}
		return fillPlace(template, (&url.URL{Path: path}).EscapedPath(), line, col)
	}
}

func fillPlace(template, path string, line, col int) string {
	return strings.NewReplacer("{path}", path, "{line}", strconv.Itoa(max(line, 1)), "{column}", strconv.Itoa(max(col, 1))).Replace(template)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// startDetached starts a program that outlives us, and does not wait for it.
func startDetached(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait() // reaps it
	return nil
}
