package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/query"
	"github.com/pastedev/pastedev/reloader/overlay"
	"github.com/spf13/cobra"
)

// What a shell offers at its tab key. Cobra asks for it by a hidden command.

func newCompletionCommand(std stdio) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script of a shell: " + strings.Join(shells, ", "),
		Long: `completion prints a script that has the shell complete commands, flags, their values,
and what a running instance knows: the IDs of its requests, the codes of its errors.
That of bash needs the package bash-completion.`,
		Example: `  source <(pastedev completion bash)
  pastedev completion zsh > "${fpath[1]}/_pastedev"
  pastedev completion fish > ~/.config/fish/completions/pastedev.fish`,
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return usagef("completion needs one shell\nhint: pastedev completion %s", strings.Join(shells, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch root := cmd.Root(); args[0] {
			case "bash":
				return root.GenBashCompletionV2(std.out, true)
			case "zsh":
				return root.GenZshCompletion(std.out)
			case "fish":
				return root.GenFishCompletion(std.out, true)
			default:
				return root.GenPowerShellCompletionWithDesc(std.out)
			}
		},
	}
}

// A completer lists what may stand where the user is, each with a description behind a tab.
type completer func(ctx context.Context, client *control.Client) ([]string, error)

// completeAll has every command below cmd complete its arguments and flags.
func completeAll(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		completeAll(sub)
	}
	if !cmd.HasParent() || cmd.Hidden {
		return
	}
	path := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
	switch path {
	case "show", "replay", "profile", "goroutines":
		completeArgs(cmd, 1, recentExchanges(""))
	case "compare":
		completeArgs(cmd, 2, recentExchanges(""))
	case "cancel":
		completeArgs(cmd, 1, recentExchanges("is:inflight"))
	case "errors show", "errors eval":
		completeArgs(cmd, 1, keptErrors)
	case "profiles":
		completeArgs(cmd, 1, keptProfiles)
	case "sessions forget":
		completeArgs(cmd, 1, keptSessions)
	case "requests":
		cmd.ValidArgsFunction = completeQuery
	case "request":
		cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, cobra.ShellCompDirectiveNoFileComp
		}
	case "init", "demo":
		cmd.ValidArgsFunction = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	case "run", "serve", "check", "completion", "help": // files, or their own
	default:
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	completeFlags(cmd, path)
}

// settingWords are the settings and flags that take one of some words.
func settingWords() map[string][]string {
	var hooks []string
	for _, name := range overlay.Names() {
		hooks = append(hooks, "-"+name)
	}
	return map[string][]string{
		"access-log-format": accessLogFormats,
		"editor":            slices.Sorted(maps.Keys(editors)),
		"format":            {"human", "json", "logfmt"},
		"gate":              {"hold\trequests wait for the new program", "old\tthe old program answers them"},
		"hooks":             hooks,
		"html":              {"all", "errors\tno warnings", "off"},
		"kind":              profileKinds,
		"on-build-error":    {"page\tthe errors", "old\tthe old program answers"},
		"ui":                {"auto", "tui", "log"},
	}
}

// completeFlags completes the values of those flags of cmd that files are not.
func completeFlags(cmd *cobra.Command, path string) {
	offer := func(name string, f cobra.CompletionFunc) {
		if cmd.Flags().Lookup(name) == nil {
			return
		}
		if _, ok := cmd.GetFlagCompletionFunc(name); ok {
			return
		}
		if err := cmd.RegisterFlagCompletionFunc(name, f); err != nil {
			panic(err) // it is there, and has none
		}
	}
	for name, words := range settingWords() {
		if name == "hooks" {
			offer(name, func(_ *cobra.Command, _ []string, given string) ([]string, cobra.ShellCompDirective) {
				return afterComma(given, words), cobra.ShellCompDirectiveNoSpace
			})
			continue
		}
		offer(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
	for _, name := range []string{"state", "sessions"} {
		offer(name, cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs))
	}
	if path == "restart" || path == "profile" {
		offer("mount", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return fromInstance(cmd, runMounts), cobra.ShellCompDirectiveNoFileComp
		})
	}
}

