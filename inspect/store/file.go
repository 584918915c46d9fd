package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pastedev/pastedev/inspect"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

const (
	// applicationID marks the file as ours ("PDhi"); see PRAGMA application_id.
	applicationID = 0x50446869
	// schemaVersion is PRAGMA user_version. A file with a greater one was written by
	// a newer pastedev.
	schemaVersion = 1
	// readers bounds the connections to the file, and with them the page caches
	// (2 MiB each) that a burst of lookups opens.
	readers = 4
)

// sqliteMagic begins every database. SQLite itself takes a file of a few other bytes
// for an empty one, and would write over them.
const sqliteMagic = "SQLite format 3\x00"

// schema keeps summaries and details apart: reloading the index then reads a tenth of
// the file.
const schema = `
CREATE TABLE exchanges (seq INTEGER PRIMARY KEY, size INTEGER NOT NULL, summary BLOB NOT NULL);
CREATE TABLE details (seq INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE builds (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);`

// traceSchema came later than the rest, within the same schema version: a file without
// it gets it when it is opened, and an older pastedev does not look at it. The outline
// stands before the data, so that a list does not read the data's pages.
const traceSchema = `
CREATE TABLE IF NOT EXISTS traces (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, outline BLOB NOT NULL, data BLOB NOT NULL);`

const getDetails = "SELECT data FROM details WHERE seq = ?"

// errUnusable marks a history file that cannot be read: damaged, not ours, or newer
// than this program.
var errUnusable = errors.New("not a history that this version can read")

// file is an open history file. Its write side belongs to one goroutine.
type file struct {
	path string
	lock *os.File
	db   *sql.DB
	get  *sql.Stmt // details by seq

	insSummary, insDetails, counter *sql.Stmt

	noTraces bool // of before there were any, and only read
}

// openFile opens or creates the history at path, alone: a second process gets an
// error. On errUnusable nothing is left open but the lock file of f.
func openFile(path string) (*file, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(lock); err != nil {
		lock.Close()
		return nil, fmt.Errorf("history %s is in use by another pastedev: %w", path, err)
	}
	f := &file{path: path, lock: lock}
	if err := f.open(); err != nil {
		if !errors.Is(err, errUnusable) {
			lock.Close()
			return nil, err
		}
		return f, err
	}
	return f, nil
}

// open connects and checks or creates the schema. SQLite gives its side files the
// mode of the main one, which therefore must exist before with the right mode.
func (f *file) open() (err error) {
	h, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	magic := make([]byte, len(sqliteMagic))
	n, err := h.ReadAt(magic, 0)
	if n > 0 && string(magic[:n]) != sqliteMagic {
		return errors.Join(fmt.Errorf("%w: it is not a SQLite database", errUnusable), h.Close())
	} else if n == 0 && !errors.Is(err, io.EOF) {
		return errors.Join(err, h.Close())
	}
	if err := errors.Join(h.Chmod(0o600), h.Close()); err != nil {
		return err
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(f.path), RawQuery: url.Values{
		"_pragma": {"busy_timeout(5000)", "auto_vacuum(incremental)", "journal_mode(wal)",
			"synchronous(normal)", "journal_size_limit(16777216)"},
		"_txlock": {"immediate"},
	}.Encode()}
	if f.db, err = sql.Open("sqlite", dsn.String()); err != nil {
		return err
	}
	f.db.SetMaxOpenConns(readers)
	if err := f.prepare(); err != nil {
		f.db.Close()
		if damaged(err) {
			return fmt.Errorf("%w: %w", errUnusable, err)
		}
		return err
	}
	return nil
}

func (f *file) prepare() error {
	var app, version, tables int
	err := f.db.QueryRow(`SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_application_id a, pragma_user_version v`).Scan(&app, &version, &tables)
	switch {
	case err != nil:
		return err
	case app == 0 && version == 0 && tables == 0:
		if err := f.create(); err != nil {
			return err
		}
	default:
		if err := known(app, version); err != nil {
			return err
		}
	}
	if _, err := f.db.Exec(traceSchema); err != nil {
		return err
	}
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&f.get, getDetails},
		{&f.insSummary, "INSERT OR REPLACE INTO exchanges (seq, size, summary) VALUES (?, ?, ?)"},
		{&f.insDetails, "INSERT OR REPLACE INTO details (seq, data) VALUES (?, ?)"},
		{&f.counter, "INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)"},
	} {
		if *s.stmt, err = f.db.Prepare(s.text); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) create() error {
	tx, err := f.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.Exec(schema + fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d;",
		applicationID, schemaVersion)); err != nil {
		return err
	}
	return tx.Commit()
}

