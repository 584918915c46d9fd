package tui

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"

	"github.com/pastedev/pastedev/inspect"
)

// Source is where the UI gets all that it shows and sends all that it does. Its
// methods are called from several goroutines at once, never from the one that
// draws; each may take as long as it needs and ends when its context does.
type Source interface {
	Status(ctx context.Context) (inspect.Status, error)
	// Exchanges returns a window of the history. A wrong query gives an error
	// that wraps a *query.Error, which says where it is wrong and what may be meant.
	Exchanges(ctx context.Context, r inspect.ListRequest) (inspect.List, error)
	// Exchange returns one exchange, its secrets masked unless reveal is set.
	Exchange(ctx context.Context, id inspect.ID, reveal bool) (*inspect.Exchange, error)
	// Builds returns the newest builds, newest first.
	Builds(ctx context.Context, limit int) ([]inspect.Build, error)
	// Outputs returns lines with a Seq greater than after, in order.
	Outputs(ctx context.Context, after int64, limit int) ([]inspect.Output, error)
	// Subscribe returns the feed. It is closed when ctx ends or the feed breaks; a
	// broken one is subscribed to again.
	Subscribe(ctx context.Context) (<-chan inspect.Event, error)
	// Replay sends the request of id to the target again and returns the ID of the
	// new exchange.
	Replay(ctx context.Context, id inspect.ID) (inspect.ID, error)
	Restart(ctx context.Context) error
	// RestartMount is Restart for one of the programs that the status lists.
	RestartMount(ctx context.Context, mount string) error
	Clear(ctx context.Context) error
	// Traces returns outlines of the newest failures, newest first: without source and
	// variables, of the frames only the failing one.
	Traces(ctx context.Context, limit int) ([]inspect.Trace, error)
	// Trace returns the failure with this number, or the newest with this code. Its
	// secrets are masked unless reveal is set.
	Trace(ctx context.Context, ref string, reveal bool) (*inspect.Trace, error)
	// TraceText is a failure as text, of all its frames when all is set; TraceMarkdown is
	// it for an issue or an agent, with its request and what happened inside it.
	TraceText(ctx context.Context, ref string, all bool) (string, error)
	TraceMarkdown(ctx context.Context, ref string) (string, error)
	// Eval returns the value that expr has in a frame of a trace, counted from the
	// innermost, 0. It runs nothing in the app.
	Eval(ctx context.Context, trace int64, frame int, expr string) (inspect.Variable, error)

	Profiler
}

// Options are the settings of [Run]. The zero value works.
type Options struct {
	// Input and Output are the terminal; nil means os.Stdin and os.Stdout.
	Input  io.Reader
	Output io.Writer
	// Env is the environment that tells about the terminal (TERM, COLORTERM,
	// NO_COLOR, TMUX, PASTEDEV_ASCII); nil means os.Environ().
	Env []string
	// Mouse turns mouse reports on; the user can toggle them.
	Mouse bool
	// Theme is "dark" or "light"; anything else asks the terminal, and takes dark
	// when it does not answer.
	Theme string
	// ASCII draws with ASCII glyphs only. PASTEDEV_ASCII set, TERM=linux, or a locale
	// without UTF-8 does so as well; PASTEDEV_ASCII=0 is against the last two.
	ASCII bool
	// Open shows a URL in the browser. nil: the key tells that it cannot.
	Open func(url string) error
	// Inspector returns the link of the inspector page, at an exchange when id is not
	// "". The link lets its holder in, so it is asked for only when the user wants it.
	// nil: there is no such page. It is not called from the goroutine that draws.
	Inspector func(ctx context.Context, id inspect.ID) (string, error)
	// Editor opens a file at a line and column, both from 1; a column of 0 is not known.
	// nil: there is none. It is not called from the goroutine that draws.
	Editor func(path string, line, col int) error
	// Attached says that the program runs on when the UI ends, which the UI tells.
	Attached bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Usable reports whether in and out are a terminal that the UI can run on. It is
// false for TERM=dumb, where [LogLines] is the better choice.
func Usable(in, out *os.File, env []string) bool {
	return in != nil && out != nil && lookup(env, "TERM") != "dumb" &&
		term.IsTerminal(in.Fd()) && term.IsTerminal(out.Fd())
}

func (o Options) withDefaults() Options {
	if o.Env == nil {
		o.Env = os.Environ()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch v := lookup(o.Env, "PASTEDEV_ASCII"); {
	case v == "0":
	case v != "", lookup(o.Env, "TERM") == "linux", narrowLocale(o.Env):
		o.ASCII = true
	}
	return o
}

// narrowLocale reports whether the environment names a character set that lacks the glyphs:
// any but UTF-8. Where it names none, as in most containers, the terminal has UTF-8 all the same.
func narrowLocale(env []string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // the first that is set counts (POSIX, 8.2)
		v := lookup(env, name)
		if v == "" {
			continue
		}
		_, set, named := strings.Cut(v, ".")
		set, _, _ = strings.Cut(set, "@")
		set = strings.ReplaceAll(strings.ToLower(set), "-", "")
		return v == "C" || v == "POSIX" || named && set != "utf8"
	}
	return false
}

// lookup returns the last value of an environment variable, as exec does.
func lookup(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], name+"="); ok {
			return v
		}
	}
	return ""
}
