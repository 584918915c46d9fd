package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

func TestRetentionByCountAndAge(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "history.db")
	s := open(t, Options{Path: path, MaxCount: 10, MaxAge: time.Hour})
	long := sample(999)
	long.ID, long.Start = idOf(999), time.Now()
	s.Publish(inspect.ExchangeStarted{Exchange: long.Summary}) // Seq 1 stays: it is in flight
	for i := range 30 {
		finish(s, i)
	}
	flushed(t, s)
	list, err := s.Exchanges(ctx, inspect.ListRequest{}, nil)
	if err != nil || len(list.Items) != 10 || list.Items[0].Seq != 31 || list.Items[8].Seq != 23 || list.Items[9].Seq != 1 {
		t.Fatalf("%d items, %v", len(list.Items), err)
	}
	s.Publish(inspect.ExchangeFinished{Exchange: long})
	flushed(t, s)
	s.Close()

	s = open(t, Options{Path: path, MaxCount: 5})
	if n := s.Stats().Exchanges; n > 10 {
		t.Errorf("%d exchanges after a reload", n)
	}
	old := sample(50)
	old.ID, old.Start = idOf(50), time.Now().Add(-8*24*time.Hour)
	s.Publish(inspect.ExchangeFinished{Exchange: old})
	flushed(t, s)
	if n := s.Stats().Exchanges; n != 5 {
		t.Errorf("%d exchanges with a limit of 5", n)
	}
	s.Close()
	s = open(t, Options{Path: path, MaxAge: time.Nanosecond})
	flushed(t, s)
	if n := s.Stats().Exchanges; n != 0 {
		t.Errorf("%d exchanges are too old", n)
	}
	if ex := sample(51); true {
		s.Publish(inspect.ExchangeStarted{Exchange: ex.Summary})
		if list, _ := s.Exchanges(ctx, inspect.ListRequest{}, nil); list.Items[0].Seq != 33 {
			t.Errorf("Seq began anew: %d", list.Items[0].Seq)
		}
	}
}

// noise returns n bytes that do not compress.
func noise(n, seed int) []byte {
	b, x := make([]byte, n), uint64(seed)*2654435761+1
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return b
}

func TestRetentionByBytesAndClear(t *testing.T) {
	const limit = 8 << 20
	s := open(t, Options{Path: filepath.Join(t.TempDir(), "history.db"), MaxBytes: limit})
	big := func(n int) {
		ex := sample(n)
		ex.ID, ex.Start = idOf(n), time.Now()
		ex.Response.Body = inspect.Body{Size: 100_000, Data: noise(100_000, n)}
		s.Publish(inspect.ExchangeFinished{Exchange: ex})
	}
	for i := range 500 { // 50 MB
		big(i)
		if i%25 == 24 {
			flushed(t, s)
		}
	}
	used, _, size, err := s.file.pages(context.Background())
	if err != nil || used*size > limit+limit/8 || used*size < limit/2 {
		t.Errorf("%d bytes in use with a limit of %d, %v", used*size, limit, err)
	}
	if n := s.file.bytes(); n > 5*limit {
		t.Errorf("the file grew to %d", n)
	}
	if _, err := s.Exchange(context.Background(), idOf(499)); err != nil {
		t.Error(err)
	}
	if err := s.Clear(context.Background()); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Exchanges != 0 || st.Bytes > 100_000 {
		t.Errorf("after Clear: %+v", st)
	}
	big(1)
	flushed(t, s)
	if ex, err := s.Exchange(context.Background(), idOf(1)); err != nil || ex.Seq != 501 {
		t.Errorf("after Clear: %v", err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s := open(t, Options{MaxBytes: 1 << 20})
	for i := range 50 {
		ex := sample(i)
		ex.ID, ex.Start = idOf(i), time.Now()
		ex.Response.Body = inspect.Body{Size: 100_000, Data: noise(100_000, i)}
		s.Publish(inspect.ExchangeFinished{Exchange: ex})
	}
	flushed(t, s)
	if st := s.Stats(); st.Exchanges != 50 || st.Bytes > 1<<20 || st.Bytes < 1<<19 {
		t.Errorf("%+v", st)
	}
	first, err := s.Exchange(context.Background(), idOf(0))
	if err != nil || first.Response.Body.Data != nil || !first.Response.Body.Truncated {
		t.Errorf("oldest: %v", err)
	}
	last, err := s.Exchange(context.Background(), idOf(49))
	if err != nil || len(last.Response.Body.Data) != 100_000 {
		t.Errorf("newest: %v", err)
	}
}

func TestOverloadShedsBodiesThenDetails(t *testing.T) {
	var said notices
	s := open(t, Options{Notify: said.add})
	first, second := sample(1), sample(2)
	first.ID, first.Start = idOf(1), time.Now()
	second.ID, second.Start = idOf(2), time.Now()
	s.mu.Lock() // keeps the writer from emptying the queue in between
	s.queue.bytes = pendingBytes
	s.finished(first)
	s.queue.exchanges = make([]*record, maxPending)
	for i := range s.queue.exchanges {
		s.queue.exchanges[i] = &record{gone: true}
	}
	s.finished(second)
	s.mu.Unlock()
	ctx := context.Background()
	ex, err := s.Exchange(ctx, idOf(1))
	if err != nil || ex.Response.Body.Data != nil || !ex.Response.Body.Truncated || ex.Response.Header.Get("Vary") == "" {
		t.Errorf("without bodies: %+v, %v", ex, err)
	}
	ex, err = s.Exchange(ctx, idOf(2))
	if err != nil || ex.Path == "" || ex.Response.Header != nil || !ex.Response.Body.Truncated {
		t.Errorf("without details: %+v, %v", ex, err)
	}
	if st := s.Stats(); st.Dropped != 1 || st.Exchanges != 2 {
		t.Errorf("%+v", st)
	}
	flushed(t, s)
	if !strings.Contains(said.String(), "1 exchanges were not kept") {
		t.Errorf("notices: %q", said.String())
	}
}
