package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"

	"github.com/pastedev/pastedev/inspect"
)

// row is one exchange on its way to disk.
type row struct {
	rec     *record
	ex      *inspect.Exchange
	sum     packed
	details []byte
	size    int64
}

// traceRow is one trace on its way to disk.
type traceRow struct {
	rec            *traceRecord
	trace, outline *inspect.Trace
	data           []byte
}

// batch is what one transaction writes.
type batch struct {
	rows              []row
	updates           map[*record]*inside // what rows holds of stored exchanges anew
	builds            []inspect.Build
	traces            []traceRow
	goneTraces        []int64
	seq, build, trace int64 // the counters
}

// write stores b whole or not at all.
func (f *file) write(ctx context.Context, b *batch) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	summaries, data := tx.Stmt(f.insSummary), tx.Stmt(f.insDetails)
	var buf []byte
	for i := range b.rows {
		// Requests that wait for a processor go first: a batch is tens of milliseconds of
		// work, and the scheduler takes the processor away after ten at the earliest.
		runtime.Gosched()
		r := &b.rows[i]
		buf = append(buf[:0], r.sum.fields...)
		if _, err := summaries.Exec(r.sum.seq, r.size, buf); err != nil {
			return err
		}
		if _, err := data.Exec(r.sum.seq, r.details); err != nil {
			return err
		}
	}
	for _, build := range b.builds {
		if err := writeBuild(tx, build); err != nil {
			return err
		}
	}
	if err := writeTraces(tx, b); err != nil {
		return err
	}
	counter := tx.Stmt(f.counter)
	for name, value := range map[string]int64{"seq": b.seq, "build": b.build, "trace": b.trace} {
		if _, err := counter.Exec(name, value); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func writeTraces(tx *sql.Tx, b *batch) error {
	for _, r := range b.traces {
		outline, err := encodeTrace(r.outline)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT OR REPLACE INTO traces (id, size, outline, data) VALUES (?, ?, ?, ?)",
			r.outline.ID, len(r.data), outline, r.data); err != nil {
			return err
		}
	}
	for _, id := range b.goneTraces {
		if _, err := tx.Exec("DELETE FROM traces WHERE id = ?", id); err != nil {
			return err
		}
	}
	return nil
}

func writeBuild(tx *sql.Tx, b inspect.Build) error {
	data, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("INSERT OR REPLACE INTO builds (number, data) VALUES (?, ?)", b.Number, data); err != nil {
		return err
	}
	_, err = tx.Exec("DELETE FROM builds WHERE number <= ?", b.Number-maxBuilds)
	return err
}

// remove deletes the exchanges in ranges.
func (f *file) remove(ctx context.Context, ranges []seqRange) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, r := range ranges {
		for _, table := range []string{"exchanges", "details"} {
			if _, err := tx.Exec("DELETE FROM "+table+" WHERE seq BETWEEN ? AND ?", r.first, r.last); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

// clear deletes what c names and gives its space back.
func (f *file) clear(ctx context.Context, c clearing) error {
	if err := f.remove(ctx, []seqRange{{0, c.upTo}}); err != nil {
		return err
	}
	if _, err := f.db.ExecContext(ctx, "DELETE FROM traces WHERE id <= ?", c.upToTrace); err != nil {
		return err
	}
	_, free, _, err := f.pages(ctx)
	if err != nil {
		return err
	}
	if err := f.shrink(ctx, free); err != nil {
		return err
	}
	_, err = f.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// pages returns the pages in use and those that are free, and the size of one.
func (f *file) pages(ctx context.Context) (used, free, size int64, err error) {
	err = f.db.QueryRowContext(ctx, `SELECT page_count, freelist_count, page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&used, &free, &size)
	return used - free, free, size, err
}

// shrink gives n free pages back to the file system; they leave the file itself at
// the next checkpoint.
func (f *file) shrink(ctx context.Context, n int64) error {
	rows, err := f.db.QueryContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", n))
	if err != nil {
		return err
	}
	for rows.Next() { // each step frees pages
	}
	return errors.Join(rows.Err(), rows.Close())
}
