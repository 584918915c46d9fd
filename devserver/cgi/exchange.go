package cgi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/httpx"
)

const (
	// maxDiscard is what is still read of an answer that is none, so that a program may
	// come to its end and say more on stderr.
	maxDiscard = 1 << 20
	// maxRedirects bounds local redirects that lead to a program that redirects.
	maxRedirects = 10
	// drainTime is how long, after the answer, the rest of an upload is taken that the
	// program did not want: clients that send all before they read would see a broken
	// connection instead of the answer.
	drainTime = 5 * time.Second
)

// timeoutHint names the field, which settings have in lower case.
const timeoutHint = "a program that is silent for longer needs a longer Timeout, or something to print meanwhile"

// errGone is told when the client has left.
var errGone = errors.New("the client has gone")

// exchange is one request on its way through a program.
type exchange struct {
	h      *Handler
	w      http.ResponseWriter
	r      *http.Request
	rc     *http.ResponseController
	report Report
	in     input
	p      *process // nil if none was started
	cut    bool     // the answer that was begun is not whole
	whole  bool     // the program has closed its output by itself
}

// serve runs the program and sends its answer on. A failure is returned if nothing was
// sent; one that comes later is put into the report.
func (x *exchange) serve() *Failure {
	if f := x.refuse(); f != nil {
		return f
	}
	path, f := x.h.program()
	if f != nil {
		return f
	}
	dir := filepath.Dir(path)
	if x.h.Dir != "" {
		var err error
		if dir, err = filepath.Abs(x.h.Dir); err != nil {
			return x.failure(500, "no absolute path of Dir", err)
		}
	}
	x.report.Program, x.report.Dir, x.report.Args = path, dir, x.h.Args
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return x.failure(500, fmt.Sprintf("its working directory %s is not a folder", dir), err)
	}
	in, f := x.input()
	if f != nil {
		return f
	}
	x.in = in
	x.report.Env, x.report.Dropped = x.h.environ(x.r, path, dir, in.length)
	began := time.Now()
	p, err := startProcess(x.r.Context(), x.command(path, dir), x.h.timeout(), in.length > 0)
	if err != nil {
		return x.h.startFailure(path, err)
	}
	x.p, x.report.PID, x.report.Began = p, p.cmd.Process.Pid, began
	defer p.reap() // when a writer below panics
	if x.h.Started != nil {
		x.h.Started(x.report)
	}
	if in.length > 0 {
		_ = x.rc.EnableFullDuplex() // what cannot is HTTP/2, which always does it, or a recorder in a test
		p.feed(in.body)
	}
	return x.answer(p)
}

// command says what is to be started.
func (x *exchange) command(path, dir string) command {
	c := command{path: path, args: x.h.Args, dir: dir, env: x.report.Env}
	if x.h.Line != nil {
		c.line = func(l StderrLine) { x.h.Line(x.r, l) }
	}
	return c
}

