package traceback

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// HideMode says which frames a rule takes from view. "Before" and "after" are in the
// order of the calls: the outermost frame is first. Paste's names and meanings.
type HideMode string

// The modes.
const (
	HideThis          HideMode = ""                // the frame itself
	HideBefore        HideMode = "before"          // all frames outside of it
	HideBeforeAndThis HideMode = "before_and_this" // and it
	HideAfter         HideMode = "after"           // all frames inside of it, until a reset
	HideAfterAndThis  HideMode = "after_and_this"  // and it
	HideReset         HideMode = "reset"           // shows frames again, it too
	HideResetAndThis  HideMode = "reset_and_this"  // shows frames again, but not it
)

// Hider is a rule about frames: where a function matches Pattern, Mode applies.
type Hider struct {
	// Pattern is a function ("example.com/shop.(*Cart).Add"), a package
	// ("example.com/shop"), or a beginning of either with "..." after it ("net/http...").
	Pattern string
	Mode    HideMode
}

// Hide makes a rule. Rules are given to Catcher.Hide or Apply.
func Hide(pattern string, mode HideMode) Hider { return Hider{pattern, mode} }

func (h Hider) matches(f inspect.Frame) bool {
	if prefix, ok := strings.CutSuffix(h.Pattern, "..."); ok {
		return strings.HasPrefix(f.Function, prefix)
	}
	return h.Pattern == f.Function || h.Pattern == f.Package
}

// Apply sets Hidden on the frames that the rules take from view. The first rule that matches a
// frame counts. Rules that would hide the frame that failed, the innermost, are ignored, all
// of them: the error happened where something was hidden, so everything must be seen.
func Apply(t *inspect.Trace, rules []Hider) {
	if len(t.Frames) == 0 || len(rules) == 0 {
		return
	}
	hidden := make([]bool, len(t.Frames))
	after := false
	for i := len(t.Frames) - 1; i >= 0; i-- {
		r := slices.IndexFunc(rules, func(h Hider) bool { return h.matches(t.Frames[i]) })
		if r < 0 {
			hidden[i] = after
			continue
		}
		mode := rules[r].Mode
		hidden[i] = mode == HideThis || mode == HideBeforeAndThis || mode == HideAfterAndThis || mode == HideResetAndThis
		switch mode {
		case HideBefore, HideBeforeAndThis:
			for j := i + 1; j < len(hidden); j++ {
				hidden[j] = true
			}
			after = false
		case HideAfter, HideAfterAndThis:
			after = true
		case HideReset, HideResetAndThis:
			after = false
		}
	}
	if hidden[0] {
		return
	}
	for i := range hidden {
		t.Frames[i].Hidden = hidden[i]
	}
}
