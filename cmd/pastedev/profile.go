package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/spf13/cobra"
)

// profileKinds are what --kind takes.
var profileKinds = []string{string(inspect.ProfileCPU), string(inspect.ProfileWall), string(inspect.ProfileHeap), string(inspect.ProfileMutex),
	string(inspect.ProfileBlock), string(inspect.ProfileTrace)}

// profileFlags are those of pastedev profile.
type profileFlags struct {
	form    profileForm
	kind    string
	route   string
	mount   string
	replay  bool
	yes     bool
	seconds float64
	samples int
}

func newProfileCommand(std stdio) *cobra.Command {
	var f profileFlags
	var state string
	cmd := &cobra.Command{
		Use:   "profile [ID]",
		Short: "Show where the time of a request went, or record a profile of it",
		Long: `profile shows the call tree of one exchange: every call of the app's own functions
with its time, and beneath them SQL, outgoing requests, templates, JSON and waiting.
It was recorded with the request, however short that was. ▶ marks the path that took
the most time.

With --kind it records a sampled profile and shows the functions that most was
measured in: of what arrives of the exchange's route, or with --replay of its own
request, sent again until there are enough samples. Without an ID it is of the whole
app, of which --mount names one where pastedev serve runs several. A processor
profile has 100 samples a second: without --replay a short request has none.

Kinds: ` + strings.Join(profileKinds, ", ") + `.`,
		Example: `  pastedev profile 4bf92f35
  pastedev profile 4bf92f35 --top
  pastedev profile 4bf92f35 --kind cpu --replay
  pastedev profile 4bf92f35 --kind cpu --replay --pb cpu.pb.gz
  pastedev profile 4bf92f35 --speedscope > cart.speedscope.json
  pastedev profile --kind heap --seconds 5
  pastedev profile --kind cpu --mount /app`,
		Args: func(cmd *cobra.Command, args []string) error { return f.check(cmd, args) },
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.kind == "" {
				return withHistory(cmd, std, state, func(ctx context.Context, client *control.Client) error {
					return showCallTree(ctx, std, client, args[0], f.form)
				})
			}
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				return f.record(ctx, std, client, args)
			})
		},
	}
	f.form.bind(cmd)
	stateFlag(cmd, &state)
	cmd.Flags().BoolVar(&f.form.tree, "tree", false, "print the call tree, indented (the default without --kind)")
	cmd.Flags().StringVar(&f.kind, "kind", "", "record a profile of this kind: "+strings.Join(profileKinds, ", "))
	cmd.Flags().StringVar(&f.route, "route", "", "record the requests of a route instead of one's: \"GET /cart/{}\"")
	cmd.Flags().StringVar(&f.mount, "mount", "", "record the program of this mount of pastedev serve: /app")
	cmd.Flags().BoolVar(&f.replay, "replay", false, "send the request again until there are enough samples")
	cmd.Flags().BoolVarP(&f.yes, "yes", "y", false, "send it again without a question, whatever its method")
	cmd.Flags().Float64Var(&f.seconds, "seconds", 0, "record at most this long (default 10)")
	cmd.Flags().IntVar(&f.samples, "samples", 0, "stop when there are this many samples (default 200)")
	return cmd
}

// check looks at the arguments beside the flags, which are parsed before.
func (f *profileFlags) check(cmd *cobra.Command, args []string) error {
	for _, name := range []string{"route", "mount", "replay", "yes", "seconds", "samples"} {
		if f.kind == "" && cmd.Flags().Changed(name) {
			f.kind = string(inspect.ProfileCPU) // only a recording takes them
		}
	}
	switch {
	case f.kind != "" && !slices.Contains(profileKinds, f.kind):
		return usagef("--kind is %q\nhint: it may be %s", f.kind, strings.Join(profileKinds, ", "))
	case len(args) > 1 || slices.Contains(args, ""):
		return usagef("profile takes one ID\nhint: pastedev profile ID; pastedev requests lists them")
	case len(args) == 0 && f.kind == "":
		return usagef("profile needs one ID\nhint: pastedev profile ID; pastedev requests lists them; --kind records the whole app")
	case len(args) == 0 && f.replay:
		return usagef("--replay needs one ID\nhint: pastedev profile ID --replay; pastedev requests lists them")
	case len(args) == 1 && f.route != "":
		return usagef("--route and an ID exclude each other\nhint: give one of them")
	case f.route != "" && f.replay:
		return usagef("--route and --replay exclude each other\nhint: a route has no request to send; give the ID of one")
	case f.kind != "" && f.form.tree:
		return usagef("--tree shows the call tree, and --kind records samples\nhint: leave --kind out, or give --top")
	case f.seconds < 0:
		return usagef("--seconds is %g\nhint: give how long to record, 0 for 10", f.seconds)
	case f.samples < 0:
		return usagef("--samples is %d\nhint: give how many are enough, 0 for 200", f.samples)
	}
	return f.form.check()
}

// record makes a profile and shows it.
func (f *profileFlags) record(ctx context.Context, std stdio, client *control.Client, args []string) error {
	req := inspect.ProfileRequest{Kind: inspect.ProfileKind(f.kind), Route: f.route, Mount: f.mount, Seconds: f.seconds, Samples: f.samples, Replay: f.replay, Confirmed: f.yes}
	if len(args) == 1 {
		ex, err := findExchange(ctx, client, args[0], false)
		if err != nil {
			return err
		}
		req.Exchange = ex.ID // whole, as in the events of its progress
	}
	if err := f.oneProgram(ctx, client, req); err != nil {
		return err
	}
	p, err := recordProfile(ctx, std, client, req)
	if errors.Is(err, inspect.ErrConfirm) && asksTerminal(std) {
		var yes bool
		if yes, err = ask(std, confirmText(err)); err != nil {
			return err
		}
		if !yes {
			return fmt.Errorf("nothing was sent")
		}
		req.Confirmed = true
		p, err = recordProfile(ctx, std, client, req)
	}
	if err != nil {
		return err
	}
	return f.form.writeProfile(ctx, std, client, p)
}

// oneProgram refuses a profile of the whole app where there are several and none is named.
func (f *profileFlags) oneProgram(ctx context.Context, client *control.Client, req inspect.ProfileRequest) error {
	if req.Exchange != "" || req.Route != "" || req.Mount != "" {
		return nil
	}
	st, err := client.Status(ctx)
	if err != nil || len(st.Programs) < 2 {
		return err
	}
	return usagef("%d programs run here, and none is named\nhint: %s", len(st.Programs), mountChoice(st.Programs))
}

// mountChoice names the values of --mount: "--mount /a or --mount /b".
func mountChoice(programs []inspect.Program) string {
	var flags []string
	for _, p := range programs {
		flags = append(flags, "--mount "+p.Mount)
	}
	return strings.Join(flags, " or ")
}

// confirmText is what an ErrConfirm says, without the hint that is for programs.
func confirmText(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

// showCallTree prints the call tree of an exchange.
func showCallTree(ctx context.Context, std stdio, client *control.Client, id string, form profileForm) error {
	ex, err := findExchange(ctx, client, id, false)
	if err != nil {
		return err
	}
	t, err := client.CallTree(ctx, ex.ID)
	if err != nil {
		return err
	}
	return form.writeTree(std, ex, t)
}
