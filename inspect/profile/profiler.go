package profile

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// What a [Profiler] does unless told otherwise.
const (
	ProfilerPath  = "/debug/pastedev/profiles/"
	ProfilerKeep  = 20               // profiles; each has some 10 kB
	ProfilerLimit = 30 * time.Second // as much as net/http/pprof records at a time
)

// The header fields of a profile on demand.
const (
	HeaderProfile      = "Pastedev-Profile"       // of the request: "cpu"; of the response: where its profile is
	HeaderProfileError = "Pastedev-Profile-Error" // of the response: why it has none
)

// labelProfile tells the requests that are profiled apart, whatever IDs they have.
const labelProfile = "pastedev_profile"

// Profiler is a middleware that labels what each request does, so that every profile of
// the program can be cut by request and by route: `go tool pprof -tagfocus`, or [Cut]. The
// label [LabelExchange] is the W3C trace id of the request's traceparent, else a new one;
// [LabelRoute] is the pattern of the route, where one is known. Goroutines that the
// handler starts have the labels too.
//
// With OnDemand it also records a processor profile of each request that asks for it by the
// header "Pastedev-Profile: cpu". A header, as no page of another site can make a browser
// send it. The answer is not changed but for its header, which says where the profile is:
//
//	curl -i -H 'Pastedev-Profile: cpu' localhost:8080/cart
//	go tool pprof http://localhost:8080/debug/pastedev/profiles/1
//
// Requests that are profiled at the same time share what is recorded and are then told
// apart by label. None waits for another, except that the last one to end takes 0.2 s
// longer, and one that arrives in these waits for them. If the program records a profile
// already the request is served as ever, and [HeaderProfileError] says why it has no
// profile.
//
// The zero value labels and does nothing else. Fields must not be changed once Handler was
// called. It is safe for concurrent use.
type Profiler struct {
	// OnDemand lets requests ask for a profile. Leave it false where others than the
	// developer reach the program.
	OnDemand bool
	// Allow says who may ask and read; others are served as if OnDemand was false. nil: who
	// connects from this machine to a name of this machine, and not through a proxy that
	// says it speaks for others. A proxy on this machine that does not say so looks as if
	// it was the developer.
	Allow func(*http.Request) bool
	Path  string        // where profiles are listed and read, with a slash at its end; "": ProfilerPath
	Keep  int           // how many profiles are kept in memory; 0: ProfilerKeep
	Limit time.Duration // the longest profile; 0: ProfilerLimit
	// Route names the route of a request. nil: its pattern, which is known when Handler
	// is mounted within an http.ServeMux.
	Route func(*http.Request) string
	Log   *slog.Logger // is told of profiles that cannot be recorded; nil: slog.Default

	cpu sharedCPU
}

// Handler labels, and profiles, what next does.
func (p *Profiler) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		onDemand := p.OnDemand && p.allow(r)
		if onDemand && strings.HasPrefix(r.URL.Path, p.path()) {
			p.serve(w, r)
			return
		}
		labels := p.labels(r)
		if onDemand && r.Header.Get(HeaderProfile) != "" {
			if one, err := p.begin(r); err != nil {
				w.Header().Set(HeaderProfileError, firstLine(err))
				p.log().WarnContext(r.Context(), "request is not profiled", "path", r.URL.Path, "error", err)
			} else {
				id := strconv.FormatInt(one.id, 10)
				w.Header().Set(HeaderProfile, p.path()+id)
				labels = append(labels, labelProfile, id)
				defer p.cpu.leave(one)
			}
		}
		pprof.Do(r.Context(), pprof.Labels(labels...), func(ctx context.Context) { serveWith(next, w, r, ctx) })
	})
}

// serveWith serves r with another context. What the server and outer handlers look for in
// their request afterwards is copied back: temporary files of a form would else stay.
func serveWith(next http.Handler, w http.ResponseWriter, r *http.Request, ctx context.Context) {
	inner := r.WithContext(ctx)
	defer func() { r.Pattern, r.MultipartForm = inner.Pattern, inner.MultipartForm }()
	next.ServeHTTP(w, inner)
}

// labels are those that a request gets, key and value in turn. It keeps those it has: in a
// program that pastedev has built, pastedev's.
func (p *Profiler) labels(r *http.Request) []string {
	var labels []string
	if _, ok := pprof.Label(r.Context(), LabelExchange); !ok {
		labels = append(labels, LabelExchange, string(exchangeID(r)))
	}
	if route := p.route(r); route != "" {
		labels = append(labels, LabelRoute, route)
	}
	return labels
}

// exchangeID is the trace that the request belongs to, or a new one.
// https://www.w3.org/TR/trace-context/#traceparent-header
func exchangeID(r *http.Request) inspect.ID {
	if parts := strings.Split(r.Header.Get("Traceparent"), "-"); len(parts) >= 4 && inspect.ID(parts[1]).Valid() {
		return inspect.ID(parts[1])
	}
	return inspect.NewID()
}

func (p *Profiler) route(r *http.Request) string {
	switch {
	case p.Route != nil:
		return p.Route(r)
	case r.Pattern == "" || strings.HasPrefix(r.Pattern, r.Method+" "):
		return r.Pattern
	}
	return r.Method + " " + r.Pattern
}

func (p *Profiler) path() string         { return cmp.Or(p.Path, ProfilerPath) }
func (p *Profiler) keep() int            { return cmp.Or(max(p.Keep, 0), ProfilerKeep) }
func (p *Profiler) limit() time.Duration { return cmp.Or(max(p.Limit, 0), ProfilerLimit) }

func (p *Profiler) log() *slog.Logger {
	if p.Log != nil {
		return p.Log
	}
	return slog.Default()
}

func (p *Profiler) allow(r *http.Request) bool {
	if p.Allow != nil {
		return p.Allow(r)
	}
	if !loopback(r.RemoteAddr) || !loopback(r.Host) || r.Header.Get("Forwarded") != "" {
		return false
	}
	for _, name := range [...]string{"X-Forwarded-For", "X-Real-Ip"} {
		for _, v := range r.Header.Values(name) {
			for host := range strings.SplitSeq(v, ",") {
				if !loopback(strings.TrimSpace(host)) {
					return false
				}
			}
		}
	}
	// A page of another site must not even start it.
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none"
}

// loopback says whether an address with or without a port is this machine's, by its name
// or number. Other names may lead here too, and then lead others here (DNS rebinding).
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]")
	}
	if name := strings.ToLower(strings.TrimSuffix(host, ".")); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
