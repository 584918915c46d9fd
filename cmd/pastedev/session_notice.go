package main

import (
	"context"
	"fmt"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// untold tells what nobody will hear any more, because the session could not be opened.
func (s *session) untold(early []string) {
	if s.store != nil {
		early = nil
		lines, _ := s.store.Outputs(context.Background(), 0, 0) // a store in memory, which does not fail
		for _, line := range lines {
			if line.Stream == inspect.Pastedev {
				early = append(early, line.Text)
			}
		}
	}
	for _, text := range early {
		fmt.Fprintf(s.std.err, "pastedev: %s\n", text)
	}
}

// notice puts a line of ours beside the target's output. Whoever shows the output begins
// with what came before.
func (s *session) notice(text string) {
	if s.store == nil { // a check without a session
		fmt.Fprintf(s.std.err, "pastedev: %s\n", text)
		return
	}
	if s.mount != "" {
		text = s.mount + ": " + text
	}
	s.store.Publish(inspect.OutputWritten{Output: inspect.Output{Time: time.Now(), Stream: inspect.Pastedev, Text: text}})
}
