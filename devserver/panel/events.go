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
type client struct {
	queue chan message
	page  inspect.ID
}

// stateMessage tells a page where the target is. The script compares Build or
// Generation with those of its own page.
type stateMessage struct {
	State      inspect.State `json:"state"`
	Detail     string        `json:"detail,omitempty"`
	Build      int           `json:"build"`
	Generation int           `json:"generation"`
	Assets     int           `json:"assets"`
	Control    string        `json:"control,omitempty"`
	Inside     bool          `json:"inside,omitempty"` // the page may ask what happened inside its exchanges
}

// buildMessage is an inspect.Build without what a page has no use for.
type buildMessage struct {
	Number   int                 `json:"number"`
	Mount    string              `json:"mount,omitempty"`
	Result   inspect.BuildResult `json:"result"`
	Done     int                 `json:"done,omitempty"`
	Total    int                 `json:"total,omitempty"`
	Duration inspect.Millis      `json:"duration_ms"`
	Errors   int                 `json:"errors"`          // all of them
	Nodes    node                `json:"nodes,omitempty"` // the first of them, or what was printed
	Text     string              `json:"text,omitempty"`  // the same to be copied

	diagnostics []inspect.Diagnostic
	output      string
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
		case inspect.ExchangeUpdated:
			h.updated(e.Exchange.Summary)
		case inspect.HTMLChecked:
			h.updated(e.Exchange)
		case inspect.TraceRecorded:
			if s, err := h.lookup(ctx, e.Trace.Exchange); err == nil {
				h.updated(s)
			}
		}
	}
}

// updated tells the page of an exchange that there is more to see of it. The id of an
// exchange is the permission to see it, so no other page hears of it.
func (h *Handler) updated(s inspect.Summary) {
	page := s.Page
	if page == "" {
		page = s.ID
	}
	h.sendTo("updated", map[string]any{"id": s.ID}, func(c *client) bool { return c.page == page || c.page == s.ID })
}

func (h *Handler) lookup(ctx context.Context, id inspect.ID) (inspect.Summary, error) {
	if h.cfg.Lookup == nil || !id.Valid() {
		return inspect.Summary{}, inspect.ErrNotFound
	}
	return h.cfg.Lookup(ctx, id)
}

// state makes a stateMessage.
func (h *Handler) state(s inspect.State, detail string, build int) stateMessage {
	control, _, _ := strings.Cut(h.cfg.Status().ControlURL, "#") // outside the lock: it may take locks of its own
	control, _, _ = strings.Cut(control, "?")                    // a token in it is not for the app's page
	h.mu.Lock()
	defer h.mu.Unlock()
	return stateMessage{State: s, Detail: detail, Build: build, Generation: h.generation, Assets: h.assets,
		Control: control, Inside: h.cfg.Inside != nil}
}

// stateOf is state of a whole status.
func (h *Handler) stateOf(s inspect.Status) stateMessage {
	number := 0
	if s.Build != nil {
		number = s.Build.Number
	}
	return h.state(s.State, s.Detail, number)
}

func (h *Handler) editor() string {
	if h.cfg.Editor == "off" {
		return ""
	}
	return h.cfg.Editor
}

// build makes a buildMessage.
func (h *Handler) build(b inspect.Build) buildMessage {
	m := buildMessage{Number: b.Number, Mount: b.Mount, Result: b.Result, Done: b.Done, Total: b.Total, Duration: b.Duration, Errors: len(b.Diagnostics)}
	if b.Result == inspect.BuildFailed || b.Result == inspect.BuildUnfinished {
		m.diagnostics = b.Diagnostics[:min(len(b.Diagnostics), maxDiagnostics)]
		m.output = plainText(b.Output[:min(len(b.Output), maxOutput)])
		if m.Nodes = h.overlay(m); m.Nodes != nil {
			b.Diagnostics, b.Output = m.diagnostics, m.output
			m.Text = Failure{Reason: BuildFailed, Build: &b}.Text()
		}
	}
	return m
}

// send queues an event for every page.
func (h *Handler) send(event string, data any) {
	h.sendTo(event, data, func(*client) bool { return true })
}

// sendTo queues an event for the pages that it is meant for.
func (h *Handler) sendTo(event string, data any, meant func(*client) bool) {
	m := encode(event, data)
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		if !meant(c) {
			continue
		}
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
func (h *Handler) join(page inspect.ID) *client {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.clients) >= maxClients {
		return nil
	}
	c := &client{make(chan message, queue), page}
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
	c := h.join(inspect.ID(r.URL.Query().Get("id")))
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
	m := encode("state", h.stateOf(s))
	if s.Build != nil {
		m = append(m, encode("build", h.build(*s.Build))...)
	}
	return m
}
