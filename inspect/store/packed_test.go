package store

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// A field added to the summary that packing loses fails here.
func TestPackedCarriesEveryField(t *testing.T) {
	var want inspect.Summary
	n := 0
	fill(reflect.ValueOf(&want).Elem(), &n)
	want.Rehearsal, want.InFlight = false, false // none is kept; its duration grows
	p := pack(&want)
	p.subs = int32(want.Subs)
	if d := cmp.Diff(want, p.summary()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	want.InFlight = true
	if live := pack(&want).summary(); !live.InFlight || live.Duration <= want.Duration {
		t.Errorf("in flight %v for %v", live.InFlight, live.Duration)
	}
}

// The history holds 100,000 records. What a record grows by it grows by 100,000 times, and
// the target of 150 MB resident is about the double of what they take, since the garbage
// collector lets the heap grow to that. A record of 80 bytes is the last that fits its size
// class (the next is 96), and 208 bytes are a usual summary's with ten to spare.
func TestRecordIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(record{}); size > 80 {
		t.Errorf("a record takes %d bytes, want 80 at most: what most exchanges do not have belongs into packed.fields", size)
	}
	sum := &sample(1234).Summary
	if p := pack(sum); len(p.fields) > 208 {
		t.Errorf("a usual summary takes %d bytes, want 208 at most", len(p.fields))
	} else {
		t.Logf("a record takes %d bytes and a summary %d, which unpacked is %d", unsafe.Sizeof(record{}), len(p.fields), unsafe.Sizeof(*sum))
	}
	if n := testing.AllocsPerRun(100, func() { pack(sum) }); n > 1 {
		t.Errorf("to pack takes %v allocations, want 1", n)
	}
}

// IDs are what they are given as, whatever their form.
func TestPackedIDs(t *testing.T) {
	s := open(t, Options{Path: filepath.Join(t.TempDir(), "history.db")})
	long := inspect.ID(strings.Repeat("4bf9", 5000))
	for _, id := range []inspect.ID{idOf(1), "", "not hex", "\x03\x80", long} {
		ex := sample(1)
		ex.ID = id
		if got := pack(&ex.Summary).id(); got != id {
			t.Errorf("%.20q is packed as %.20q", id, got)
		}
		s.Publish(inspect.ExchangeStarted{Exchange: ex.Summary})
		s.Publish(inspect.ExchangeFinished{Exchange: ex})
		if sum, ok := s.Summary(id); !ok || sum.ID != id || sum.InFlight {
			t.Errorf("%.20q is kept as %.20q, %v, in flight %v", id, sum.ID, ok, sum.InFlight)
		}
	}
	flushed(t, s)
	if st := s.Stats(); st.Exchanges != 5 {
		t.Errorf("%d exchanges, want 5", st.Exchanges)
	}
	if ex, err := s.Exchange(t.Context(), long); err != nil || len(ex.Response.Body.Data) == 0 {
		t.Errorf("a long id: %v", err)
	}
}

// The keys of byID are parts of the summaries that are kept, not of those that were.
func TestKeysHoldNothing(t *testing.T) {
	s := open(t, Options{})
	ex := sample(1)
	html := &inspect.HTMLCheck{Errors: 1}
	for i, ev := range []inspect.Event{inspect.ExchangeStarted{Exchange: ex.Summary}, inspect.ExchangeFinished{Exchange: ex},
		inspect.ExchangeUpdated{Exchange: ex}, inspect.HTMLChecked{Exchange: ex.Summary, HTML: html}} {
		s.Publish(ev)
		s.mu.RLock()
		for id, r := range s.index.byID {
			if unsafe.StringData(string(id)) != unsafe.StringData(string(r.sum.id())) {
				t.Errorf("event %d: the key is a part of a summary that is no longer kept", i)
			}
		}
		if len(s.index.byID) != 1 {
			t.Errorf("event %d: %d keys", i, len(s.index.byID))
		}
		s.mu.RUnlock()
	}
}

// A scan shows all exchanges as they were when it began, whatever happens meanwhile, and
// hands the matcher one summary after the other without allocating any.
func TestScanSeesOneMoment(t *testing.T) {
	s := open(t, Options{})
	for i := range 1000 {
		finish(s, i)
	}
	changed := false
	m := matchFunc(func(sum *inspect.Summary, _ func() *inspect.Exchange) bool {
		if !changed { // the newest: all others come later
			changed = true
			s.Publish(inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: idOf(3), Verdict: "+9 ms"}}})
		}
		return sum.ID == idOf(3)
	})
	for _, want := range []string{"", "+9 ms"} {
		list, err := s.Exchanges(t.Context(), inspect.ListRequest{}, m)
		if err != nil || len(list.Items) != 1 || list.Items[0].Verdict != want || list.Items[0].URL != sample(3).URL {
			t.Errorf("want the verdict %q, got %+v, %v", want, list.Items, err)
		}
	}
	flushed(t, s) // the writer rests
	none := matchFunc(func(*inspect.Summary, func() *inspect.Exchange) bool { return false })
	if n := testing.AllocsPerRun(5, func() { s.Exchanges(t.Context(), inspect.ListRequest{}, none) }); n > 50 {
		t.Errorf("%v allocations for 1000 exchanges", n)
	}
}

func BenchmarkPack(b *testing.B) {
	sum := sample(1234).Summary
	b.Run("pack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			pack(&sum)
		}
	})
	b.Run("unpack", func(b *testing.B) {
		b.ReportAllocs()
		p := pack(&sum)
		for b.Loop() {
			p.unpack(&sum)
		}
	})
}
