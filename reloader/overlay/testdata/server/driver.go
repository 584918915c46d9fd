package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
)

// The driver "fake" gives two rows of one column for every query.

func init() { sql.Register("fake", fake{}) }

type (
	fake     struct{}
	fakeStmt struct{ query string }
	fakeRows struct{ left int }
)

func (fake) Open(string) (driver.Conn, error)              { return fake{}, nil }
func (fake) Prepare(query string) (driver.Stmt, error)     { return fakeStmt{query}, nil }
func (fake) Close() error                                  { return nil }
func (fake) Begin() (driver.Tx, error)                     { return fake{}, nil }
func (fake) Commit() error                                 { return nil }
func (fake) Rollback() error                               { return nil }
func (fake) CheckNamedValue(*driver.NamedValue) error      { return nil }
func (fakeStmt) Close() error                              { return nil }
func (fakeStmt) NumInput() int                             { return -1 }
func (fakeStmt) Query([]driver.Value) (driver.Rows, error) { return &fakeRows{2}, nil }
func (*fakeRows) Columns() []string                        { return []string{"c"} }
func (*fakeRows) Close() error                             { return nil }

func (fakeStmt) QueryContext(context.Context, []driver.NamedValue) (driver.Rows, error) {
	return &fakeRows{2}, nil
}

func (s fakeStmt) Exec([]driver.Value) (driver.Result, error) {
	if s.query == "fail" {
		return nil, errors.New("it failed")
	}
	return driver.RowsAffected(3), nil
}

func (r *fakeRows) Next(dest []driver.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	dest[0] = int64(r.left)
	return nil
}
