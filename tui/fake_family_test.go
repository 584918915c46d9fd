package tui

import (
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// family gives the newest exchanges of the fake, newest last, what pastedev serve records:
// mounts, a page with parts, of which one is of parts itself, a CGI program, and an answer
// with an error page. An exchange of another client comes between a page and its parts.
func (f *fake) family() {
	n := len(f.rows)
	set := func(i int, method, path, mount string, status int, took time.Duration) *inspect.Summary {
		s := &f.rows[n-i]
		*s = inspect.Summary{ID: s.ID, Seq: s.Seq, Kind: inspect.KindHTTP, Method: method, URL: "http://localhost:8080" + path, Host: "localhost:8080",
			Path: strings.Split(path, "?")[0], Proto: "HTTP/1.1", Status: status, Start: s.Start, Duration: inspect.Millis(took), ResponseSize: 4200, ContentType: "text/html",
			Client: "127.0.0.1:50000", Mount: mount}
		return s
	}
	part := func(of *inspect.Summary, via inspect.Via, i int, path, mount string, status int, took time.Duration) *inspect.Summary {
		s := set(i, "GET", path, mount, status, took)
		s.Parent, s.Via, s.Client = of.ID, via, ""
		s.Start = of.Start.Add(time.Duration(8-i) * 4 * time.Millisecond)
		of.Subs++
		return s
	}
	page := set(8, "GET", "/cart", "/", 200, 48*time.Millisecond)
	head := part(page, inspect.ViaInclude, 7, "/parts/head", "/", 200, 6*time.Millisecond)
	set(6, "POST", "/api/orders", "/api", 201, 12*time.Millisecond)
	part(head, inspect.ViaInclude, 5, "/cgi-bin/basket.pl", "/cgi-bin", 200, 21*time.Millisecond).Sums.Programs = 1
	part(page, inspect.ViaInclude, 4, "/parts/foot", "/", 500, 2*time.Millisecond).Error = "render: no such template"
	set(3, "GET", "/cgi-bin/report.pl?month=11", "/cgi-bin", 502, 90*time.Millisecond).Sums.Programs = 1
	lost := set(2, "GET", "/no/such/page", "/", 404, 3*time.Millisecond)
	part(lost, inspect.ViaError, 1, "/errors/404.html", "/", 200, time.Millisecond)
}

// relate fills in what the service does.
func (f *fake) relate(ex *inspect.Exchange) {
	for _, s := range f.rows {
		if s.Parent == ex.ID {
			ex.Children = append(ex.Children, s)
		}
	}
	if ex.Sums.Programs == 0 {
		return
	}
	p := &inspect.Process{Program: "/srv/shop/cgi-bin/basket.pl", Dir: "/srv/shop/cgi-bin", PID: 4711, Input: 0, Output: 4260, Env: []inspect.Note{
		{Key: "GATEWAY_INTERFACE", Value: "CGI/1.1"}, {Key: "REQUEST_METHOD", Value: "GET"}, {Key: "PATH_INFO", Value: "/7"},
		{Key: "HTTP_COOKIE", Value: "sid=*masked*"}, {Key: "HTTP_X_FORWARDED_FOR_A_VERY_LONG_NAME", Value: "::1"}}}
	s := inspect.Span{Seq: 90, Kind: inspect.SpanProcess, Start: ex.Start.Add(2 * time.Millisecond), Duration: ex.Duration * 8 / 10, Process: p}
	if ex.Status >= 500 {
		p.Program, p.Exit, p.Signal, p.Output = "/srv/shop/cgi-bin/report.pl", -1, "killed", 12
		s.Error = "the program wrote no header before it ended"
	}
	ex.Spans = append(ex.Spans, s)
}
