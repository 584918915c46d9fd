package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// KeyMap holds every key of the UI. The same bindings drive the pages, the hints at
// the bottom and the help page.
type KeyMap struct {
	Requests, Output, Builds, Errors key.Binding

	Up, Down, HalfUp, HalfDown, PageUp, PageDown, Top, Bottom key.Binding
	Open, Back, Quit, Kill, Help                              key.Binding

	Filter, Follow, Wrap           key.Binding
	Subs, AllSubs                  key.Binding
	NextTab, PrevTab, Newer, Older key.Binding
	NextHit, PrevHit, Reveal       key.Binding
	Copy, Replay, Browse, Inspect  key.Binding
	Restart, Clear, Mouse          key.Binding
	RestartAll                     key.Binding
	Confirm                        key.Binding
	CopyURL, CopyCurl, CopyRequest key.Binding
	CopyResponse, CopyID, CopyLink key.Binding

	Unfold, Fold, Frames, Edit, Evaluate, ToRequest key.Binding
	CopyText, CopyMarkdown, CopyCode                key.Binding

	View, Sort, Profile, CallTree, Mark, Compare, Stacks, End        key.Binding
	ProfileCPU, ProfileWall, ProfileHeap, ProfileMutex, ProfileBlock key.Binding
	ProfileTrace                                                     key.Binding
}

// DefaultKeys are the keys of the UI.
func DefaultKeys() KeyMap {
	b := func(help, desc string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, desc))
	}
	return KeyMap{
		Requests: b("1", "requests", "1"),
		Output:   b("2", "output", "2"),
		Builds:   b("3", "builds", "3"),
		Errors:   b("4", "errors", "4"),

		Up:       b("k ↑", "up", "k", "up"),
		Down:     b("j ↓", "down", "j", "down"),
		HalfUp:   b("^u", "up; half a page up", "ctrl+u"),
		HalfDown: b("^d", "down; half a page down", "ctrl+d"),
		PageUp:   b("pgup ^b b", "page up", "pgup", "ctrl+b", "b"),
		PageDown: b("pgdn space", "page down", "pgdown", "ctrl+f", "space"),
		Top:      b("g home", "first; to the first", "g", "home"),
		Bottom:   b("G end", "follow; to the last, and follow", "G", "end"),
		Open:     b("enter", "open", "enter"),
		Back:     b("esc", "back", "esc"),
		Quit:     b("q", "quit; back; at the top: quit", "q"),
		Kill:     b("^c", "quit", "ctrl+c"),
		Help:     b("?", "help", "?"),

		Filter:  b("/", "filter; filter the list, search in a text", "/"),
		Follow:  b("F", "pause; follow the newest, or pause", "F"),
		Wrap:    b("w", "wrap; fold or cut long lines", "w"),
		Subs:    b("z", "sub-requests; unfold or fold its sub-requests", "z"),
		AllSubs: b("Z", "all sub-requests; unfold or fold all sub-requests", "Z"),
		NextTab: b("tab l →", "view; next view of the request", "tab", "l", "right"),
		PrevTab: b("⇧tab h ←", "view; previous view", "shift+tab", "h", "left"),
		Newer:   b("]", "newer; the request after this one", "]"),
		Older:   b("[", "older; the request before this one", "["),
		NextHit: b("n", "next hit", "n"),
		PrevHit: b("N", "previous hit", "N"),
		Reveal:  b("x", "secrets; show or mask secrets", "x"),
		Copy:    b("y", "copy; copy: URL, curl, bodies, ID", "y"),
		Replay:  b("r", "replay", "r"),
		Browse:  b("o", "browse; open the URL in a browser", "o"),
		Inspect: b("O", "inspector; open the inspector page", "O"),
		Restart: b("R", "restart; start the app again", "R"),
		Clear:   b("C", "clear; forget the history", "C"),
		Mouse:   b("%", "mouse; mouse on or off", "%"),

		RestartAll:   b("R", "all programs", "R", "a"),
		Confirm:      b("y", "yes", "y", "Y", "enter"),
		CopyURL:      b("u", "URL", "u", "y"),
		CopyCurl:     b("c", "curl command", "c"),
		CopyRequest:  b("q", "request body", "q"),
		CopyResponse: b("s", "response body", "s"),
		CopyID:       b("i", "exchange ID", "i"),
		CopyLink:     b("l", "link of the inspector page", "l"),
		Unfold:       b("→ l enter", "unfold; unfold a frame or a value", "right", "l", "enter"),
		Fold:         b("← h", "fold; fold, or go to what holds it", "left", "h"),
		Frames:       b("a", "all frames; fold or unfold all frames", "a"),
		Edit:         b("e", "edit; open the line in the editor", "e"),
		Evaluate:     b("= :", "eval; evaluate in this frame", "=", ":"),
		ToRequest:    b("t", "request; the request of the error", "t"),

		CopyText:     b("t", "error as text", "t", "y"),
		CopyMarkdown: b("m", "error as Markdown", "m"),
		CopyCode:     b("c", "code of the error", "c"),

		View:     b("v", "view; the next view: tree, top, flame, recorded", "v"),
		Sort:     b("s", "sort; sort the table by self, total, calls, blocked", "s"),
		Profile:  b("P", "profile; record a profile of the request", "P"),
		CallTree: b("T", "call tree; record the calls of requests, or do not", "T"),
		Mark:     b("m", "mark; mark the request for a comparison", "m"),
		Compare:  b("c", "compare; compare with the marked one, or the build before", "c"),
		Stacks:   b("D", "goroutines; stacks of a request under way", "D"),
		End:      b("X", "end; end a request under way", "X"),

		ProfileCPU:   b("c", "cpu    where it computes", "c", "P"),
		ProfileWall:  b("w", "wall   where time passes", "w"),
		ProfileHeap:  b("h", "heap   what it allocates", "h"),
		ProfileMutex: b("m", "mutex  who holds contended locks", "m"),
		ProfileBlock: b("b", "block  where it waits", "b"),
		ProfileTrace: b("t", "trace  for go tool trace", "t"),
	}
}

