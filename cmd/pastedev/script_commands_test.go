package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/rogpeppe/go-internal/testscript"
)

// send [-X METHOD] [-d BODY] URL [NAME:VALUE...] asks once, follows no redirect and
// prints status, header, body as sent, and trailer.
func cmdSend(ts *testscript.TestScript, neg bool, args []string) {
	method, body := http.MethodGet, ""
	for len(args) > 1 && strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-X":
			method = args[1]
		case "-d":
			body = args[1]
		default:
			ts.Fatalf("send: unknown flag %s", args[0])
		}
		args = args[2:]
	}
	if neg || len(args) < 1 {
		ts.Fatalf("usage: send [-X METHOD] [-d BODY] URL [NAME:VALUE...]")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, args[0], strings.NewReader(body))
	ts.Check(err)
	for _, a := range args[1:] {
		name, value, _ := strings.Cut(a, ":")
		req.Header.Set(name, value)
	}
	req.Host = req.Header.Get("Host")
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the certificate of a test
	}
	res, err := transport.RoundTrip(req)
	ts.Check(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	ts.Check(err)
	if !utf8.Valid(b) {
		b = fmt.Appendf(nil, "%q", b)
	}
	var out strings.Builder
	fmt.Fprintln(&out, res.StatusCode)
	ts.Check(res.Header.Write(&out))
	fmt.Fprintf(&out, "Length: %d\n\n%s\n", res.ContentLength, b)
	ts.Check(res.Trailer.Write(&out))
	fmt.Fprint(ts.Stdout(), strings.ReplaceAll(out.String(), "\r\n", "\n")) // a pattern's $ knows no CR
}

// raw ADDRESS LINE... sends the lines as they are, ended by CRLF, and prints the
// first line of what comes back.
func cmdRaw(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: raw ADDRESS LINE...")
	}
	conn, err := net.Dial("tcp", args[0])
	ts.Check(err)
	defer conn.Close()
	ts.Check(conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, strings.Join(args[1:], "\r\n")+"\r\n")
	ts.Check(err)
	line, err := bufio.NewReader(conn).ReadString('\n')
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), strings.TrimRight(line, "\r\n"))
}

// askInstance calls f on the instance of the script's current folder, or that of the state
// dir, until it says that it has seen enough.
func askInstance(ts *testscript.TestScript, state string, f func(context.Context, *control.Client) (done bool, last string)) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if state != "" {
		state = ts.MkAbs(state)
	}
	last := "no instance"
	for {
		client, err := dial(ts.MkAbs("."), state)
		if err == nil {
			var done bool
			done, last = f(ctx, client)
			client.Close()
			if done {
				return
			}
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("waited in vain; the last answer was: %s", last)
		case <-time.After(20 * time.Millisecond): // asks as a person would
		}
	}
}

// status [-state DIR] PATTERN waits until the status of the instance, as JSON,
// matches, and prints it; with a ! until it does not.
func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	state := ""
	if len(args) == 3 && args[0] == "-state" {
		state, args = args[1], args[2:]
	}
	if len(args) != 1 {
		ts.Fatalf("usage: [!] status [-state DIR] PATTERN")
	}
	want := regexp.MustCompile(args[0])
	askInstance(ts, state, func(ctx context.Context, c *control.Client) (bool, string) {
		st, err := c.Status(ctx)
		if err != nil {
			return false, err.Error()
		}
		b, err := json.Marshal(st)
		ts.Check(err)
		if want.Match(b) == neg {
			return false, string(b)
		}
		fmt.Fprintf(ts.Stdout(), "%s\n", b)
		return true, ""
	})
}

// builds PATTERN waits until the newest build, as JSON, matches, and prints all of
// them, newest first.
func cmdBuilds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: builds PATTERN")
	}
	want := regexp.MustCompile(args[0])
	askInstance(ts, "", func(ctx context.Context, c *control.Client) (bool, string) {
		list, err := c.Builds(ctx, 100)
		if err != nil {
			return false, err.Error()
		}
		var lines []string
		for _, build := range list {
			b, err := json.Marshal(build)
			ts.Check(err)
			lines = append(lines, string(b)+"\n")
		}
		if len(lines) == 0 || !want.MatchString(lines[0]) {
			return false, strings.Join(lines, "")
		}
		fmt.Fprint(ts.Stdout(), strings.Join(lines, ""))
		return true, ""
	})
}

