package main

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"time"
)

// garden is a database of one table in memory, so that this shop needs no other one. It
// understands the shop's three queries.
type garden struct{}

func init() { sql.Register("garden", garden{}) }

var catalogue = []tool{
	{1, "Spade", 3490, 7}, {2, "Fork", 2990, 3}, {3, "Rake", 1850, 12}, {4, "Hoe", 1690, 0}, {5, "Trowel", 790, 40},
	{6, "Secateurs", 2450, 9}, {7, "Watering can", 1990, 5}, {8, "Wheelbarrow", 7900, 2}, {9, "Dibber", 650, 21}, {10, "Twine", 290, 88},
}

func (garden) Open(string) (driver.Conn, error) { return conn{}, nil }

type conn struct{}

func (conn) Prepare(query string) (driver.Stmt, error) { return stmt{query}, nil }
func (conn) Close() error                              { return nil }
func (conn) Begin() (driver.Tx, error)                 { return nil, errors.New("no transactions in this garden") }

type stmt struct{ query string }

func (stmt) Close() error    { return nil }
func (s stmt) NumInput() int { return strings.Count(s.query, "?") }
func (stmt) Exec([]driver.Value) (driver.Result, error) {
	return nil, errors.New("nothing is written in this garden")
}

func (s stmt) Query(args []driver.Value) (driver.Rows, error) {
	time.Sleep(time.Millisecond) // as over a network
	r := &rows{}
	for _, t := range catalogue {
		switch {
		case strings.HasPrefix(s.query, "SELECT id, name, price"):
			r.names = []string{"id", "name", "price"}
			r.data = append(r.data, []driver.Value{int64(t.ID), t.Name, int64(t.Price)})
		case strings.HasPrefix(s.query, "SELECT stock") && args[0] == int64(t.ID):
			r.names = []string{"stock"}
			r.data = append(r.data, []driver.Value{int64(t.Stock)})
		case strings.HasPrefix(s.query, "SELECT name, price") && args[0] == int64(t.ID):
			r.names = []string{"name", "price"}
			r.data = append(r.data, []driver.Value{t.Name, int64(t.Price)})
		}
	}
	return r, nil
}

type rows struct {
	names []string
	data  [][]driver.Value
}

func (r *rows) Columns() []string { return r.names }
func (r *rows) Close() error      { return nil }

func (r *rows) Next(to []driver.Value) error {
	if len(r.data) == 0 {
		return io.EOF
	}
	copy(to, r.data[0])
	r.data = r.data[1:]
	return nil
}
