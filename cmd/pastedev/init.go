package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newInitCommand(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a commented pastedev.toml",
		Long: `init writes a pastedev.toml with every setting, its default and what it does, all
commented out: a setting counts once its # is taken away. It leaves an existing file
alone.`,
		Example: `  pastedev init
  pastedev init ./site`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("init takes one folder, not %q\nhint: %s --help", args[1], cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			path := filepath.Join(dir, configName)
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("init: %s is there already\nhint: pastedev run --help lists the settings", path)
			}
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("init: there is no folder %s\nhint: make it first, or name the project's", dir)
			}
			if err != nil {
				return fmt.Errorf("init: %w", err)
			}
			_, err = f.Write(configTemplate())
			if err = errors.Join(err, f.Close()); err != nil {
				return fmt.Errorf("init: %w", errors.Join(err, os.Remove(path))) // a half is worse than none
			}
			fmt.Fprintf(std.err, "wrote %s\n", path)
			return nil
		},
	}
	return cmd
}

// commentWidth is where the comments of the template are folded.
const commentWidth = 100

// configTemplate is a settings file in which every setting stands as a comment.
func configTemplate() []byte {
	var b bytes.Buffer
	b.WriteString(`# Settings of pastedev for this project. A flag and a variable go before this file:
# --body-limit, PASTEDEV_BODY_LIMIT, body_limit. Take the # in front of a setting away.

`)
	c := defaultConfig()
	set := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	c.bind(set)
	c.bindServe(set)
	set.VisitAll(func(f *pflag.Flag) {
		for _, line := range foldWords(f.Usage, commentWidth-2) {
			fmt.Fprintf(&b, "# %s\n", line)
		}
		name := strings.ReplaceAll(f.Name, "-", "_")
		if f.Value.Type() == "stringArray" { // one flag each time, a list in the file
			name += "s"
		}
		fmt.Fprintf(&b, "#%s = %s\n\n", name, tomlValue(f))
	})
	b.WriteString(mountTemplate)
	return b.Bytes()
}

// tomlValue writes the default of a setting.
func tomlValue(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool", "int", "int64":
		return f.DefValue
	case "stringSlice", "stringArray":
		return "[]"
	default:
		return strconv.Quote(f.DefValue)
	}
}

// mountTemplate shows what pastedev serve reads.
const mountTemplate = `# What pastedev serve serves, one block for each path:
#[[mount]]
#path = "/api"
#to = "http://localhost:9000"     # a server that runs already

#[[mount]]
#path = "/app"
#to = "run:./myapp"               # a program that is started, and again on each edit
#port = 3000                      # its own port, where it opens several
#keep_prefix = true               # it knows what it is mounted at, and gets the whole path
#env = { COLOUR = "green" }       # for this program only; edits of it start it again
#env_file = ".env"                # in place of the one above

#[[mount]]
#path = "/cgi-bin"
#to = "cgi:./cgi-bin"             # CGI programs
#env = ["GREETING=hello", "EDITOR"]    # sets the one, passes on the other; or a table

#[[mount]]
#path = "/"
#to = "./public"                  # files; a folder that a build is yet to make is waited for
#spa = "index.html"               # single-page apps: the page for paths that no file has

# What else it does to each answer:
#[errors]                         # pages of yours in the place of failed answers, for browsers
#404 = "/errors/404.html"
#5xx = "/errors/5xx.html"

# Who may ask. Several for one path: each request goes to the one it is for (basic to
# clients that send it, the one without when to all others).
#[[auth]]
#path = "/admin"
#kind = "basic"                   # digest, form, address, become, ticket, cas
#users = "users.htpasswd"         # pastedev password ann --users users.htpasswd
#realm = "staging"                # what the browser shows; digest needs it, as its passwords do:
                                  # pastedev password ann --digest --realm staging --users FILE
#names = ["ann:admin,editor"]     # roles of users
#roles = ["admin"]                # one of which a user must have
#when = "header:X-Api-Key"        # scheme:NAME, header:NAME=VALUE, query:NAME=VALUE, path:/PREFIX
#timeout = "2h"                   # of form, ticket and cas: how long one may stay away

#[[auth]]
#path = "/"
#kind = "address"
#from = ["192.168.0.0/16", "fd00::/8"]
#names = [":worker"]              # no user, the role worker
#optional = true                  # gives roles, refuses nobody

#[[auth]]
#path = "/"
#kind = "become"                  # sign in as whom you pick at /_become; this machine only
#names = ["ann:admin", "bob"]

#[[auth]]
#path = "/intranet"
#kind = "ticket"                  # the cookie of mod_auth_tkt
#secret = "tkt.secret"            # a file, the newest secret in its first line; env:NAME
#hash = "sha256"                  # md5, sha512
#cookie = "auth_tkt"
#bind_address = false             # tickets for one IPv4 address
#login = "https://sso.example.edu/login"    # or users = "users.htpasswd" for a form of ours

#[[auth]]
#path = "/campus"
#kind = "cas"
#server = "https://sso.example.edu/cas"
#service = "https://localhost:8000"         # as browsers know this site
#version = 3                      # of the protocol: 1, 2, 3
`
