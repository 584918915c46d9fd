package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pastedev/pastedev/reloader"
	"github.com/spf13/cobra"
)

func newRunCommand(std stdio) *cobra.Command {
	given := defaultConfig() // the flags' own home; loadConfig reads them from there
	cmd := &cobra.Command{
		Use:   "run [flags] PACKAGE [ARG...] | run [flags] -- COMMAND [ARG...] | run --upstream URL",
		Short: "Run an app, restart it on each edit, and record its requests",
		Long: `run starts the app and keeps it current. The app keeps its address; pastedev
answers there, holds requests while a newer program is built and started, and
records each one. A Go package is built with the agent, in a build of its own that
leaves the source alone. Any other command gets a private PORT and is answered for
at --addr.

In a terminal the UI opens; q ends everything. Elsewhere the app's output passes
through unchanged and one line for each request goes to standard error.

Every flag has a variable and a key in pastedev.toml: --body-limit,
PASTEDEV_BODY_LIMIT, body_limit.`,
		Example: `  pastedev run ./myapp -port 3000       what follows the package goes to the app
  pastedev run --build-flag=-tags=dev .
  pastedev run -- node server.js
  pastedev run --upstream http://localhost:3000 --watch 'web/**'`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := os.Getwd()
			if err != nil {
				return err
			}
			c, err := loadConfig(dir, cmd.Flags(), os.Getenv)
			if err != nil {
				return err
			}
			linesWanted(cmd, &c)
			isCommand := cmd.ArgsLenAtDash() == 0
			return runCommand(cmd.Context(), std, c, dir, args, isCommand)
		},
	}
	cmd.Flags().SetInterspersed(false)
	given.bind(cmd.Flags())
	completeRules(cmd, "html-ignore")
	return cmd
}

// runCommand runs the target until the user ends it. It ends with the app's own
// exit code when the app ended on its own or on a signal passed on to it.
func runCommand(ctx context.Context, std stdio, c config, dir string, args []string, isCommand bool) error {
	target, err := chooseTarget(ctx, c, dir, args, isCommand)
	if err != nil {
		return err
	}
	return runOpened(ctx, func() (*session, error) { return openSession(ctx, std, c, dir, target) })
}

// chooseTarget reads what is to be wrapped from the command line and the settings.
func chooseTarget(ctx context.Context, c config, dir string, args []string, isCommand bool) (reloader.Target, error) {
	switch {
	case c.Upstream != "":
		if len(args) > 0 {
			return reloader.Target{}, usagef("--upstream wraps a server that runs already; it takes no %q", args[0])
		}
		if err := checkUpstream(c.Upstream); err != nil {
			return reloader.Target{}, err
		}
		return reloader.Target{Kind: reloader.TargetNone, Upstream: c.Upstream}, nil
	case len(args) == 0 && c.Target != "":
		return configuredTarget(ctx, dir, splitCommand(c.Target))
	case len(args) == 0:
		return reloader.Target{}, usagef("what should it run?\n" +
			"hint: pastedev run ./myapp, pastedev run -- node server.js, or pastedev run --upstream http://localhost:3000")
	case isCommand:
		return reloader.Target{Kind: reloader.TargetCommand, Args: args}, nil
	}
	pkg, err := reloader.ResolveGoPackage(ctx, dir, args[0])
	if err != nil {
		return reloader.Target{}, err
	}
	return reloader.Target{Kind: reloader.TargetPackage, Package: pkg, Args: args[1:]}, nil
}

// configuredTarget is a target that is written as one line: a Go package when the first
// word names one by its path, else a command.
func configuredTarget(ctx context.Context, dir string, words []string) (reloader.Target, error) {
	if len(words) == 0 {
		return reloader.Target{}, usagef("target is empty\nhint: target = \"./myapp\"")
	}
	if pkg, err := reloader.ResolveGoPackage(ctx, dir, words[0]); err == nil {
		return reloader.Target{Kind: reloader.TargetPackage, Package: pkg, Args: words[1:]}, nil
	} else if words[0] == "." || strings.HasPrefix(words[0], "./") || strings.HasPrefix(words[0], "../") {
		if info, statErr := os.Stat(filepath.Join(dir, words[0])); statErr == nil && info.IsDir() {
			return reloader.Target{}, err
		}
	}
	return reloader.Target{Kind: reloader.TargetCommand, Args: words}, nil
}

// splitCommand splits a command line at blanks; quotes hold words together.
func splitCommand(text string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	open := false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, open = r, true
		case r == ' ' || r == '\t':
			if open || word.Len() > 0 {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
		}
	}
	if open || word.Len() > 0 {
		words = append(words, word.String())
	}
	return words
}

func checkUpstream(text string) error {
	u, err := url.Parse(text)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		return nil
	}
	return usagef("--upstream is %q, which is no http or https URL\nhint: --upstream http://%s", text, strings.TrimPrefix(text, "//"))
}
