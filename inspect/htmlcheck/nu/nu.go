package nu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// checkPatience bounds one page: what takes longer hangs.
	checkPatience = 30 * time.Second
	// maxAnswer bounds what is read of the checker's answer: some 20,000 messages.
	maxAnswer = 8 << 20
)

// ErrMissing says that there is no checker to ask.
var ErrMissing = errors.New("no Nu HTML checker")

// Options name the checker.
type Options struct {
	// Where is the path of vnu.jar, the URL of a running checker, or "auto" to look for
	// vnu.jar in $VNU_JAR, node_modules at or above Dir, and the places of packages.
	Where string
	Dir   string
	// Notice takes what the user should know, once each; it must not block.
	Notice func(string)
}

// Checker asks one Nu HTML checker. It is safe for concurrent use; pages wait for one
// another.
type Checker struct {
	opt    Options
	client http.Client

	asking chan struct{} // holds one token: the right to ask
	server *server       // nil for a checker that runs already
	url    string

	mu      sync.Mutex
	noticed map[string]bool
}

// New finds the checker without starting it. An error is ErrMissing, or says what is wrong
// with Where; it carries a hint.
func New(o Options) (*Checker, error) {
	c := &Checker{opt: o, asking: make(chan struct{}, 1), noticed: map[string]bool{}}
	c.asking <- struct{}{}
	if u, err := url.Parse(o.Where); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		q := u.Query()
		q.Set("out", "json")
		u.RawQuery = q.Encode()
		c.url = u.String()
		return c, nil
	}
	jar := o.Where
	if jar == "auto" {
		if jar = findJar(o.Dir); jar == "" {
			return nil, fmt.Errorf("%w: vnu.jar is not in $VNU_JAR, in node_modules (npm install vnu-jar) or where packages put it\nhint: --nu PATH names the jar, --nu URL a checker that runs", ErrMissing)
		}
	}
	if _, err := os.Stat(jar); err != nil {
		return nil, fmt.Errorf("%w: %v\nhint: --nu takes the path of vnu.jar, the URL of a running checker, or auto", ErrMissing, err)
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, fmt.Errorf("%w: vnu.jar needs Java, and there is no java in PATH\nhint: install Java 17 or newer, or name a running checker with --nu URL", ErrMissing)
	}
	c.server = newServer(java, jar, c.notice)
	return c, nil
}

// findJar looks for vnu.jar where people have it.
func findJar(dir string) string {
	places := []string{os.Getenv("VNU_JAR")}
	for d, err := filepath.Abs(dir); err == nil; d = filepath.Dir(d) {
		places = append(places, filepath.Join(d, "node_modules", "vnu-jar", "build", "dist", "vnu.jar"))
		if filepath.Dir(d) == d {
			break
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		places = append(places, filepath.Join(home, ".local", "share", "vnu", "vnu.jar"))
	}
	places = append(places, "/usr/share/java/vnu.jar", "/usr/local/share/vnu/vnu.jar", "/opt/homebrew/opt/vnu/libexec/vnu.jar", "/usr/local/opt/vnu/libexec/vnu.jar")
	for _, p := range places {
		if info, err := os.Stat(p); p != "" && err == nil && info.Mode().IsRegular() {
			return p
		}
	}
	return ""
}

// Check returns what the checker says of a page: Diagnostics with Source "nu". The first
// call starts it. An error says why there is no answer; the next call may have one.
func (c *Checker) Check(ctx context.Context, doc []byte, contentType string) ([]inspect.Diagnostic, error) {
	select {
	case <-c.asking:
		defer func() { c.asking <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	target := c.url
	if c.server != nil {
		var err error
		if target, err = c.server.ready(ctx); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	if contentType == "" {
		contentType = "text/html; charset=utf-8"
	}
	answer, err := c.ask(ctx, target, doc, contentType)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) && c.server != nil {
			c.server.kill() // it hangs
		}
		return nil, err
	}
	return answer.diagnostics(doc)
}

func (c *Checker) ask(ctx context.Context, target string, doc []byte, contentType string) (*answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(doc))
	if err != nil {
		return nil, fmt.Errorf("ask the Nu checker: %w", err)
	}
	req.Header.Set("Content-Type", contentType)
	res, err := c.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the Nu checker: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("ask the Nu checker: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask the Nu checker: %s: %.200s", res.Status, strings.TrimSpace(string(body)))
	}
	return parseAnswer(body)
}

// notice tells the user something once.
func (c *Checker) notice(text string) {
	c.mu.Lock()
	known := c.noticed[text]
	c.noticed[text] = true
	c.mu.Unlock()
	if !known && c.opt.Notice != nil {
		c.opt.Notice(text)
	}
}

// Close ends the checker if it was started here, and waits for it.
func (c *Checker) Close() {
	if c.server != nil {
		c.server.close()
	}
	c.client.CloseIdleConnections()
}
