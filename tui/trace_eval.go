package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// ask opens the field for an expression.
func (v *traceView) ask() {
	switch {
	case v.doc.t == nil:
	case v.frame() < 0:
		v.fail("evaluate", errorText("the error has no frames"))
	case v.doc.t.NoLocals != "":
		v.fail("evaluate", errorText("no values were kept: "+v.doc.t.NoLocals))
	default:
		v.asking = true
		v.expr.Set("")
	}
}

func (v *traceView) askKey(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(k, v.keys.Back):
		v.asking = false
	case key.Matches(k, v.keys.Open):
		v.asking = false
		if expr := strings.TrimSpace(v.expr.Text()); expr != "" {
			v.expr.Remember()
			return v.evaluate(v.frame(), expr)
		}
	default:
		v.expr.Key(k)
	}
	return nil
}

func (v *traceView) evaluate(frame int, expr string) tea.Cmd {
	ctx, src, id := v.ctx, v.src, v.id
	v.say("evaluating " + clean(expr))
	return func() tea.Msg {
		val, err := src.Eval(ctx, id, frame, expr)
		return answerMsg{id, answer{frame, expr, val, err}}
	}
}

// answered takes what an expression gave and goes there.
func (v *traceView) answered(m answerMsg) {
	v.toast = ""
	if m.id != v.id || v.doc.t == nil {
		return
	}
	if n := len(v.doc.answers); n > 0 && v.doc.answers[n-1].err != nil && v.doc.answers[n-1].frame == m.frame {
		v.doc.answers = v.doc.answers[:n-1] // what was refused is being mended
	}
	v.doc.answers = append(v.doc.answers, m.answer)
	if m.err != nil && !v.asking {
		v.asking = true
		v.expr.Set(m.expr)
	}
	if over := len(v.doc.answers) - maxAnswers; over > 0 {
		v.doc.answers = v.doc.answers[over:]
	}
	v.openFrame(m.frame)
	name := answerKey(len(v.doc.answers) - 1)
	if len(m.v.Children) > 0 {
		v.flip[name] = true
	}
	v.draw()
	for i, r := range v.rows {
		if r.answer == name {
			v.to(min(i+v.view_.Height()/2, len(v.rows)-1))
			v.to(i)
		}
	}
}

// openFrame makes sure that a frame is not folded.
func (v *traceView) openFrame(frame int) {
	name := frameKey(frame)
	for _, r := range v.rows {
		if r.fold == name {
			v.flip[name] = v.flip[name] != !r.open
			return
		}
	}
	v.flip[name] = true // it had nothing to unfold
}
