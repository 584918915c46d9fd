package main

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/inspect"
)

// note is what is known of an exchange on its way through.
type note struct {
	id        inspect.ID
	client    string // its address
	secure    bool   // it came by TLS
	rehearsal bool   // one of many replays, which is not for the history
	parent    *note  // of the exchange that this is a sub-request of; nil for a client's

	mu      sync.Mutex // guards what follows
	mount   string
	build   int
	held    time.Duration
	talks   bool   // a program will have something to tell of it, and say when it is done
	refused string // why pastedev answered instead of the program
	passed  map[*pass]auth.Identity
	user    string // who has been let in; empty for nobody
}

// noteOf returns the note of the request that ctx belongs to.
func noteOf(ctx context.Context) *note {
	n, _ := ctx.Value(noteKey{}).(*note)
	if n == nil {
		n = &note{} // nobody asks for it
	}
	return n
}

// idOf names the exchange that r belongs to.
func idOf(r *http.Request) inspect.ID { return noteOf(r.Context()).id }

// recorder returns next behind what serving knows of exchanges.
func (v *serving) recorder(next proxy.Recorder) proxy.Recorder {
	if v == nil {
		return next
	}
	return teller{v, next}
}

// teller completes exchanges on their way to next.
type teller struct {
	v    *serving
	next proxy.Recorder
}

func (t teller) Publish(e inspect.Event) { t.next.Publish(t.v.told(e)) }

// told follows the exchanges: it remembers those in flight, and adds to their records what
// is known of their way behind the recorder. To tell it twice does no harm.
func (v *serving) told(e inspect.Event) inspect.Event {
	if v == nil {
		return e
	}
	switch e := e.(type) {
	case inspect.ExchangeStarted:
		n := &note{id: e.Exchange.ID, client: e.Exchange.Client, secure: strings.HasPrefix(e.Exchange.URL, "https:"), rehearsal: e.Exchange.Rehearsal}
		if n.client == "" {
			n.client = "127.0.0.1:0" // a replay of ours
		}
		v.mu.Lock()
		if v.notes[n.id] == nil {
			v.notes[n.id] = n
		}
		v.mu.Unlock()
		e.Exchange.Mount = v.mountFor(&e.Exchange)
		return e
	case inspect.ExchangeFinished:
		v.mu.Lock()
		n := v.notes[e.Exchange.ID]
		delete(v.notes, e.Exchange.ID)
		v.mu.Unlock()
		if n != nil {
			e.Exchange = n.complete(e.Exchange)
		}
		return e
	}
	return e
}

// mountFor says which mount will have an exchange that begins, as far as its address tells:
// what answers in a mount's place is known at its end.
func (v *serving) mountFor(sum *inspect.Summary) string {
	c := v.now.Load()
	u, err := url.Parse(sum.URL)
	if c == nil || err != nil {
		return ""
	}
	r := &http.Request{Host: sum.Host, URL: u}
	if u.Scheme == "https" {
		r.TLS = &tls.ConnectionState{} // the port that an address without one means
	}
	_, path := c.mounts.Handler(r)
	return path
}

// complete returns ex with what n says.
func (n *note) complete(ex *inspect.Exchange) *inspect.Exchange {
	n.mu.Lock()
	defer n.mu.Unlock()
	full := *ex
	full.Build, full.Mount = n.build, n.mount
	if held := inspect.Millis(n.held); held > 0 {
		full.Timing.Held += held
		full.Timing.Wait = max(0, full.Timing.Wait-held)
	}
	if n.refused != "" {
		full.ResponseFrom, full.Error = inspect.FromPastedev, n.refused
	}
	return &full
}

// descend makes the note of a sub-request.
func (v *serving) descend(parent *note) *note {
	n := &note{id: inspect.NewID(), parent: parent, client: parent.client, secure: parent.secure, rehearsal: parent.rehearsal}
	v.mu.Lock()
	v.notes[n.id] = n // until its record is complete
	v.mu.Unlock()
	return n
}

// over says that nothing more is to come of an exchange, unless a program says so itself.
func (v *serving) over(n *note) {
	n.mu.Lock()
	talks := n.talks
	n.mu.Unlock()
	if !talks && n.id != "" {
		v.s.gather.Over(n.id)
	}
}

// mountedAt says which mount has the exchange.
func (n *note) mountedAt(path string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.mount = path
}

// at returns that mount, "" when none has it yet.
func (n *note) at() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.mount
}

// builtAs says which build of a program has the exchange.
func (n *note) builtAs(number int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.build = number
}

// willTalk says that what handles the exchange tells the gatherer when it is done.
func (n *note) willTalk() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.talks = true
}

type noteKey struct{} // context key of a *note

// refuse notes why pastedev answered in place of what is mounted.
func (n *note) refuse(why string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refused = why
}

func (n *note) isRefused() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.refused != ""
}

// pass stands for a guard of one set-up; its address is what counts.
type pass struct{ _ byte }

// admit notes that a guard has let the request pass, and as whom.
func (n *note) admit(key *pass, id auth.Identity) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.passed == nil {
		n.passed = map[*pass]auth.Identity{}
	}
	n.passed[key] = id
	if id.User != "" {
		n.user = id.User
	}
}

// admitted reports whether the exchange that a sub-request belongs to has passed a guard.
func (n *note) admitted(key *pass) (auth.Identity, bool) {
	for above := n.parent; above != nil; above = above.parent {
		above.mu.Lock()
		id, ok := above.passed[key]
		above.mu.Unlock()
		if ok {
			return id, true
		}
	}
	return auth.Identity{}, false
}

// userName is who has been let in.
func (n *note) userName() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.user
}