// completeHelp offers the commands and topics below those that are given.
func completeHelp(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var list []string
	if at, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
		for _, sub := range at.Commands() {
			if !sub.Hidden {
				list = append(list, sub.Name()+"\t"+sub.Short)
			}
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// afterComma puts each of words behind what is given of a list already.
func afterComma(given string, words []string) []string {
	before := given[:strings.LastIndexByte(given, ',')+1]
	var list []string
	for _, w := range words {
		if !slices.Contains(strings.Split(before, ","), w) {
			list = append(list, before+w)
		}
	}
	return list
}

// completeArgs completes the first n arguments of cmd.
func completeArgs(cmd *cobra.Command, n int, what completer) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return fromInstance(cmd, what), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

const (
	// completionPatience is how long somebody at the tab key waits for an instance.
	completionPatience = time.Second
	// offered is how many things are offered at most: a screenful or two.
	offered = 50
)

// fromInstance asks the instance of the current folder, or of --state. Where none answers
// nothing is offered, and nothing said: the user is in the middle of a line.
func fromInstance(cmd *cobra.Command, what completer) []string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), completionPatience)
	defer cancel()
	state := ""
	if f := cmd.Flag("state"); f != nil {
		state = f.Value.String()
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil
	}
	client, err := dial(dir, state)
	if err != nil {
		return nil
	}
	defer client.Close()
	list, err := what(ctx, client)
	if err != nil {
		return nil
	}
	return list
}

// recentExchanges lists the IDs of the newest matches of a query.
func recentExchanges(text string) completer {
	return func(ctx context.Context, client *control.Client) ([]string, error) {
		found, err := client.Exchanges(ctx, inspect.ListRequest{Query: text, Limit: offered})
		var list []string
		for _, s := range found.Items {
			list = append(list, fmt.Sprintf("%s\t%s %s %s", s.ID.Short(), strings.TrimSpace(formatStatus(s.Status)), oneLine(s.Method), oneLine(s.Path)))
		}
		return list, err
	}
}

func keptErrors(ctx context.Context, client *control.Client) ([]string, error) {
	traces, err := client.Traces(ctx, maxErrors)
	var list []string
	for _, t := range newestOfEach(traces) {
		if t.Code != "" && len(list) < offered {
			list = append(list, t.Code+"\t"+oneLine(t.Headline))
		}
	}
	return list, err
}

func keptProfiles(ctx context.Context, client *control.Client) ([]string, error) {
	profiles, err := client.Profiles(ctx, offered)
	var list []string
	for _, p := range profiles {
		list = append(list, fmt.Sprintf("%d\t%s %s", p.ID, p.Kind, profileOf(p)))
	}
	return list, err
}

func keptSessions(ctx context.Context, client *control.Client) ([]string, error) {
	sessions, err := client.Sessions(ctx, offered, false)
	var list []string
	for _, s := range sessions {
		list = append(list, shortSession(s.ID)+"\texpires in "+roughly(time.Until(s.Expires)))
	}
	return list, err
}

// runMounts lists the mounts whose programs an instance runs.
func runMounts(ctx context.Context, client *control.Client) ([]string, error) {
	st, err := client.Status(ctx)
	var list []string
	for _, p := range st.Programs {
		list = append(list, p.Mount+"\t"+oneLine(p.Target))
	}
	return list, err
}

// completeQuery offers the fields of the query language that can be written without
// quotes.
func completeQuery(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, f := range query.Fields() {
		switch {
		case strings.HasSuffix(f.Name, "."): // a header's name follows
			list = append(list, f.Name+"\t"+f.Help)
		case strings.HasPrefix(f.Example, f.Name+":"):
			list = append(list, f.Name+":\t"+f.Help)
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
