package tui

import (
	"io"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// tickerProbe looks for the renderer's ticker from within Update.
type tickerProbe struct {
	program *tea.Program
	found   bool
}

func (p *tickerProbe) Init() tea.Cmd { return func() tea.Msg { return tickMsg{} } }
func (p *tickerProbe) View() tea.View {
	return tea.NewView("")
}

func (p *tickerProbe) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(tickMsg); !ok {
		return p, nil
	}
	p.found = rendererTicker(p.program) != nil
	return p, tea.Quit
}

// TestRendererTicker fails when a new Bubble Tea keeps its ticker elsewhere: the UI
// would work, and cost 1 % of a core while it idles.
func TestRendererTicker(t *testing.T) {
	probe := new(tickerProbe)
	probe.program = tea.NewProgram(probe, tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutSignalHandler())
	if _, err := probe.program.Run(); err != nil {
		t.Fatal(err)
	}
	if !probe.found {
		t.Error("the renderer's ticker is not where it was")
	}
}

func TestPace(t *testing.T) {
	probe := new(tickerProbe)
	probe.program = tea.NewProgram(probe, tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutSignalHandler())
	if _, err := probe.program.Run(); err != nil { // it leaves its ticker behind
		t.Fatal(err)
	}
	p, now := &pace{program: probe.program}, epoch
	for i, step := range []struct {
		after time.Duration
		idle  bool
		want  bool // resting
	}{
		{0, false, false},
		{time.Second, true, false},
		{time.Second, true, true},
		{time.Second, true, true},
		{time.Millisecond, false, false},
		{restAfter - 1, true, false},
		{1, true, true},
	} {
		now = now.Add(step.after)
		if p.heard(step.idle, now); p.resting != step.want {
			t.Errorf("step %d: resting %v, want %v", i, p.resting, step.want)
		}
	}
	(*pace)(nil).heard(false, now)
}
