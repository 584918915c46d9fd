package sql

import (
	"context"
	agent "internal/syscall" // pastedev puts it there
)

// This file joins package sql in a build made by pastedev. The methods below stand
// in for those of the same name, which got "pastedev" before theirs; QueryRow, Query
// and the like come together in them.

// pastedevRows is what Rows knows of its query.
type pastedevRows struct {
	span *agent.Span
	read int64 // guarded by Rows.closemu
}

// pastedevArg writes an argument.
func pastedevArg(v any) string {
	if named, ok := v.(NamedArg); ok {
		return named.Name + "=" + agent.Go(named.Value)
	}
	return agent.Go(v)
}

func pastedevQueried(s *agent.Span, query string, args []any, tx int64, rows *Rows, err error) {
	if s == nil {
		return
	}
	read := int64(0)
	if err == nil {
		read = -1
	}
	s.EndSQL("query", query, s.Args(args, pastedevArg), read, tx, err)
	if err != nil {
		return
	}
	rows.closemu.Lock()
	defer rows.closemu.Unlock()
	rows.pastedev.span = s
	if rows.closed { // by its context
		s.Rows(rows.pastedev.read)
	}
}

func pastedevExecuted(s *agent.Span, query string, args []any, tx int64, res Result, err error) {
	if s != nil {
		s.EndSQL("exec", query, s.Args(args, pastedevArg), pastedevAffected(res, err), tx, err)
	}
}

// pastedevAffected asks the driver unless the connection is busy again.
func pastedevAffected(res Result, err error) int64 {
	r, ok := res.(driverResult)
	if err != nil || !ok {
		return -1
	}
	lock, ok := r.Locker.(interface{ TryLock() bool })
	if !ok || !lock.TryLock() {
		return -1
	}
	defer r.Locker.Unlock()
	n, err := r.resi.RowsAffected()
	if err != nil {
		return -1
	}
	return n
}

func pastedevEnd(s *agent.Span, op, query string, tx int64, err error) {
	s.EndSQL(op, query, nil, -1, tx, err)
}

// pastedevTx is the number of the transaction that a statement belongs to.
func (s *Stmt) pastedevTx() int64 {
	if tx, ok := s.cg.(*Tx); ok {
		return tx.pastedev
	}
	return 0
}

func pastedevBegun(s *agent.Span, tx *Tx, err error) {
	number := int64(0)
	if err == nil && agent.Active() {
		number = agent.NextTx()
		tx.pastedev = number
	}
	pastedevEnd(s, "begin", "", number, err)
}

func (db *DB) QueryContext(ctx context.Context, query string, args ...any) (*Rows, error) {
	s := agent.StartSQL("query", query)
	rows, err := db.pastedevQueryContext(ctx, query, args...)
	pastedevQueried(s, query, args, 0, rows, err)
	return rows, err
}

func (db *DB) ExecContext(ctx context.Context, query string, args ...any) (Result, error) {
	s := agent.StartSQL("exec", query)
	res, err := db.pastedevExecContext(ctx, query, args...)
	pastedevExecuted(s, query, args, 0, res, err)
	return res, err
}

func (db *DB) PrepareContext(ctx context.Context, query string) (*Stmt, error) {
	s := agent.StartSQL("prepare", query)
	stmt, err := db.pastedevPrepareContext(ctx, query)
	pastedevEnd(s, "prepare", query, 0, err)
	return stmt, err
}

func (db *DB) BeginTx(ctx context.Context, opts *TxOptions) (*Tx, error) {
	s := agent.StartSQL("begin", "")
	tx, err := db.pastedevBeginTx(ctx, opts)
	pastedevBegun(s, tx, err)
	return tx, err
}

func (c *Conn) QueryContext(ctx context.Context, query string, args ...any) (*Rows, error) {
	s := agent.StartSQL("query", query)
	rows, err := c.pastedevQueryContext(ctx, query, args...)
	pastedevQueried(s, query, args, 0, rows, err)
	return rows, err
}

func (c *Conn) ExecContext(ctx context.Context, query string, args ...any) (Result, error) {
	s := agent.StartSQL("exec", query)
	res, err := c.pastedevExecContext(ctx, query, args...)
	pastedevExecuted(s, query, args, 0, res, err)
	return res, err
}

func (c *Conn) PrepareContext(ctx context.Context, query string) (*Stmt, error) {
	s := agent.StartSQL("prepare", query)
	stmt, err := c.pastedevPrepareContext(ctx, query)
	pastedevEnd(s, "prepare", query, 0, err)
	return stmt, err
}

func (c *Conn) BeginTx(ctx context.Context, opts *TxOptions) (*Tx, error) {
	s := agent.StartSQL("begin", "")
	tx, err := c.pastedevBeginTx(ctx, opts)
	pastedevBegun(s, tx, err)
	return tx, err
}

func (tx *Tx) QueryContext(ctx context.Context, query string, args ...any) (*Rows, error) {
	s := agent.StartSQL("query", query)
	rows, err := tx.pastedevQueryContext(ctx, query, args...)
	pastedevQueried(s, query, args, tx.pastedev, rows, err)
	return rows, err
}

func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (Result, error) {
	s := agent.StartSQL("exec", query)
	res, err := tx.pastedevExecContext(ctx, query, args...)
	pastedevExecuted(s, query, args, tx.pastedev, res, err)
	return res, err
}

func (tx *Tx) PrepareContext(ctx context.Context, query string) (*Stmt, error) {
	s := agent.StartSQL("prepare", query)
	stmt, err := tx.pastedevPrepareContext(ctx, query)
	pastedevEnd(s, "prepare", query, tx.pastedev, err)
	return stmt, err
}

func (tx *Tx) Commit() error {
	s := agent.StartSQL("commit", "")
	err := tx.pastedevCommit()
	pastedevEnd(s, "commit", "", tx.pastedev, err)
	return err
}

func (tx *Tx) Rollback() error {
	if tx.done.Load() { // the usual deferred one, after a Commit
		return tx.pastedevRollback()
	}
	s := agent.StartSQL("rollback", "")
	err := tx.pastedevRollback()
	pastedevEnd(s, "rollback", "", tx.pastedev, err)
	return err
}

func (s *Stmt) QueryContext(ctx context.Context, args ...any) (*Rows, error) {
	span := agent.StartSQL("query", s.query)
	rows, err := s.pastedevQueryContext(ctx, args...)
	pastedevQueried(span, s.query, args, s.pastedevTx(), rows, err)
	return rows, err
}

func (s *Stmt) ExecContext(ctx context.Context, args ...any) (Result, error) {
	span := agent.StartSQL("exec", s.query)
	res, err := s.pastedevExecContext(ctx, args...)
	pastedevExecuted(span, s.query, args, s.pastedevTx(), res, err)
	return res, err
}