// group is a block of the help page.
type group struct {
	title string
	keys  []key.Binding
}

// groups lists every binding once, in the order of the help page.
func (k KeyMap) groups() []group {
	return []group{
		{"Pages", []key.Binding{k.Requests, k.Output, k.Builds, k.Errors, k.Help, k.Back, k.Quit, k.Kill}},
		{"Move", []key.Binding{k.Up, k.Down, k.HalfUp, k.HalfDown, k.PageUp, k.PageDown, k.Top, k.Bottom}},
		{"List", []key.Binding{k.Open, k.Filter, k.Follow, k.Wrap, k.Subs, k.AllSubs}},
		{"Request", []key.Binding{k.NextTab, k.PrevTab, k.Newer, k.Older, k.NextHit, k.PrevHit, k.Reveal, k.Replay, k.Browse, k.Inspect, k.Copy}},
		{"Time", []key.Binding{k.View, k.Sort, k.Profile, k.Mark, k.Compare, k.Stacks, k.End, k.CallTree}},
		{"App", []key.Binding{k.Restart, k.Clear, k.Mouse}},
		{"Error", []key.Binding{k.Unfold, k.Fold, k.Frames, k.Evaluate, k.Edit, k.ToRequest}},
		{"Copy menu", []key.Binding{k.CopyURL, k.CopyCurl, k.CopyRequest, k.CopyResponse, k.CopyID, k.CopyLink}},
		{"Copy menu of an error", []key.Binding{k.CopyText, k.CopyMarkdown, k.CopyCode}},
		{"What to profile", []key.Binding{k.ProfileCPU, k.ProfileWall, k.ProfileHeap, k.ProfileMutex, k.ProfileBlock, k.ProfileTrace}},
		{"Questions", []key.Binding{k.Confirm, k.RestartAll}},
	}
}

// listStep is how far a key moves the selection of a list, newest first, that shows
// rows of its total; false when it does not.
func listStep(keys KeyMap, k tea.KeyPressMsg, rows, total int) (by int, moves bool) {
	half := max(rows/2, 1)
	switch {
	case key.Matches(k, keys.Up):
		return -1, true
	case key.Matches(k, keys.Down):
		return 1, true
	case key.Matches(k, keys.HalfUp), key.Matches(k, keys.PageUp):
		return -half, true
	case key.Matches(k, keys.HalfDown), key.Matches(k, keys.PageDown):
		return half, true
	case key.Matches(k, keys.Top), key.Matches(k, keys.Follow):
		return -total, true
	case key.Matches(k, keys.Bottom):
		return total, true
	}
	return 0, false
}
