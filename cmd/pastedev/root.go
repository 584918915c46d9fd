package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pastedev/pastedev/inspect/query"
)

// newRootCommand returns the command tree.
func newRootCommand(std stdio) *cobra.Command {
	root := &cobra.Command{
		Use:   "pastedev",
		Short: "See inside your web app while you write it",
		Long: `pastedev wraps a web app while you write it: it rebuilds and restarts on each
edit, keeps the app's address answering meanwhile, records every request, and
shows requests, builds and errors in the terminal and in the browser page.

A command ends with 0 when it is done, with 1 when something failed, and with 2 when it
was not used as it can be; run and serve may end with their program's code instead:
pastedev help exit-codes. Results are on standard output, all else on standard error.

Commands find the instance of the current folder or of one above. Where none runs, those
that only read, read the history of the last one.`,
		Example: `  pastedev run ./myapp              a Go program, at the address it always had
  pastedev run . -port 3000         its own arguments come after it
  pastedev run -- node server.js    any other command
  pastedev run --upstream http://localhost:3000
  pastedev requests 'status:5xx since:10m' --json`,
		Version:           versionText(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              knownCommand,

		SuggestionsMinimumDistance: 2,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetUsageFunc(printUsage)
	root.SetHelpCommand(newHelpCommand())
	root.AddCommand(
		newRunCommand(std),
		newServeCommand(std),
		newAttachCommand(std),
		newRequestsCommand(std),
		newShowCommand(std),
		newErrorsCommand(std),
		newSessionsCommand(std),
		newCheckCommand(std),
		newProfileCommand(std),
		newProfilesCommand(std),
		newCompareCommand(std),
		newGoroutinesCommand(std),
		newCancelCommand(std),
		newEchoCommand(std),
		newRequestCommand(std),
		newReplayCommand(std),
		newRestartCommand(std),
		newDemoCommand(std),
		newDoctorCommand(std),
		newInitCommand(std),
		newPasswordCommand(std),
		newCompletionCommand(std),
		newVersionCommand(std),
		newSnapshotCommand(),
		newExitCodesTopic(),
		newJSONTopic(),
	)
	completeAll(root)
	return root
}

// knownCommand refuses what no command has the name of.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	path := cmd.CommandPath() + " "
	hint := path + "--help"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + path + strings.Join(near, " or "+path) + "?"
	}
	return usagef("unknown command %q\nhint: %s", args[0], hint)
}

// flagError says in words of ours what pflag found wrong.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	hint := cmd.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, f.Name)
			}
		})
		if unknown.GetSpecifiedName() == "json" && slices.Contains(names, "format") {
			hint = "--ui=log --format=json prints a line for each request on standard error"
		} else if near := query.Nearest(unknown.GetSpecifiedName(), names); near != "" {
			hint = "did you mean --" + near + "? " + hint
		} else if cmd.Name() == "run" {
			hint = "arguments of the app come after it; " + hint
		}
	}
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		reason := wrong.Unwrap().Error()
		switch wrong.GetFlag().Value.Type() {
		case "int", "int64":
			reason = "it takes a whole number"
		case "bool":
			reason = "it takes true or false"
		case "duration":
			reason = "it takes a duration such as 30s or 5m"
		}
		text = fmt.Sprintf("--%s is %q: %s", wrong.GetFlag().Name, wrong.GetValue(), reason)
	}
	return usagef("%s\nhint: %s", text, hint)
}

// newHelpCommand is cobra's, but for its answer to an unknown name.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",

		ValidArgsFunction: completeHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			to, rest, err := cmd.Root().Find(args)
			switch {
			case err != nil:
				return err
			case len(rest) > 0 && to.HasSubCommands():
				return knownCommand(to, rest)
			case len(rest) > 0:
				return usagef("%s has no command %q\nhint: pastedev help %s", to.Name(), rest[0], to.Name())
			}
			to.InitDefaultHelpFlag()
			return to.Help()
		},
	}
}

// version returns the module version or the commit this binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}

// versionRecord is the line of --json.
type versionRecord struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// versionText is "pastedev v1.2.3 go1.26.0 linux/amd64".
func versionText() string {
	return fmt.Sprintf("pastedev %s %s %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func newVersionCommand(std stdio) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			if asJSON {
				return printJSON(std.out, versionRecord{version(), runtime.Version(), runtime.GOOS, runtime.GOARCH})
			}
			_, err := fmt.Fprintln(std.out, versionText())
			return err
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}
