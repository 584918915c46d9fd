package overlay

// sqlHook wraps the exported methods of database/sql in which all others come
// together, so that a call of the program's is one span, whatever it leads to.
func sqlHook() Hook {
	const (
		query    = "func(ctx context.Context, query string, args ...any) (*Rows, error)"
		exec     = "func(ctx context.Context, query string, args ...any) (Result, error)"
		prepare  = "func(ctx context.Context, query string) (*Stmt, error)"
		begin    = "func(ctx context.Context, opts *TxOptions) (*Tx, error)"
		finish   = "func() error"
		runQuery = "func(ctx context.Context, args ...any) (*Rows, error)"
		runExec  = "func(ctx context.Context, args ...any) (Result, error)"
	)
	h := Hook{
		Name:    "sql",
		Feature: "SQL statements of a request",
		Package: "database/sql",
		Needs:   attribution,
		Files:   []string{"database/sql/pastedev_sql.go"},
		Edits: []Edit{
			{Anchor: "type Rows", Want: "struct", Change: addField("pastedev pastedevRows")},
			{Anchor: "type Tx", Want: "struct", Change: addField("pastedev int64")},
			{Anchor: "(*Rows).nextLocked", Want: "func() (doClose, ok bool)", Change: around("return false, true", "rs.pastedev.read++; ", "")},
			{Anchor: "(*Rows).close", Want: "func(err error) error", Change: around("rs.closed = true", "", "; rs.pastedev.span.Rows(rs.pastedev.read)")},
		},
	}
	for _, m := range []struct{ recv, name, want string }{
		{"DB", "QueryContext", query}, {"DB", "ExecContext", exec}, {"DB", "PrepareContext", prepare}, {"DB", "BeginTx", begin},
		{"Conn", "QueryContext", query}, {"Conn", "ExecContext", exec}, {"Conn", "PrepareContext", prepare}, {"Conn", "BeginTx", begin},
		{"Tx", "QueryContext", query}, {"Tx", "ExecContext", exec}, {"Tx", "PrepareContext", prepare},
		{"Tx", "Commit", finish}, {"Tx", "Rollback", finish},
		{"Stmt", "QueryContext", runQuery}, {"Stmt", "ExecContext", runExec},
	} {
		h.Edits = append(h.Edits, Edit{Anchor: "(*" + m.recv + ")." + m.name, Want: m.want, Change: rename("pastedev" + m.name)})
	}
	return h
}