// refuse answers for requests that no program may see: those that an operating system
// cannot hand on, and paths that lead out of where a program looks for files. Clients
// resolve dot segments before they send.
func (x *exchange) refuse() *Failure {
	if strings.ContainsRune(x.r.URL.Path, 0) || strings.ContainsRune(x.r.URL.RawQuery, 0) {
		return x.failure(400, "the path holds a NUL, which no program can be given", nil)
	}
	for segment := range strings.SplitSeq(strings.ReplaceAll(x.r.URL.Path, `\`, "/"), "/") {
		if segment == ".." || segment == "." {
			return x.failure(400, fmt.Sprintf("the path has a segment %q", segment), nil)
		}
	}
	return nil
}

func (x *exchange) failure(status int, message string, err error) *Failure {
	return &Failure{Status: status, Program: x.h.Path, Message: message, Err: err}
}

// input returns the request's body, spooled if its length is not known.
func (x *exchange) input() (input, *Failure) {
	body := x.r.Body
	if body == nil || body == http.NoBody || x.r.ContentLength == 0 {
		length := int64(-1)
		if x.r.Header.Get("Content-Length") != "" {
			length = 0
		}
		return input{strings.NewReader(""), length, func() {}}, nil
	}
	if x.r.ContentLength > 0 {
		return input{body, x.r.ContentLength, func() {}}, nil
	}
	limit := x.h.MaxSpool
	if limit <= 0 {
		limit = defaultMaxSpool
	}
	spool := httpx.NewSpool(body, spoolMemory, limit)
	size, err := spool.Size()
	if err == nil {
		return input{spool.Reader(), size, func() { _ = spool.Close() }}, nil
	}
	_ = spool.Close()
	switch {
	case httpx.TooLarge(err):
		return input{}, x.failure(http.StatusRequestEntityTooLarge, fmt.Sprintf("the request's body has no Content-Length and is larger than %d bytes", limit), nil)
	case x.r.Context().Err() != nil:
		return input{}, x.failure(400, errGone.Error(), err)
	}
	return input{}, x.failure(400, "the request's body could not be kept, and without its length no program can be given it", err)
}

// answer reads what the program prints, sends it on, and waits for its end.
func (x *exchange) answer(p *process) *Failure {
	out := bufio.NewReaderSize(p.out, 4<<10)
	hd, err := readHead(out, x.h.maxHeader())
	if err != nil {
		x.discard(p, out)
		return x.headFailure(p, err)
	}
	x.warnHead(hd)
	if hd.local() && x.h.Redirect != nil {
		x.discard(p, out)
		return x.redirect(hd)
	}
	err = x.send(p, hd, out)
	if err != nil {
		p.giveUp(err)
	}
	x.end(p)
	x.afterAnswer(p, err)
	return nil
}

// discard lets the program come to its end, unless it prints very much.
func (x *exchange) discard(p *process, out io.Reader) {
	if _, err := io.CopyN(io.Discard, out, maxDiscard); err == nil {
		p.giveUp(errBadAnswer)
	}
	x.end(p)
}

// end waits for the program's end and takes down what is known of it.
func (x *exchange) end(p *process) {
	st := p.wait()
	x.report.ExitCode, x.report.Signal = st.ExitCode(), signalOf(st)
	x.report.Duration = time.Since(x.report.Started)
	x.report.Stderr, x.report.StderrDropped = p.stderr.all()
}

// headFailure says why there was no head.
func (x *exchange) headFailure(p *process, err error) *Failure {
	switch reason := p.stopReason(); {
	case errors.Is(reason, errSilent):
		f := x.failure(http.StatusGatewayTimeout, fmt.Sprintf("it neither printed nor took input for %v", x.h.timeout()), nil)
		f.Hint = timeoutHint
		return f
	case errors.Is(reason, errGone):
		return x.failure(http.StatusBadGateway, errGone.Error(), nil)
	}
	var f *Failure
	if !errors.As(err, &f) {
		return x.failure(http.StatusBadGateway, "its output cannot be read", err)
	}
	f.Status, f.Program = http.StatusBadGateway, x.h.Path
	return f
}

// warnHead tells what is odd about a head that is sent on as it is.
func (x *exchange) warnHead(hd *head) {
	if len(hd.dropped) > 0 {
		x.warn("it printed %s, which is for the server to say and was left out", strings.Join(hd.dropped, ", "))
	}
	if hd.header.Get("Content-Type") == "" && hd.location == "" && bodyAllowed(hd.code()) {
		x.warn("it printed no Content-Type")
	}
}

func (x *exchange) warn(format string, args ...any) {
	x.report.Warnings = append(x.report.Warnings, fmt.Sprintf(format, args...))
}

// afterAnswer tells what went wrong once the answer had begun.
func (x *exchange) afterAnswer(p *process, err error) {
	reason := p.stopReason()
	switch {
	case errors.Is(reason, errSilent) && x.whole && err == nil:
		x.warn("it had closed its output, went on for %v, and was ended", x.h.timeout())
	case errors.Is(reason, errSilent) && err == nil && x.report.Signal == "" && x.report.ExitCode == 0:
		x.warn("it was asked to end after %v of silence, and has answered all the same", x.h.timeout())
	case errors.Is(reason, errSilent):
		f := x.failure(x.report.Status, fmt.Sprintf("it neither printed nor ended for %v, and the answer was cut", x.h.timeout()), nil)
		f.Hint = timeoutHint
		x.report.Failure, x.cut = f, true
	case errors.Is(reason, errGone):
		x.report.Failure = x.failure(x.report.Status, errGone.Error(), err)
	case errors.Is(err, http.ErrContentLength):
		x.report.Failure = x.failure(x.report.Status, "it printed more than its Content-Length, and the answer was cut there", nil)
	case err != nil:
		x.report.Failure = x.failure(x.report.Status, errGone.Error(), err)
	case errors.Is(reason, errLeft):
		x.warn("a process that it left running holds its standard output; the answer has ended without it (start such a process with >/dev/null 2>&1)")
	case x.report.Signal != "":
		x.warn("it was ended by a signal after its answer: %s", x.report.Signal)
	case x.report.ExitCode != 0:
		x.warn("it ended with exit code %d after its answer", x.report.ExitCode)
	}
}

// fail answers with f, unless the client has gone.
func (x *exchange) fail(f *Failure) {
	x.report.Failure, x.report.Status = f, f.Status
	if x.h.Failed != nil {
		x.h.Failed(x.r, f)
	}
	serveFailure(x.w, x.r, f, &x.report)
}

// drain waits until nothing reads the request's body any more.
func (x *exchange) drain() {
	if x.in.close != nil {
		defer x.in.close()
	}
	if x.p == nil || x.p.pump == nil {
		return
	}
	select {
	case <-x.p.pump:
	default:
		_ = x.rc.Flush()
		_ = x.rc.SetReadDeadline(time.Now().Add(drainTime))
		<-x.p.pump
		_ = x.rc.SetReadDeadline(time.Time{})
	}
	x.report.Input = x.p.fed.Load()
}

// finish tells the report.
func (x *exchange) finish() {
	if x.p == nil {
		x.report.Duration = time.Since(x.report.Started)
	}
	if x.h.Done != nil {
		x.h.Done(x.report)
		return
	}
	x.report.write()
}

// redirectsKey counts local redirects in a context.
type redirectsKey struct{}

// redirect has the answer's path served instead (RFC 3875, 6.2.2). Cookies that came
// with it are kept, as other servers do.
func (x *exchange) redirect(hd *head) *Failure {
	n, _ := x.r.Context().Value(redirectsKey{}).(int)
	if n++; n > maxRedirects {
		f := x.failure(http.StatusInternalServerError, fmt.Sprintf("%d local redirects, the last to %q", maxRedirects, clip(plain(hd.location))), nil)
		f.Hint = "they lead in a circle: a program redirects to itself, or two to each other"
		return f
	}
	u, err := x.r.URL.Parse(hd.location)
	if err != nil {
		return x.failure(http.StatusBadGateway, "its Location is not a path", err)
	}
	for _, c := range hd.header["Set-Cookie"] {
		x.w.Header().Add("Set-Cookie", c)
	}
	r := httpx.Unmounted(x.r)
	r = r.Clone(context.WithValue(r.Context(), redirectsKey{}, n))
	if r.Method != http.MethodHead {
		r.Method = http.MethodGet
	}
	r.URL, r.RequestURI = u, ""
	r.Body, r.ContentLength, r.TransferEncoding, r.Trailer = http.NoBody, 0, nil, nil
	for _, name := range [...]string{"Content-Length", "Content-Type", "Content-Encoding", "Expect", "Transfer-Encoding"} {
		r.Header.Del(name)
	}
	x.report.Redirect = hd.location
	x.h.Redirect.ServeHTTP(x.w, r)
	return nil
}
