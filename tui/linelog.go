package tui

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

// The formats of [LogLines].
const (
	FormatHuman  = "human"
	FormatJSON   = "json"
	FormatLogfmt = "logfmt"
)

// LogLines writes one line for each finished exchange, each ended build, each change of
// state, each page with errors and each notice of ours, until ctx ends (then it returns
// nil), the feed ends or w fails. Notices of this run from before it was called come
// first. What the app prints is not repeated. All captured text is made safe for a
// terminal in the human and logfmt formats; JSON escapes it by itself. colour
// applies to the human format.
func LogLines(ctx context.Context, src Source, w io.Writer, format string, colour bool) error {
	l := lineLog{src: src, w: w, th: theme.New(true, colorprofile.ANSI, false), colour: colour}
	switch format {
	case "", FormatHuman:
		l.write = l.human
	case FormatJSON:
		l.write = l.json
	case FormatLogfmt:
		l.write = l.logfmt
	default:
		return fmt.Errorf("log format %q: unknown\nhint: one of human, json, logfmt", format)
	}
	ctx, cancel := context.WithCancel(ctx) // ends the subscription when a write fails
	defer cancel()
	events, err := src.Subscribe(ctx)
	if err != nil {
		return fmt.Errorf("follow the feed: %w", err)
	}
	err = l.past(ctx)
	if err == nil {
		err = l.standing(ctx)
	}
	if err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	for ev := range events {
		if err := l.take(ctx, ev); err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return ErrFeedEnded
}

const (
	// maxLogged is how many errors of a build the line log names: a screenful.
	maxLogged = 20
	// maxPast is how many lines of output are searched for notices that came before: when
	// a session begins it has printed nothing else.
	maxPast = 200
)

// lineLog keeps what has been said, so that nothing is said twice.
type lineLog struct {
	src    Source
	w      io.Writer
	th     theme.Theme
	colour bool
	write  func(logLine) error
	state  inspect.State
	builds map[string]loggedBuild // the newest of each mount
	trace  int64                  // the newest failure told of: it comes again with its variables
	output int64                  // Seq of the newest line that has been looked at
	pages  loggedPages
}

// logLine is one line in its JSON form; the fields that do not apply are left out.
type logLine struct {
	Time       time.Time       `json:"time"`
	Event      string          `json:"event"` // "exchange", "build", "state", "notice", "error", "html"
	ID         inspect.ID      `json:"id,omitempty"`
	Kind       inspect.Kind    `json:"kind,omitempty"`
	Method     string          `json:"method,omitempty"`
	URL        string          `json:"url,omitempty"`
	Path       string          `json:"path,omitempty"`
	Parent     inspect.ID      `json:"parent,omitempty"` // the exchange whose sub-request this is
	Mount      string          `json:"mount,omitempty"`
	Status     int             `json:"status,omitempty"`
	DurationMS *inspect.Millis `json:"duration_ms,omitempty"`
	Size       *int64          `json:"response_size,omitempty"`
	Type       string          `json:"content_type,omitempty"`
	Verdict    string          `json:"verdict,omitempty"` // what made the exchange slower than with the build before
	Build      int             `json:"build,omitempty"`
	Result     string          `json:"result,omitempty"`
	State      inspect.State   `json:"state,omitempty"`
	Detail     string          `json:"detail,omitempty"`
	Error      string          `json:"error,omitempty"`
	Errors     int             `json:"errors,omitempty"` // of a build or a page
	Warnings   int             `json:"warnings,omitempty"`
	Listeners  []string        `json:"listeners,omitempty"`
	Code       string          `json:"code,omitempty"` // of a failure, and what follows
	Count      int             `json:"count,omitempty"`
	Headline   string          `json:"headline,omitempty"`
	Place      string          `json:"place,omitempty"` // "file:line"
	Function   string          `json:"function,omitempty"`

	// Diagnostics are those of a failed build.
	Diagnostics []inspect.Diagnostic `json:"diagnostics,omitempty"`
}

func (l *lineLog) take(ctx context.Context, ev inspect.Event) error {
	switch ev := ev.(type) {
	case inspect.ExchangeFinished:
		if ev.Exchange == nil {
			return nil
		}
		s := ev.Exchange.Summary
		return l.write(logLine{
			Time: s.Start.Add(s.Duration.Duration()), Event: "exchange", ID: s.ID, Kind: s.Kind, Method: s.Method, URL: s.URL, Path: s.Path,
			Status: s.Status, DurationMS: &s.Duration, Size: &s.ResponseSize, Type: s.ContentType, Build: s.Build, Error: s.Error,
			Verdict: s.Verdict, Parent: s.Parent, Mount: s.Mount,
		})
	case inspect.HTMLChecked:
		if ev.HTML == nil || !l.pages.news(ev.Exchange, *ev.HTML) {
			return nil
		}
		return l.write(logLine{
			Time: time.Now(), Event: "html", ID: ev.Exchange.ID, Path: ev.Exchange.Path, Build: ev.Exchange.Build,
			Errors: ev.HTML.Errors, Warnings: ev.HTML.Warnings,
		})
	case inspect.BuildChanged:
		if !l.newBuild(ev.Build) {
			return nil
		}
		return l.write(buildLine(ev.Build))
	case inspect.TraceRecorded:
		if ev.Trace == nil || ev.Trace.ID <= l.trace {
			return nil
		}
		l.trace = ev.Trace.ID
		return l.write(traceLine(ev.Trace))
	case inspect.OutputWritten:
		return l.line(ev.Output)
	case inspect.StateChanged:
		if ev.State == l.state {
			return nil
		}
		l.state = ev.State
		line := logLine{Time: time.Now(), Event: "state", State: ev.State, Detail: ev.Detail, Build: ev.Build}
		if st, err := l.src.Status(ctx); err == nil && ev.State == inspect.StateRunning {
			line.Listeners = st.Listeners
		}
		return l.write(line)
	}
	return nil
}

// past writes the notices that were made before the feed was followed. Those that come
// by both ways are written once.
func (l *lineLog) past(ctx context.Context) error {
	lines, _ := l.src.Outputs(ctx, 0, maxPast) // the feed is worth following without them
	for _, o := range lines {
		if err := l.line(o); err != nil {
			return err
		}
	}
	return nil
}

// standing says where the target answers when it ran before the feed was followed, as
// what is served does.
func (l *lineLog) standing(ctx context.Context) error {
	st, err := l.src.Status(ctx)
	if err != nil || st.State != inspect.StateRunning {
		return nil // the feed will tell
	}
	l.state = st.State
	line := logLine{Time: time.Now(), Event: "state", State: st.State, Detail: st.Detail, Listeners: st.Listeners}
	if st.Build != nil {
		line.Build = st.Build.Number
	}
	return l.write(line)
}

// line writes a line of ours. The target's own output passes through elsewhere.
func (l *lineLog) line(o inspect.Output) error {
	if o.Seq != 0 && o.Seq <= l.output {
		return nil
	}
	l.output = max(l.output, o.Seq)
	if o.Stream != inspect.Pastedev {
		return nil
	}
	return l.write(logLine{Time: o.Time, Event: "notice", Detail: o.Text})
}

// traceLine is what the log tells of a failure.
func traceLine(t *inspect.Trace) logLine {
	line := logLine{
		Time: t.Time, Event: "error", ID: t.Exchange, Build: t.Build, Code: t.Code, Count: t.Count, Headline: t.Headline, Error: t.Message,
	}
	if i := failing(t); i >= 0 {
		line.Place, line.Function = placeOf(t.Frames[i].Location), t.Frames[i].Function
	}
	return line
}

func (l *lineLog) json(m logLine) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = l.w.Write(append(b, '\n'))
	return err
}

