package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	pb "github.com/google/pprof/profile"
	"github.com/pastedev/pastedev/inspect"
)

// fakeProfiles are profiles in memory.
type fakeProfiles struct {
	list []inspect.Profile // by ID
	data [][]byte
}

func (f *fakeProfiles) put(p inspect.Profile, data []byte) inspect.Profile {
	p.ID, p.Size = int64(len(f.list)+1), int64(len(data))
	f.list, f.data = append(f.list, p), append(f.data, data)
	return p
}

func (f *fakeProfiles) List(limit int) []inspect.Profile {
	list := slices.Clone(f.list)
	slices.Reverse(list)
	return list[:min(len(list), cmpInt(limit, len(list)))]
}

func (f *fakeProfiles) Get(id int64) (inspect.Profile, error) {
	if id < 1 || id > int64(len(f.list)) {
		return inspect.Profile{}, fmt.Errorf("profile %d: %w", id, inspect.ErrNotFound)
	}
	return f.list[id-1], nil
}

func (f *fakeProfiles) Data(id int64) ([]byte, error) {
	if _, err := f.Get(id); err != nil {
		return nil, err
	}
	return f.data[id-1], nil
}

// sampled is a profile of three samples, with a secret in a label. One function has the
// name of a script.
func sampled(t *testing.T) []byte {
	t.Helper()
	p := &pb.Profile{SampleType: []*pb.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &pb.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: 1e7, TimeNanos: 1, DurationNanos: 3e7, DefaultSampleType: "cpu"}
	for n, name := range []string{"main.cart", "main.total", "main.</script><script>alert(1)</script>"} {
		f := &pb.Function{ID: uint64(n + 1), Name: name, SystemName: name, Filename: "/etc/passwd"}
		l := &pb.Location{ID: uint64(n + 1), Address: uint64(n + 1), Line: []pb.Line{{Function: f, Line: int64(n + 1)}}}
		p.Function, p.Location = append(p.Function, f), append(p.Location, l)
		p.Sample = append(p.Sample, &pb.Sample{Location: slices.Clone(p.Location), Value: []int64{1, 1e7}, Label: map[string][]string{"password": {secret}, "plan": {"free"}}})
		slices.Reverse(p.Sample[n].Location)
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// callTree is the tree of a handler that loads a cart: 10 ms, of which SQL takes 6 with a
// secret in its statement.
func callTree(sql time.Duration) *inspect.CallTree {
	return &inspect.CallTree{
		Functions: []inspect.CallFunction{{Kind: inspect.CallHandler, Name: "GET /cart?token=" + secret},
			{Kind: inspect.CallFunc, Name: "example.com/shop.loadCart", At: &inspect.Location{File: "cart.go", Path: "/src/cart.go", Line: 12}},
			{Kind: inspect.CallSQL, Name: "query SELECT * FROM carts WHERE password='" + secret + "'"},
			{Kind: inspect.CallHTTP, Name: "GET http://api.test/rates?api_key=" + secret}},
		Nodes: []inspect.CallNode{{Parent: -1, Function: 0, Calls: 1, Total: sql + 4*time.Millisecond}, {Parent: 0, Function: 1, Calls: 1, Total: sql + 3*time.Millisecond},
			{Parent: 1, Function: 2, Calls: 7, Total: sql}, {Parent: 0, Function: 3, Calls: 1, Total: time.Millisecond / 2}},
	}
}

// withTree adds an exchange that took its time in SQL.
func (i *instance) withTree(path string, sql time.Duration) *inspect.Exchange {
	ex := exchange("GET", path, 200)
	ex.CallTree, ex.Sums.Nodes, ex.Verdict = callTree(sql), 4, "+38 ms in loadCart"
	return i.store.add(ex)
}

// profiling gives an instance all that profiles need, and returns what Record was asked.
func (i *instance) profiling(t *testing.T) (*fakeProfiles, *[]inspect.ProfileRequest) {
	kept, asked := &fakeProfiles{}, &[]inspect.ProfileRequest{}
	data := sampled(t)
	o := &i.svc.opt
	o.Profiles = kept
	o.Record = func(_ context.Context, req inspect.ProfileRequest, ex *inspect.Exchange) (inspect.Profile, error) {
		*asked = append(*asked, req)
		p := inspect.Profile{Kind: req.Kind, Exchange: req.Exchange, Samples: 3, Note: "label token=" + secret}
		if ex != nil {
			if ex.Request.Header.Get("Authorization") != "Bearer "+secret {
				t.Error("the recorder got a masked request")
			}
			p.Route = ex.Method + " " + ex.Path
		}
		return kept.put(p, data), nil
	}
	o.CompareRoute = func(_ context.Context, route string) (inspect.Comparison, error) {
		if route != "GET /cart" {
			return inspect.Comparison{}, errors.New("route " + route + " has not been seen\nhint: send a request")
		}
		return inspect.Comparison{Before: inspect.Compared{Route: route, Build: 1}, After: inspect.Compared{Route: route, Build: 2}, Verdict: "+1 ms",
			SQL: []inspect.StatementChange{{Statement: "select 1 -- password=" + secret}}, Tree: callTree(time.Second)}, nil
	}
	o.Goroutines = func(_ context.Context, id inspect.ID) (string, error) {
		return "goroutine 7 [select]:\nmain.wait(" + string(id) + ", token=" + secret + ")\n", nil
	}
	o.Cancel = func(id inspect.ID) bool {
		i.call("cancel " + string(id))
		ex, _ := i.store.Exchange(t.Context(), id)
		return ex.InFlight
	}
	o.SetCalls = func(_ context.Context, on bool) error { i.call(fmt.Sprint("calls ", on)); return nil }
	return kept, asked
}
