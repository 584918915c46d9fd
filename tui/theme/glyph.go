package theme

// Glyphs are the signs that go with colours. Each is one cell wide.
type Glyphs struct {
	OK, Redirect, Warn, Fail, Pending, Plain string // states of an exchange or a build
	Cursor, Bar, Rule, VRule                 string
	Replay, Up, Down, Left, Right, Dot       string
	Block, HalfBlock                         string // bars of the timing page
	Ellipsis                                 string
	Arrow                                    string // from → to
	Caret                                    string // points at a column
	Open, Shut                               string // a fold
	TxOpen, TxEnd                            string // where a transaction begins and ends
	Sub                                      string // before a sub-request
}

func unicodeGlyphs() Glyphs {
	return Glyphs{
		OK: "●", Redirect: "◌", Warn: "▲", Fail: "✗", Pending: "○", Plain: "·",
		Cursor: "▌", Bar: "▌", Rule: "─", VRule: "│",
		Replay: "↻", Up: "↑", Down: "↓", Left: "←", Right: "→", Dot: "·",
		Block: "█", HalfBlock: "▌", Ellipsis: "…", Arrow: "→", Caret: "▲",
		Open: "▾", Shut: "▸", TxOpen: "╭", TxEnd: "╰", Sub: "↳",
	}
}

func asciiGlyphs() Glyphs {
	return Glyphs{
		OK: "+", Redirect: ">", Warn: "!", Fail: "x", Pending: "o", Plain: ".",
		Cursor: ">", Bar: "|", Rule: "-", VRule: "|",
		Replay: "r", Up: "^", Down: "v", Left: "<", Right: ">", Dot: "-",
		Block: "#", HalfBlock: "#", Ellipsis: "~", Arrow: ">", Caret: "^",
		Open: "-", Shut: "+", TxOpen: "/", TxEnd: "\\", Sub: "`",
	}
}