// outputs PATTERN waits until the lines that the target and pastedev printed match,
// and prints them.
func cmdOutputs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: outputs PATTERN")
	}
	want := regexp.MustCompile(args[0])
	askInstance(ts, "", func(ctx context.Context, c *control.Client) (bool, string) {
		list, err := c.Outputs(ctx, 0, 1000)
		if err != nil {
			return false, err.Error()
		}
		var b strings.Builder
		for _, o := range list {
			fmt.Fprintf(&b, "%s: %s\n", o.Stream, o.Text)
		}
		if !want.MatchString(b.String()) {
			return false, b.String()
		}
		fmt.Fprint(ts.Stdout(), b.String())
		return true, ""
	})
}

// controlport URLVAR TOKENVAR sets the variables to the control port and the token of
// the instance of the current folder.
func cmdControlPort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: controlport URLVAR TOKENVAR")
	}
	inst, err := control.Find(ts.MkAbs("."))
	ts.Check(err)
	u, err := url.Parse(inst.URLs[0])
	ts.Check(err)
	fragment, err := url.ParseQuery(u.Fragment)
	ts.Check(err)
	ts.Setenv(args[0], "http://"+u.Host)
	ts.Setenv(args[1], fragment.Get("token"))
}

// setvar VAR PATTERN sets VAR to the first group of the pattern in the last output of
// exec or of a command above.
func cmdSetVar(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: setvar VAR PATTERN")
	}
	out := ts.ReadFile("stdout")
	m := regexp.MustCompile(args[1]).FindStringSubmatch(out)
	if m == nil {
		ts.Fatalf("no %s in:\n%s", args[1], out)
	}
	ts.Setenv(args[0], m[1])
}

// tree DIR lists all files below DIR with mode, size and a digest, state dirs left
// out.
func cmdTree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tree DIR")
	}
	root := ts.MkAbs(args[0])
	ts.Check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == control.StateDirName {
			return filepath.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || d.IsDir() {
			fmt.Fprintln(ts.Stdout(), info.Mode(), rel)
			return err
		}
		b, err := os.ReadFile(path)
		fmt.Fprintf(ts.Stdout(), "%v %s %d %x\n", info.Mode(), rel, len(b), sha256.Sum256(b))
		return err
	}))
}

// burst FILE OLD NEW N saves FILE N times at once, OLD replaced by NEW and the number.
func cmdBurst(ts *testscript.TestScript, neg bool, args []string) {
	var n int
	if len(args) == 4 {
		fmt.Sscan(args[3], &n)
	}
	if neg || n < 1 {
		ts.Fatalf("usage: burst FILE OLD NEW N")
	}
	path := ts.MkAbs(args[0])
	text := ts.ReadFile(args[0])
	for i := 1; i <= n; i++ {
		ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(text, args[1], fmt.Sprint(args[2], i))), 0o644))
	}
}

// editevent PATTERN FILE OLD NEW edits a file as edit does and waits until the feed of
// the instance tells of assets, as JSON, in words that match.
func cmdEditEvent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: editevent PATTERN FILE OLD NEW")
	}
	want := regexp.MustCompile(args[0])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := dial(ts.MkAbs("."), "")
	ts.Check(err)
	defer client.Close()
	feed, err := client.Subscribe(ctx)
	ts.Check(err)
	ts.Check(editFile(ts.MkAbs(args[1]), args[2], args[3]))
	for ev := range feed {
		if _, ok := ev.(inspect.AssetsChanged); !ok {
			continue
		}
		b, err := json.Marshal(ev)
		ts.Check(err)
		if !want.Match(b) {
			ts.Fatalf("the feed told of %s", b)
		}
		return
	}
	ts.Fatalf("the feed never told of assets")
}

// settled waits until no exchange is in flight: a client has the last byte of an answer
// before its end is recorded.
func cmdSettled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: settled")
	}
	askInstance(ts, "", func(ctx context.Context, c *control.Client) (bool, string) {
		list, err := c.Exchanges(ctx, inspect.ListRequest{Query: "is:inflight", Limit: 1})
		if err != nil {
			return false, err.Error()
		}
		return len(list.Items) == 0, fmt.Sprintf("%d are in flight", len(list.Items))
	})
}

// recorded QUERY waits until an exchange matches, and prints the newest that does, as
// JSON.
func cmdRecorded(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: recorded QUERY")
	}
	askInstance(ts, "", func(ctx context.Context, c *control.Client) (bool, string) {
		list, err := c.Exchanges(ctx, inspect.ListRequest{Query: args[0] + " -is:inflight", Limit: 1})
		if err != nil {
			return false, err.Error()
		}
		if len(list.Items) == 0 {
			return false, fmt.Sprintf("none of %d", list.Total)
		}
		ts.Check(printJSON(ts.Stdout(), list.Items[0]))
		return true, ""
	})
}
