package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pastedev/pastedev/devserver/auth/basic"
	"github.com/pastedev/pastedev/devserver/auth/digest"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// passwordFlags are those of `pastedev password`.
type passwordFlags struct {
	digest bool
	realm  string
	users  string // file to write to; empty: standard output
	json   bool
}

func newPasswordCommand(std stdio) *cobra.Command {
	var f passwordFlags
	cmd := &cobra.Command{
		Use:   "password NAME",
		Short: "Make a user's line of the file that an [[auth]] names",
		Long: `password asks for a user's password, twice and unseen, or takes it from the one line
of a pipe, and prints the line for the file that users = "..." of an [[auth]] in
pastedev.toml names: NAME and the bcrypt hash, for basic, form and ticket, as
htpasswd -B writes it. With --digest it is a line for SHA-256 and one for MD5, as
htdigest writes that: browsers and curl choose. With --users the lines go into that
file, in place of those that the user has there. A password is no argument, which
other users of the machine would see, and it is kept nowhere.`,
		Example: `  pastedev password ann --users users.htpasswd
  pastedev password ann --digest --realm staging --users users.htdigest
  pass show staging/ann | pastedev password ann >> users.htpasswd`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usagef("password needs the name of a user\nhint: pastedev password ann --users users.htpasswd")
			case len(args) > 1:
				return usagef("password takes one name, not %d arguments\nhint: the password itself is asked for, or read from a pipe", len(args))
			}
			return f.check(args[0])
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.make(std, args[0]); err != nil {
				return fmt.Errorf("password: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&f.digest, "digest", false, "lines for kind = \"digest\"; they hold for one realm")
	cmd.Flags().StringVar(&f.realm, "realm", "", "with --digest: the realm of that [[auth]]")
	cmd.Flags().StringVar(&f.users, "users", "", "write to this file of users, which is made if it is missing, and print nothing")
	jsonFlag(cmd, &f.json)
	return cmd
}

// make asks for the user's password, and prints or writes the lines.
func (f *passwordFlags) make(std stdio, name string) error {
	if err := f.checkUsers(); err != nil {
		return err // before anybody has typed anything
	}
	password, err := askPassword(std, name)
	if err != nil {
		return err
	}
	lines, err := f.lines(name, password)
	if err != nil {
		return err
	}
	if f.users == "" {
		return f.print(std.out, lines)
	}
	was, err := f.writeUsers(name, lines)
	if err == nil {
		fmt.Fprintf(std.err, "%s: %s %s\n", f.users, name, was)
	}
	return err
}

// check refuses names and realms that a file of users cannot hold, or clients cannot send.
func (f *passwordFlags) check(name string) error {
	switch {
	case name == "" || strings.TrimSpace(name) != name || strings.Contains(name, ":") || name[0] == '#' || !typable(name):
		return usagef("%q cannot be the name of a user\nhint: it has no colon, no blank around it and no control character, and begins with no #", name)
	case f.digest && f.realm == "":
		return usagef("--digest needs the realm that the password is for\nhint: --realm staging, as realm = \"staging\" in the [[auth]]")
	case !f.digest && f.realm != "":
		return usagef("--realm has no meaning without --digest\nhint: the lines of basic, form and ticket hold for every realm")
	case !typable(f.realm):
		return usagef("--realm is %q\nhint: it has no control character", f.realm)
	case f.json && f.users != "":
		return usagef("--json prints what --users would write\nhint: leave one of them out")
	}
	return nil
}

// typable reports whether text can be part of a header that names a user.
func typable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// passwordLine is one line of a file of users.
type passwordLine struct {
	User      string `json:"user"`
	Realm     string `json:"realm,omitempty"`
	Algorithm string `json:"algorithm"` // bcrypt, SHA-256 or MD5
	Hash      string `json:"hash"`
	Line      string `json:"line"` // all of it
}

// lines makes the lines of a user.
func (f *passwordFlags) lines(name, password string) ([]passwordLine, error) {
	if !f.digest {
		hash, err := basic.Hash(password)
		if errors.Is(err, basic.ErrPasswordTooLong) {
			return nil, usagef("the password has %d bytes, and bcrypt takes %d\nhint: choose a shorter one; letters beyond ASCII have two bytes and more",
				len(password), basic.PasswordLimit)
		}
		return []passwordLine{{User: name, Algorithm: "bcrypt", Hash: hash, Line: name + ":" + hash}}, err
	}
	var lines []passwordLine
	for _, alg := range []digest.Algorithm{digest.SHA256, digest.MD5} {
		hash := digest.Hash(alg, f.realm, name, password)
		lines = append(lines, passwordLine{User: name, Realm: f.realm, Algorithm: string(alg), Hash: hash, Line: name + ":" + f.realm + ":" + hash})
	}
	return lines, nil
}

// print writes the lines to out.
func (f *passwordFlags) print(out io.Writer, lines []passwordLine) error {
	if f.json {
		return printJSONLines(out, lines)
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(out, l.Line); err != nil {
			return err
		}
	}
	return nil
}

// pipedLimit bounds what is read of a pipe: no password is longer, and a file that was
// meant for something else is.
const pipedLimit = 4 << 10

// askPassword returns the password that somebody types twice, or the one line of a pipe.
func askPassword(std stdio, name string) (string, error) {
	if std.in == nil {
		return "", errors.New("there is nobody to ask for it\nhint: pastedev password " + name + " < FILE")
	}
	var password string
	var err error
	if isTerminal(std.in) {
		password, err = typedTwice(std, name)
	} else {
		password, err = oneLinePassword(std.in)
	}
	switch {
	case err != nil:
		return "", err
	case password == "":
		return "", usagef("the password is empty\nhint: type one, or pipe one in: printf %%s \"$PASSWORD\" | pastedev password %s", name)
	case !typable(password):
		return "", usagef("the password has a control character, or is not UTF-8\nhint: no browser could send it")
	}
	return password, nil
}

// oneLinePassword reads the only line of in, whose end may be missing.
func oneLinePassword(in io.Reader) (string, error) {
	b, err := io.ReadAll(bufio.NewReader(io.LimitReader(in, pipedLimit+1)))
	if err != nil {
		return "", fmt.Errorf("read it: %w", err)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if len(b) > pipedLimit || strings.Contains(text, "\n") {
		return "", usagef("there is more than one line, or a very long one, on standard input\nhint: the password alone goes there")
	}
	return text, nil
}

// typedTwice asks on the terminal. Nothing of it is shown, and the terminal is as before in
// any case, Ctrl-C included.
func typedTwice(std stdio, name string) (password string, err error) {
	before, err := term.MakeRaw(int(std.in.Fd()))
	if err != nil {
		return "", fmt.Errorf("ask for it: %w", err)
	}
	defer func() { err = errors.Join(err, term.Restore(int(std.in.Fd()), before)) }()
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{std.in, std.err}, "")
	ask := func(prompt string) (string, error) {
		text, err := screen.ReadPassword(prompt)
		if errors.Is(err, io.EOF) { // Ctrl-C and Ctrl-D
			fmt.Fprint(std.err, "\r\n")
			return "", exitError(exitFailure)
		}
		return text, err
	}
	if password, err = ask("password for " + name + ": "); err != nil || password == "" {
		return "", err
	}
	again, err := ask("the same again: ")
	if err == nil && again != password {
		err = usagef("the two differ\nhint: try again; nothing was written")
	}
	return password, err
}

// shellWord is text as one word of a shell's.
func shellWord(text string) string {
	plain := func(c rune) bool {
		return c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("_./@+:,-", c))
	}
	if text != "" && !strings.ContainsFunc(text, func(c rune) bool { return !plain(c) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
