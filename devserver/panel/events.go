package panel

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// maxClients bounds the pages that listen at once. A page listens only while it is
	// visible, so this is many windows.
	maxClients = 64
	// queue is how many messages a page may lag behind. One that lags more is cut off;
	// it connects again and is told the state as it is then.
	queue = 64
	// heartbeat keeps idle connections from being closed on the way.
	heartbeat = 15 * time.Second
	// writeLimit is how long a page may take for one message.
	writeLimit = 10 * time.Second
	// maxDiagnostics bounds what of a failed build goes to each page.
	maxDiagnostics = 20
	// maxOutput bounds the printed text of a build that goes to each page, in bytes.
	maxOutput = 4 << 10
)

// message is one server-sent event, encoded.
type message []byte

// client is a page that listens.
type client struct{ queue chan message }

// stateMessage tells a page where the target is. The script compares Build or
// Generation with those of its own page.
type stateMessage struct {
	State      inspect.State `json:"state"`
	Detail     string        `json:"detail,omitempty"`
	Build      int           `json:"build"`
	Generation int           `json:"generation"`
	Assets     int           `json:"assets"`
	Control    string        `json:"control,omitempty"`
	Editor     string        `json:"editor,omitempty"`
}

// buildMessage is an inspect.Build without what a page has no use for.
type buildMessage struct {
	Number      int                  `json:"number"`
	Result      inspect.BuildResult  `json:"result"`
	Done        int                  `json:"done,omitempty"`
	Total       int                  `json:"total,omitempty"`
	Duration    inspect.Millis       `json:"duration_ms"`
	Errors      int                  `json:"errors"` // all of them; Diagnostics holds the first
	Diagnostics []inspect.Diagnostic `json:"diagnostics,omitempty"`
	Output      string               `json:"output,omitempty"`
}

// Run carries the feed to the pages until ctx ends or the feed does, and then ends
// their connections. It is called once.
func (h *Handler) Run(ctx context.Context) {
	defer h.close()
	if h.cfg.Feed == nil {
		<-ctx.Done()
		return
	}
	for e := range h.cfg.Feed.Subscribe(ctx) {
		switch e := e.(type) {
		case inspect.StateChanged:
			h.mu.Lock()
			if e.State == inspect.StateRunning {
				h.generation++
			}
			h.mu.Unlock()
			h.send("state", h.state(e.State, e.Detail, e.Build))
		case inspect.BuildChanged:
			h.send("build", h.build(e.Build))
		case inspect.AssetsChanged:
			h.mu.Lock()
			h.assets++
			n := h.assets
			h.mu.Unlock()
			h.send("assets", map[string]any{"paths": e.Paths, "styles": e.Styles, "assets": n})
		}
	}
}

// state makes a stateMessage.
func (h *Handler) state(s inspect.State, detail string, build int) stateMessage {
	control, _, _ := strings.Cut(h.cfg.Status().ControlURL, "#") // outside the lock: it may take locks of its own
	control, _, _ = strings.Cut(control, "?")                    // a token in it is not for the app's page
	h.mu.Lock()
	defer h.mu.Unlock()
	return stateMessage{State: s, Detail: detail, Build: build, Generation: h.generation, Assets: h.assets,
		Control: control, Editor: h.editor()}
}

func (h *Handler) editor() string {
	if h.cfg.Editor == "off" {
		return ""
	}
	return h.cfg.Editor
}

// build makes a buildMessage.
func (h *Handler) build(b inspect.Build) buildMessage {
	m := buildMessage{Number: b.Number, Result: b.Result, Done: b.Done, Total: b.Total, Duration: b.Duration, Errors: len(b.Diagnostics)}
	if b.Result == inspect.BuildFailed || b.Result == inspect.BuildUnfinished {
		m.Diagnostics = b.Diagnostics[:min(len(b.Diagnostics), maxDiagnostics)]
		m.Output = strings.ToValidUTF8(plainText(b.Output[:min(len(b.Output), maxOutput)]), "")
	}
	return m
}

// send queues an event for every page.
func (h *Handler) send(event string, data any) {
	m := encode(event, data)
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		select {
		case c.queue <- m:
		default: // too slow
			delete(h.clients, c)
			close(c.queue)
		}
	}
}

func encode(event string, data any) message {
	b, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("panel: encode %s: %v", event, err)) // our own types always encode
	}
	return message("event: " + event + "\ndata: " + string(b) + "\n\n")
}

// join adds a client, or returns nil when there are too many or Run has ended.
func (h *Handler) join() *client {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.clients) >= maxClients {
		return nil
	}
	c := &client{make(chan message, queue)}
	h.clients[c] = struct{}{}
	return c
}

func (h *Handler) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
}

func (h *Handler) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for c := range h.clients {
		delete(h.clients, c)
		close(c.queue)
	}
}

// serveEvents streams the events. https://html.spec.whatwg.org/multipage/server-sent-events.html
func (h *Handler) serveEvents(w http.ResponseWriter, r *http.Request) {
	c := h.join()
	if c == nil {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "pastedev: too many pages listen, or pastedev is ending", http.StatusServiceUnavailable)
		return
	}
	defer h.leave(c)
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	rc := http.NewResponseController(w)
	write := func(m message) bool {
		rc.SetWriteDeadline(time.Now().Add(writeLimit)) // where it cannot be set, the server's own holds
		_, err := w.Write(m)
		return err == nil && rc.Flush() == nil
	}
	if !write(h.now()) {
		return
	}
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case m, ok := <-c.queue:
			if !ok || !write(m) {
				return
			}
		case <-tick.C:
			if !write(message(":\n\n")) {
				return
			}
		}
	}
}

// now returns the events that tell a page all it needs when it connects.
func (h *Handler) now() message {
	s := h.cfg.Status()
	number := 0
	if s.Build != nil {
		number = s.Build.Number
	}
	m := encode("state", h.state(s.State, s.Detail, number))
	if s.Build != nil {
		m = append(m, encode("build", h.build(*s.Build))...)
	}
	return m
}
