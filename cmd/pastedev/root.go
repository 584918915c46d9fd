package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// newRootCommand returns the command tree.
func newRootCommand(std stdio) *cobra.Command {
	root := &cobra.Command{
		Use:   "pastedev",
		Short: "See inside your web app while you write it",
		Long: `pastedev wraps a web app while you write it: it rebuilds and restarts on each
edit, keeps the app's address answering meanwhile, records every request, and
shows requests, builds and errors in the terminal and in the browser page.`,
		Example: `  pastedev run ./myapp                    a Go program, at the address it always had
  pastedev run . -port 3000               its own arguments come after it
  pastedev run -- node server.js          any other command
  pastedev run --upstream http://localhost:3000
  pastedev requests 'status:5xx since:10m' --json`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%s\nhint: %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(
		newRunCommand(std),
		newAttachCommand(std),
		newRequestsCommand(std),
		newShowCommand(std),
		newReplayCommand(std),
		newRestartCommand(std),
		newDoctorCommand(std),
		newVersionCommand(std),
	)
	return root
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

func newVersionCommand(std stdio) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return printJSON(std.out, map[string]string{
					"version": version(), "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
				})
			}
			cmd.Printf("pastedev %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}
