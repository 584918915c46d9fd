package calltree

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// The bounds of a Baseline.
const (
	// maxRoutes is more than the requests of a working day fall into; beyond it the
	// route that was asked for longest ago is forgotten.
	maxRoutes = 500
	// maxBaseline bounds what all routes hold together.
	maxBaseline = 32 << 20 // bytes, about
	// maxMeanNodes bounds one route's tree. What has less than a thousandth of the time
	// moves no verdict.
	maxMeanNodes = 2000
	// maxMean bounds the exchanges of a mean: a load test of an hour must not hide what
	// the last minutes say. It begins anew with a quarter of its weight.
	maxMean = 400
	// maxReplays bounds the replays in a mean. A profile sends a request a thousand times
	// over, and what is hot by then is not what anybody waits for.
	maxReplays = 20
)

// Baseline remembers by route what its requests took with the newest build and with the
// one before, and says of each request whether it is slower. The zero value is ready.
// It is safe for concurrent use, bounded in routes and bytes, and keeps no exchange.
//
// Like is compared with like: a program that has just started has empty caches and
// connection pools, and a route that is asked for the first time parses its templates.
// See [warmth].
type Baseline struct {
	mu     sync.Mutex
	routes map[string]*history
	clock  int64     // counts uses
	bytes  int       // of all routes, about
	build  int       // the newest that has answered
	warm   time.Time // when it had answered for the first time
}

// warmth says how much of what a request needs was there already. A request is compared
// with those of its warmth, or, where there are none, with colder ones, which take no
// less by themselves.
type warmth int

const (
	cold  warmth = iota // the first to a build, and what came before that was answered
	first               // the first of its route to a build that has answered others
	usual
	warmths
)

// history is what is known of a route.
type history struct {
	name   string
	used   int64
	before *period // nil as long as there was one build only
	now    *period
}

// period is the requests of a route to one build.
type period struct {
	build   int
	means   [warmths]mean
	replays int
}

// mean returns what a request of warmth w compares with; nil when there is nothing.
func (p *period) mean(w warmth) *mean {
	for ; w >= 0; w-- {
		if m := &p.means[w]; m.last.Count > 0 {
			return m
		}
	}
	return nil
}

// Add takes in a finished exchange, and returns in one line what made it slower than
// its route was with the build before: "" when it is not, when there is nothing to
// compare with, or when it is none that tells: an answer of 400 or more, one that the
// target did not make or that broke, an upgrade, a stream of events.
//
// It keeps nothing of ex. An exchange of an older build than the newest of its route is
// left out, except that of the build before, which adds to what is compared with.
func (b *Baseline) Add(ex *inspect.Exchange) (verdict string) {
	if ex == nil || !tells(ex) {
		return ""
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if ex.Build > b.build {
		b.build, b.warm = ex.Build, ex.Start.Add(ex.Duration.Duration())
	}
	h := b.route(Route(ex.Method, ex.Path))
	switch {
	case h.now == nil:
		h.now = &period{build: ex.Build}
	case ex.Build > h.now.build:
		b.bytes -= h.before.bytes()
		h.before, h.now = h.now, &period{build: ex.Build}
	case ex.Build < h.now.build:
		if h.before != nil && h.before.build == ex.Build {
			b.add(h.before, usual, ex)
		}
		return ""
	}
	w := usual
	switch {
	case ex.Build == b.build && !ex.Start.After(b.warm):
		w = cold
	case h.now.mean(usual) == nil:
		w = first
	}
	b.add(h.now, w, ex)
	if h.before == nil {
		return ""
	}
	m := h.before.mean(w)
	if m == nil || !Slower(m.brief(), Side{Count: 1, Wall: Wall(ex)}) {
		return ""
	}
	return Compare(m.side(), Of(ex)).Verdict
}

// tells reports whether ex says how fast its route is.
func tells(ex *inspect.Exchange) bool {
	return ex.Kind == inspect.KindHTTP && ex.Build > 0 && ex.Status >= 200 && ex.Status < 400 && ex.Error == "" &&
		ex.ResponseFrom == inspect.FromTarget && !strings.HasPrefix(ex.ContentType, "text/event-stream") && Wall(ex) > 0
}

// Compare compares the requests of a route to the newest build with those to the one
// before: those of the greatest warmth that both have. The route of a request will do:
// "GET /cart/17". The error is [inspect.ErrNotFound], with a hint, when there are not two
// builds to compare.
func (b *Baseline) Compare(route string) (inspect.Comparison, error) {
	b.mu.Lock()
	h := b.routes[route]
	if method, path, ok := strings.Cut(route, " "); h == nil && ok {
		h = b.routes[Route(method, path)]
	}
	if h == nil || h.before == nil {
		near := b.near(route)
		b.mu.Unlock()
		switch {
		case h == nil && near != "":
			return inspect.Comparison{}, fmt.Errorf("compare route %q: %w\nhint: there is %q", route, inspect.ErrNotFound, near)
		case h == nil:
			return inspect.Comparison{}, fmt.Errorf("compare route %q: %w\nhint: no request of it was answered yet; a route is written as in \"GET /cart/{}\"", route, inspect.ErrNotFound)
		}
		return inspect.Comparison{}, fmt.Errorf("compare route %q: %w\nhint: it was asked for in one build only; change something and ask again", route, inspect.ErrNotFound)
	}
	w := usual
	for w > cold && (h.before.means[w].last.Count == 0 || h.now.means[w].last.Count == 0) {
		w--
	}
	sides := [2]Side{}
	for i, p := range []*period{h.before, h.now} {
		m := &p.means[w]
		if m.last.Count == 0 { // they have none in common
			m = p.mean(usual)
		}
		sides[i] = m.side()
		sides[i].Exchange = ""
	}
	b.mu.Unlock()
	return Compare(sides[0], sides[1]), nil
}

// near returns a known route that may be meant by one that is not, or "".
func (b *Baseline) near(route string) (near string) {
	bare := strings.TrimSuffix(route, "/")
	for name := range b.routes { // a few hundred
		if strings.EqualFold(strings.TrimSuffix(name, "/"), bare) && (near == "" || name < near) {
			near = name
		}
	}
	return near
}

// Routes returns the routes that [Baseline.Compare] can compare, the one that was asked
// for last first.
func (b *Baseline) Routes() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []*history
	for _, h := range b.routes {
		if h.before != nil {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b *history) int { return int(b.used - a.used) })
	names := make([]string, len(list))
	for i, h := range list {
		names[i] = h.name
	}
	return names
}

