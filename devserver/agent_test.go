package devserver

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// The words between proxy and agent reach neither the client nor the record, and a
// client cannot speak for the proxy.
func TestAgentHeaders(t *testing.T) {
	var seen string
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Get(agent.HeaderExchange)
		w.Header().Set(agent.HeaderSums, r.Header.Get("Test-Sums"))
	})
	var told []inspect.ID
	s := newSite(t, httpTarget(t, handler), Options{Inside: func(id inspect.ID) { told = append(told, id) }})
	for i, sums := range []string{"logs=0;sql=0", "logs=2;sql=1;sqlus=1500"} {
		req, _ := http.NewRequest("GET", "http://"+s.addr, nil)
		req.Header.Set(agent.HeaderExchange, "0af7651916cd43dd8448eb211c80319c")
		req.Header.Set("Test-Sums", sums)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		x := s.rec.wait(t, i+1)[i]
		if seen != string(x.ID) {
			t.Errorf("the agent heard of %q, want %q", seen, x.ID)
		}
		if res.Header[agent.HeaderSums] != nil || x.Response.Header[agent.HeaderSums] != nil {
			t.Errorf("the agent's field went on: client %v, record %v", res.Header, x.Response.Header)
		}
		if timing := res.Header.Get("Server-Timing"); strings.HasSuffix(timing, `sql;desc="1 statements";dur=1.500, logs;desc="2 lines"`) != (i == 1) {
			t.Errorf("Server-Timing %q", timing)
		}
		if len(told) != i {
			t.Errorf("told of %v", told)
		}
	}
}

// Without an agent everything goes by as it is.
func TestNoAgentHeaders(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(agent.HeaderSums, r.Header.Get(agent.HeaderExchange))
	})
	s := newSite(t, httpTarget(t, handler), Options{})
	req, _ := http.NewRequest("GET", "http://"+s.addr, nil)
	req.Header.Set(agent.HeaderExchange, "mine")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if got := res.Header.Get(agent.HeaderSums); got != "mine" {
		t.Errorf("got %q", got)
	}
}

// A request that breaks a kept connection is sent again, as a browser would, but not
// when the target is known to have failed over it.
func TestBrokenKeptConnection(t *testing.T) {
	for _, failed := range []bool{false, true} {
		var got atomic.Int64
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/break" && got.Add(1) == 1 {
				panic(http.ErrAbortHandler)
			}
		})
		s := newSite(t, httpTarget(t, handler), Options{Failed: func(context.Context, inspect.ID) bool { return failed }})
		if res, _ := get(t, "http://"+s.addr+"/"); res.StatusCode != 200 { // leaves a connection
			t.Fatalf("status %d", res.StatusCode)
		}
		want, wantSent := 200, int64(2)
		if failed {
			want, wantSent = 502, 1
		}
		if res, _ := get(t, "http://"+s.addr+"/break"); res.StatusCode != want || got.Load() != wantSent {
			t.Errorf("failed %v: status %d after %d sendings, want %d after %d", failed, res.StatusCode, got.Load(), want, wantSent)
		}
		if x := s.rec.wait(t, 2)[1]; !x.Timing.ReusedConn && failed {
			t.Error("the connection was not a kept one")
		}
	}
}