// close closes the database and gives back the lock.
func (f *file) close() error {
	var err error
	if f.db != nil {
		err = f.db.Close()
	}
	return errors.Join(err, f.lock.Close())
}

// setAside renames an unusable history and returns its new name. The database must be
// closed.
func (f *file) setAside(now time.Time) (string, error) {
	bad := f.path + ".bad-" + now.UTC().Format("20060102T150405.000")
	err := os.Rename(f.path, bad)
	for _, side := range []string{"-wal", "-shm"} {
		if e := os.Rename(f.path+side, bad+side); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return bad, err
}

// bytes is the size of the file and its write-ahead log.
func (f *file) bytes() (n int64) {
	for _, p := range []string{f.path, f.path + "-wal"} {
		if fi, err := os.Stat(p); err == nil {
			n += fi.Size()
		}
	}
	return n
}

// load calls add for every stored exchange in the order of their Seq, and returns the
// stored builds, oldest first, and the counters.
func (f *file) load(add func(seq, size int64, summary []byte) error) (builds []inspect.Build, counters map[string]int64, err error) {
	rows, err := f.db.Query("SELECT seq, size, summary FROM exchanges ORDER BY seq")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var seq, size int64
	var raw sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&seq, &size, &raw); err != nil {
			return nil, nil, err
		}
		if err := add(seq, size, raw); err != nil {
			return nil, nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	if builds, err = f.loadBuilds(); err != nil {
		return nil, nil, err
	}
	counters, err = f.loadCounters()
	return builds, counters, err
}

func (f *file) loadBuilds() (builds []inspect.Build, err error) {
	rows, err := f.db.Query("SELECT data FROM builds ORDER BY number")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var data []byte
		var b inspect.Build
		if err := rows.Scan(&data); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &b); err != nil {
			return nil, fmt.Errorf("%w: build: %w", errBadRecord, err)
		}
		builds = append(builds, b)
	}
	return builds, rows.Err()
}

func (f *file) loadCounters() (map[string]int64, error) {
	rows, err := f.db.Query("SELECT name, value FROM counters")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counters := map[string]int64{}
	for rows.Next() {
		var name string
		var value int64
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		counters[name] = value
	}
	return counters, rows.Err()
}

// details returns the stored details of one exchange, or inspect.ErrNotFound.
func (f *file) details(ctx context.Context, seq int64) ([]byte, error) {
	var data []byte
	err := f.get.QueryRowContext(ctx, seq).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, inspect.ErrNotFound
	}
	return data, err
}

// loadTraces calls add for every stored trace in the order of their IDs.
func (f *file) loadTraces(add func(id, size int64, outline []byte)) error {
	if f.noTraces {
		return nil
	}
	rows, err := f.db.Query("SELECT id, size, outline FROM traces ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	var id, size int64
	var raw sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&id, &size, &raw); err != nil {
			return err
		}
		add(id, size, raw)
	}
	return rows.Err()
}

// trace returns the stored form of one trace, or inspect.ErrNotFound.
func (f *file) trace(ctx context.Context, id int64) ([]byte, error) {
	var data []byte
	err := f.db.QueryRowContext(ctx, "SELECT data FROM traces WHERE id = ?", id).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, inspect.ErrNotFound
	}
	return data, err
}

// damaged reports whether err says that the file's content is broken, as opposed to
// the disk being full or the folder not writable.
func damaged(err error) bool {
	if errors.Is(err, errBadRecord) || errors.Is(err, errUnusable) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	const primary, corrupt, notADB, generic, constraint = 0xff, 11, 26, 1, 19
	var coded interface{ Code() int }
	if !errors.As(err, &coded) {
		return false
	}
	switch coded.Code() & primary {
	case corrupt, notADB, generic, constraint: // generic: a table or column is missing
		return true
	}
	return false
}
