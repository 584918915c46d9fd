package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

// openExisting opens and loads the file to be read: it changes nothing of it.
func (s *Store) openExisting() error {
	lock, err := os.OpenFile(s.opt.Path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, os.ErrPermission) {
		lock, err = os.Open(s.opt.Path + ".lock")
	}
	if err != nil {
		return fmt.Errorf("read history %s: %w", s.opt.Path, err)
	}
	f := &file{path: s.opt.Path, lock: lock}
	if err = lockFile(lock); err != nil {
		err = fmt.Errorf("it is in use by another pastedev: %w", err)
	} else if err = f.openRead(); err == nil {
		err = s.load(f)
	}
	if err != nil {
		f.close()
		return fmt.Errorf("read history %s: %w", s.opt.Path, err)
	}
	s.file = f
	return nil
}

// openRead is open for a file that is there and is only read. It takes no room on the disk:
// the lock beside the file keeps others away, so that SQLite may take it for one that never
// changes. Where a run that was killed has left a write-ahead log, that is read through an
// index in memory, and put into the file when it is closed.
func (f *file) openRead() error {
	if _, err := os.Stat(f.path); err != nil {
		return err
	}
	query := url.Values{"mode": {"ro"}, "immutable": {"1"}}
	if log, err := os.Stat(f.path + "-wal"); err == nil && log.Size() > 0 {
		query = url.Values{"mode": {"rw"}, "_pragma": {"locking_mode(exclusive)", "query_only(true)"}}
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(f.path), RawQuery: query.Encode()}
	var err error
	if f.db, err = sql.Open("sqlite", dsn.String()); err != nil {
		return err
	}
	f.db.SetMaxOpenConns(1) // to which that index belongs
	var app, version int
	var traces bool
	if err := f.db.QueryRow(`SELECT a.application_id, v.user_version, EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'traces')
		FROM pragma_application_id a, pragma_user_version v`).Scan(&app, &version, &traces); err != nil {
		return err
	}
	if err := known(app, version); err != nil {
		return err
	}
	f.noTraces = !traces
	f.get, err = f.db.Prepare(getDetails)
	return err
}

// known says what is wrong with a file of this application and version, nil when nothing is.
func known(app, version int) error {
	switch {
	case app != applicationID:
		return fmt.Errorf("%w: it is another program's database", errUnusable)
	case version != schemaVersion:
		return fmt.Errorf("%w: its schema is version %d, not %d", errUnusable, version, schemaVersion)
	}
	return nil
}
