package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/reloader"
	"github.com/spf13/cobra"
)

// serveFlags are those of `pastedev serve` that are no settings of `run`.
type serveFlags struct {
	mounts  []string
	cascade []string
	auth    []string
	errors  []string
	check   bool
	json    bool // of check
}

func newServeCommand(std stdio) *cobra.Command {
	given := defaultConfig()
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve [flags] [DIR]",
		Short: "Serve folders, servers, programs and CGI scripts at one address",
		Long: `serve puts folders, other servers, programs and CGI scripts together at one
address, each below a path of its own, and records, injects and inspects all of it
as run does. What it serves stands in pastedev.toml, in [[mount]] and [[auth]]
blocks, and edits of it take effect at once. With DIR, --mount or --cascade it is
those instead. Error pages, the redirects of CGI programs within the site, and whatever
else asks here for a part of an answer, are recorded below the request they are for.

A mount is PATH=TARGET. PATH may begin with a host: api.localhost/v1. TARGET is
  ./dist, static:./site.zip     files
  http://localhost:9000/base    a server that runs already
  cgi:./cgi-bin, cgi:./one.pl   CGI programs
  tree:./site                   a folder whose files are routes
  run:./myapp -v                a program, started and again on each edit
  echo:                         the request, told back
  cascade:./dist|http://…       several, each asked when that before has nothing`,
		Example: `  pastedev serve ./public
  pastedev serve --mount /=./dist --mount /api=http://localhost:9000
  pastedev serve --mount /=./dist --mount /app=run:./myapp
  pastedev serve --cascade ./overrides,https://staging.example.com
  pastedev serve --check          what would be served; ends with 2 if it cannot`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("serve takes one folder, not %q as well\nhint: --mount /path=%s", args[1], args[1])
			}
			if f.json && !f.check {
				return usagef("--json has no meaning without --check\nhint: --format json has the line log in JSON")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := os.Getwd()
			if err != nil {
				return err
			}
			load := func() (config, setup, error) {
				c, err := loadConfig(dir, cmd.Flags(), os.Getenv)
				if err != nil {
					return c, setup{}, err
				}
				linesWanted(cmd, &c)
				set, err := f.setup(dir, c, args)
				return c, set, err
			}
			if f.check {
				c, set, err := load()
				if err != nil {
					return err
				}
				return checkSetup(cmd.Context(), std, dir, c, set, f.json)
			}
			return runServe(cmd.Context(), std, dir, load)
		},
	}
	given.bind(cmd.Flags())
	given.bindServe(cmd.Flags())
	completeRules(cmd, "html-ignore")
	cmd.Flags().StringArrayVar(&f.mounts, "mount", nil, "PATH=TARGET, repeatable: /api=http://localhost:9000")
	cmd.Flags().StringSliceVar(&f.cascade, "cascade", nil, "targets for /, each asked when the one before has nothing: ./a,./b")
	cmd.Flags().StringArrayVar(&f.auth, "auth", nil, "PATH=KIND:FILE, repeatable: /admin=basic:users.htpasswd")
	cmd.Flags().StringArrayVar(&f.errors, "error-page", nil, "STATUS=PATH, repeatable: the page served here that browsers get in place of a failed answer: 404=/errors/404.html, 5xx=/sorry")
	cmd.Flags().BoolVar(&f.check, "check", false, "say what would be served, and end")
	cmd.Flags().BoolVar(&f.json, "json", false, "with --check: print it as JSON")
	withoutUse(cmd, "target", "upstream") // mounts are in their place
	return cmd
}

// loader reads flags, variables and pastedev.toml, again after each edit of that.
type loader func() (config, setup, error)

// runServe serves until the user ends it.
func runServe(ctx context.Context, std stdio, dir string, load loader) error {
	c, set, err := load()
	if err != nil {
		return err
	}
	return runOpened(ctx, func() (*session, error) { return openServe(ctx, std, c, dir, set, load) })
}

// openServe opens a session that serves what set says. load may be nil: then edits of the
// settings take no effect.
func openServe(ctx context.Context, std stdio, c config, dir string, set setup, load loader) (*session, error) {
	s := &session{std: std, config: c, dir: dir, target: reloader.Target{Kind: reloader.TargetNone}, tui: wantsTUI(c, std)}
	s.serving = newServing(s, set, load)
	return s, s.open(ctx)
}

// openConfigured opens what pastedev.toml names: its target, or else its mounts.
func openConfigured(ctx context.Context, std stdio, c config, dir string) (*session, error) {
	if c.Target == "" && c.Upstream == "" && len(c.Mount)+len(c.Cascade) > 0 {
		set, err := new(serveFlags).setup(dir, c, nil)
		if err != nil {
			return nil, err
		}
		return openServe(ctx, std, c, dir, set, nil)
	}
	target, err := chooseTarget(ctx, c, dir, nil, false)
	if err != nil {
		return nil, err
	}
	return openSession(ctx, std, c, dir, target)
}

// setup is what is to be served.
type setup struct {
	mounts []mountSpec
	auth   []authConfig
	layers layers
}

// setup reads what the command line says, or else the settings.
func (f *serveFlags) setup(dir string, c config, args []string) (setup, error) {
	mounts, auth, base := c.Mount, c.Auth, dir
	if c.file != "" {
		base = filepath.Dir(c.file)
	}
	cascade := c.Cascade
	if len(args)+len(f.mounts)+len(f.cascade) > 0 {
		mounts, cascade, base = nil, f.cascade, dir
	}
	for _, text := range f.mounts {
		m, err := parseMountFlag(text)
		if err != nil {
			return setup{}, err
		}
		mounts = append(mounts, m)
	}
	if len(args) == 1 {
		mounts = append(mounts, mountConfig{Path: "/", To: "static:" + args[0], now: true})
	}
	if len(cascade) > 0 {
		mounts = append(slices.Clone(mounts), mountConfig{Path: "/", To: string(mountCascade) + ":" + strings.Join(cascade, "|"), now: len(f.cascade) > 0})
	}
	set := setup{auth: slices.Clone(auth)}
	for i := range set.auth {
		set.auth[i].base = base
	}
	if len(f.auth) > 0 {
		set.auth = nil
	}
	for _, text := range f.auth {
		a, err := parseAuthFlag(text)
		if err != nil {
			return setup{}, err
		}
		a.base = dir
		set.auth = append(set.auth, a)
	}
	var err error
	if set.layers, err = understandLayers(dir, c, f.errors); err != nil {
		return setup{}, err
	}
	if len(mounts) == 0 {
		return setup{}, usagef("what should it serve?\n" +
			"hint: pastedev serve ./public, pastedev serve --mount /api=http://localhost:9000, or a [[mount]] in " + configName)
	}
	seen := map[string]string{}
	for _, m := range mounts {
		spec, err := m.understand(base)
		if err != nil {
			return setup{}, err
		}
		place := strings.ToLower(strings.TrimSuffix(m.Path, "/"))
		if other, taken := seen[place]; taken {
			return setup{}, usagef("mount %q is there twice: %s and %s\nhint: to = \"cascade:%s|%s\" asks one after the other", m.Path, other, m.To, other, m.To)
		}
		seen[place] = m.To
		set.mounts = append(set.mounts, spec)
	}
	return set, nil
}