// route returns the history of a route, which is used now.
func (b *Baseline) route(name string) *history {
	b.clock++
	h := b.routes[name]
	if h == nil {
		if b.routes == nil {
			b.routes = map[string]*history{}
		}
		h = &history{name: strings.Clone(name)}
		b.routes[h.name] = h
	}
	h.used = b.clock
	return h
}

// add adds ex to p, and lets go of other routes when there is too much.
func (b *Baseline) add(p *period, w warmth, ex *inspect.Exchange) {
	m := &p.means[w]
	if ex.ReplayOf != "" {
		if p.replays++; p.replays > maxReplays {
			return
		}
	}
	b.bytes -= p.bytes()
	m.tree.limit = maxMeanNodes
	m.fade()
	m.add(ex)
	b.bytes += p.bytes()
	for len(b.routes) > maxRoutes || b.bytes > maxBaseline && len(b.routes) > 1 {
		var oldest *history
		for _, h := range b.routes { // seldom, and a few hundred
			if oldest == nil || h.used < oldest.used {
				oldest = h
			}
		}
		b.bytes -= oldest.before.bytes() + oldest.now.bytes()
		delete(b.routes, oldest.name)
	}
}

// fade makes room in a mean that is full: what is in it counts a quarter from then on.
func (m *mean) fade() {
	const by = 4
	if m.last.Count < maxMean {
		return
	}
	m.last.Count /= by
	m.squares /= by
	for i := range m.statements {
		m.statements[i].Count /= by
		m.statements[i].Time /= by
	}
	m.tree.trees = (m.tree.trees + by - 1) / by
	m.tree.lost /= by
	for i := range m.tree.nodes {
		m.tree.nodes[i].calls /= by
		m.tree.nodes[i].total /= by
	}
}

// Bytes of a node and a function with their place in a map, and of a statement beside
// its text.
const (
	nodeBytes      = 80
	functionBytes  = 250
	statementBytes = 150
)

// bytes is about what p holds.
func (p *period) bytes() int {
	if p == nil {
		return 0
	}
	n := 0
	for i := range p.means {
		m := &p.means[i]
		n += nodeBytes*len(m.tree.nodes) + functionBytes*len(m.tree.functions) + m.tree.names + m.bytes
	}
	return n
}