// logfmt writes key=value pairs; a value with blanks, quotes or an equals sign is
// quoted as Go quotes strings.
func (l *lineLog) logfmt(m logLine) error {
	var b strings.Builder
	pair := func(k, v string) {
		if v == "" {
			return
		}
		if strings.ContainsAny(v, " \"=\\") || !plainASCII(v) {
			v = strconv.Quote(v)
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(k + "=" + v)
	}
	number := func(k string, n int64) {
		if n != 0 {
			pair(k, strconv.FormatInt(n, 10))
		}
	}
	pair("time", m.Time.Format(time.RFC3339Nano))
	pair("event", m.Event)
	pair("id", string(m.ID))
	pair("parent", string(m.Parent))
	pair("method", m.Method)
	pair("url", m.URL)
	if m.URL == "" {
		pair("path", m.Path)
	}
	pair("mount", m.Mount)
	number("status", int64(m.Status))
	if m.DurationMS != nil {
		pair("duration_ms", strconv.FormatFloat(float64(m.DurationMS.Duration().Microseconds())/1000, 'f', -1, 64))
	}
	if m.Size != nil {
		pair("response_size", strconv.FormatInt(*m.Size, 10))
	}
	number("build", int64(m.Build))
	pair("result", m.Result)
	pair("state", string(m.State))
	pair("detail", m.Detail)
	number("errors", int64(m.Errors))
	number("warnings", int64(m.Warnings))
	pair("code", m.Code)
	pair("headline", m.Headline)
	pair("place", m.Place)
	pair("error", m.Error)
	pair("verdict", m.Verdict)
	pair("listeners", strings.Join(m.Listeners, ","))
	_, err := io.WriteString(l.w, b.String()+"\n")
	return err
}

func (l *lineLog) human(m logLine) error {
	var text string
	switch m.Event {
	case "exchange":
		text = l.humanExchange(m)
	case "build":
		text = l.humanBuild(m)
	case "error":
		text = l.humanTrace(m)
	case "html":
		text = l.humanHTML(m)
	case "notice":
		text = l.paint(l.th.Warn, l.th.Glyph.Warn+" ") + clean(m.Detail)
	default:
		text = l.humanState(m)
	}
	_, err := io.WriteString(l.w, l.paint(l.th.Dim, m.Time.Local().Format("15:04:05.000"))+" "+text+"\n")
	return err
}

func (l *lineLog) paint(st lipgloss.Style, s string) string {
	if !l.colour || s == "" {
		return s
	}
	return st.Render(s)
}

func (l *lineLog) humanExchange(m logLine) string {
	s := inspect.Summary{Kind: m.Kind, Status: m.Status, Error: m.Error}
	glyph, word, st := outcome(l.th, s)
	path := clean(m.Path)
	if _, q, ok := strings.Cut(m.URL, "?"); ok {
		path += clean("?" + q)
	}
	text := l.paint(st, glyph+" "+widget.Fit(word, 3, "")) + " " + widget.Fit(clean(m.Method), methodCells-1, "") + " " + path +
		"  " + l.paint(l.th.Dim, inspect.FormatDuration(m.DurationMS.Duration())+"  "+inspect.FormatSize(*m.Size))
	if m.Parent != "" {
		text = "  " + l.paint(l.th.Dim, l.th.Glyph.Sub) + " " + text
	}
	if m.Error != "" {
		text += "  " + l.paint(l.th.Bad, clean(m.Error))
	}
	if m.Verdict != "" {
		text += "  " + l.paint(l.th.Warn, clean(m.Verdict))
	}
	return text
}

// humanTrace tells of a failure in three lines: what, where, and how to see more.
func (l *lineLog) humanTrace(m logLine) string {
	const indent = "\n             "
	text := l.paint(l.th.Bad, l.th.Glyph.Fail+" "+clean(m.Headline))
	if m.Count > 1 {
		text += l.paint(l.th.Dim, "  seen "+countText(m.Count)+" times")
	}
	if m.Place != "" {
		text += indent + l.paint(l.th.Strong, clean(m.Place)) + l.paint(l.th.Dim, space(clean(shortFunc(m.Function))))
	}
	return text + indent + l.paint(l.th.Dim, "pastedev errors show "+clean(m.Code))
}

func (l *lineLog) humanState(m logLine) string {
	glyph, st := l.th.Glyph.Pending, l.th.Info
	switch m.State {
	case inspect.StateRunning:
		glyph, st = l.th.Glyph.OK, l.th.Good
	case inspect.StateFailed:
		glyph, st = l.th.Glyph.Fail, l.th.Bad
	case inspect.StateBackoff:
		glyph, st = l.th.Glyph.Warn, l.th.Warn
	case inspect.StateStopped:
		glyph, st = l.th.Glyph.Plain, l.th.Dim
	case inspect.StateBuilding, inspect.StateStarting:
	}
	text := l.paint(st, glyph+" "+clean(string(m.State)))
	if len(m.Listeners) > 0 {
		text += " at " + clean(strings.Join(m.Listeners, ", "))
	}
	return text + l.paint(l.th.Dim, space(clean(m.Detail)))
}
