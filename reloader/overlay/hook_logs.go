package overlay

// logsHooks put the record of a log call on the goroutine for the time in which it
// is handled. No call gets another frame: handlers look for their callers.
func logsHooks() []Hook {
	const feature = "log records of a request"
	handle := around("_ = l.Handler().Handle(ctx, r)", "defer pastedevLog(l, &r).End(); ", "")
	return []Hook{
		{
			Name: "logs", Feature: feature + " (log)", Package: "log", Needs: attribution,
			Edits: []Edit{{
				Anchor: "(*Logger).output",
				Want:   "func(pc uintptr, calldepth int, appendOutput func([]byte) []byte) error",
				Change: around("_, err := l.out.Write(*buf)", "defer pastedevLog(*buf).End(); ", ""),
			}},
			Files: []string{"log/pastedev_log.go"},
		},
		{
			Name: "logs", Feature: feature + " (log/slog)", Package: "log/slog", Needs: attribution,
			Edits: []Edit{
				{Anchor: "type Logger", Want: "struct", Change: addField("pastedev *pastedevScope")},
				{Anchor: "(*Logger).With", Want: "func(args ...any) *Logger", Change: around("return c", "c.pastedevWith(args); ", "")},
				{Anchor: "(*Logger).WithGroup", Want: "func(name string) *Logger", Change: around("return c", "c.pastedevWithGroup(name); ", "")},
				{Anchor: "(*Logger).log", Want: "func(ctx context.Context, level Level, msg string, args ...any)", Change: handle},
				{Anchor: "(*Logger).logAttrs", Want: "func(ctx context.Context, level Level, msg string, attrs ...Attr)", Change: handle},
			},
			Files: []string{"log/slog/pastedev_slog.go"},
		},
	}
}
