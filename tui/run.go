package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	tea "charm.land/bubbletea/v2"
)

// Run shows the UI until the user quits or ctx ends, and gives the terminal back as
// it was. It returns nil in both cases. It handles no signals: in the terminal's raw
// mode ctrl+c is a key, and a signal from outside is the caller's to turn into the
// end of ctx. All that Run started has ended when it returns.
func Run(ctx context.Context, src Source, o Options) error {
	o = o.withDefaults()
	ctx, cancel := context.WithCancel(ctx)
	app := newApp(ctx, src, o)
	var wg sync.WaitGroup
	wg.Go(func() { app.feed.run(ctx) })
	defer wg.Wait()
	defer cancel()

	opts := []tea.ProgramOption{tea.WithEnvironment(o.Env), tea.WithoutSignalHandler()}
	if o.Input != nil {
		opts = append(opts, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		opts = append(opts, tea.WithOutput(o.Output))
	} else {
		opts = append(opts, tea.WithOutput(os.Stdout))
	}
	p := tea.NewProgram(app, opts...)
	app.pace = &pace{program: p}
	// Quit and not Kill: a killed program races with its own start (bubbletea 1689).
	ended := make(chan struct{})
	wg.Go(func() {
		select {
		case <-ctx.Done():
			p.Quit()
		case <-ended:
		}
	})
	_, err := p.Run()
	close(ended)
	if err != nil && !errors.Is(err, tea.ErrInterrupted) {
		return fmt.Errorf("terminal UI: %w", err)
	}
	return nil
}
