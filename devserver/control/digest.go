package control

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/store"
)

// Bounds of a digest.
const (
	digestInterval = 100 * time.Millisecond // a list that moves more often cannot be read
	maxDigest      = 250                    // summaries in one: 2,500/s; beyond that the list is asked again
)

// Digest is what a list needs to know of up to 100 ms of the feed.
type Digest struct {
	// Exchanges are those that began or ended and match the query, newest first.
	// One that is in flight comes again when it ends.
	Exchanges []inspect.Summary `json:"exchanges"`
	// Gone are exchanges that ended and do not match, though they may have matched
	// in flight.
	Gone     []inspect.ID `json:"gone,omitempty"`
	Finished int          `json:"finished"` // exchanges that ended, matching or not
	Total    int          `json:"total"`    // exchanges in the history, when this was sent
	Outputs  int          `json:"outputs"`  // lines that were printed
	// Gap is set when there were more matches than fit: ask for the list again.
	Gap bool `json:"gap,omitempty"`
}

// digester gathers the exchange and output events of a feed; all others go on at
// once. It serves one stream.
type digester struct {
	svc   *Service
	match store.Matcher // nil matches all
	cur   Digest
	index map[inspect.ID]int // place in cur.Exchanges
}

func newDigester(svc *Service, m store.Matcher) *digester {
	d := &digester{svc: svc, match: m}
	d.reset()
	return d
}

func (d *digester) reset() {
	d.cur, d.index = Digest{Exchanges: []inspect.Summary{}}, map[inspect.ID]int{}
}

// run sends the digests of feed until one side ends. The first event after a quiet
// time goes out at once.
func (d *digester) run(ctx context.Context, s *stream, feed <-chan inspect.Event) error {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var due <-chan time.Time // nil while there is nothing to send
	var sent time.Time
	for {
		select {
		case e, ok := <-feed:
			if !ok {
				return nil
			}
			if !d.add(e) {
				if err := s.event(d.svc.mask(e)); err != nil {
					return err
				}
			} else if due == nil {
				due = time.After(max(0, digestInterval-time.Since(sent)))
			}
		case <-due:
			due, sent = nil, time.Now()
			if err := d.flush(ctx, s); err != nil {
				return err
			}
		case <-beat.C:
			if err := s.write(": still here\n\n"); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// add takes up an exchange or output event and reports whether it was one.
func (d *digester) add(e inspect.Event) bool {
	switch e := e.(type) {
	case inspect.ExchangeStarted:
		if d.match == nil || d.match.Match(&e.Exchange, func() *inspect.Exchange { return &inspect.Exchange{Summary: e.Exchange} }) {
			d.put(e.Exchange)
		}
	case inspect.ExchangeFinished:
		d.cur.Finished++
		if d.match == nil || d.match.Match(&e.Exchange.Summary, func() *inspect.Exchange { return e.Exchange }) {
			d.put(e.Exchange.Summary)
		} else {
			d.drop(e.Exchange.ID)
		}
	case inspect.ExchangeUpdated:
		if d.match == nil || d.match.Match(&e.Exchange.Summary, func() *inspect.Exchange { return e.Exchange }) {
			d.put(e.Exchange.Summary)
		} else {
			d.drop(e.Exchange.ID)
		}
	case inspect.HTMLChecked:
		// Whether it matches a filter for what is inside is not known here: none is dropped.
		if d.match == nil || d.match.Match(&e.Exchange, func() *inspect.Exchange { return &inspect.Exchange{Summary: e.Exchange, HTML: e.HTML} }) {
			d.put(e.Exchange)
		}
	case inspect.OutputWritten:
		d.cur.Outputs++
	default:
		return false
	}
	return true
}

func (d *digester) put(sum inspect.Summary) {
	if i, ok := d.index[sum.ID]; ok {
		d.cur.Exchanges[i] = sum
		return
	}
	if len(d.cur.Exchanges) >= maxDigest {
		d.cur.Gap = true
		return
	}
	d.index[sum.ID] = len(d.cur.Exchanges)
	d.cur.Exchanges = append(d.cur.Exchanges, sum)
}

func (d *digester) drop(id inspect.ID) {
	if i, ok := d.index[id]; ok {
		d.cur.Exchanges[i].ID = "" // sorted out in flush
		delete(d.index, id)
	}
	if len(d.cur.Gone) >= maxDigest {
		d.cur.Gap = true
		return
	}
	d.cur.Gone = append(d.cur.Gone, id)
}

// flush masks and sends what was gathered.
func (d *digester) flush(ctx context.Context, s *stream) error {
	cur := d.cur
	d.reset()
	cur.Exchanges = slices.DeleteFunc(cur.Exchanges, func(s inspect.Summary) bool { return s.ID == "" })
	slices.SortFunc(cur.Exchanges, func(a, b inspect.Summary) int { return int(b.Seq - a.Seq) })
	for i := range cur.Exchanges {
		cur.Exchanges[i] = d.svc.opt.Redactor.Summary(cur.Exchanges[i])
	}
	if cur.Gap { // the list will be asked again: there is no use in sending it twice
		cur.Exchanges, cur.Gone = []inspect.Summary{}, nil
	}
	all, err := d.svc.opt.Store.Exchanges(ctx, inspect.ListRequest{Limit: 1}, nil)
	if err != nil {
		return err
	}
	cur.Total = all.Total
	data, err := json.Marshal(cur)
	if err != nil {
		return err
	}
	return s.send("digest", data)
}
