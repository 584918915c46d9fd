package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// earlyNotices holds what the history has to say while it is opened, when there is nothing
// yet to put it into. The zero value is ready. It is safe for concurrent use: the history
// goes on with notices from a goroutine of its own.
type earlyNotices struct {
	mu   sync.Mutex
	held []string
	to   func(string) // takes the texts; nil while they are held
}

func (e *earlyNotices) notice(text string) {
	e.mu.Lock()
	to := e.to
	if to == nil {
		e.held = append(e.held, text)
	}
	e.mu.Unlock()
	if to != nil {
		to(text)
	}
}

// release hands the texts that are held to to, and all that follow.
func (e *earlyNotices) release(to func(string)) {
	e.mu.Lock()
	held := e.held
	e.held, e.to = nil, to
	e.mu.Unlock()
	for _, text := range held {
		to(text)
	}
}

// untold tells what nobody will hear any more, because the session could not be opened.
func (s *session) untold() {
	tell := func(text string) { fmt.Fprintf(s.std.err, "pastedev: %s\n", text) }
	s.early.release(tell)
	if s.store == nil {
		return
	}
	lines, _ := s.store.Outputs(context.Background(), 0, 0) // a store in memory, which does not fail
	for _, line := range lines {
		if line.Stream == inspect.Pastedev {
			tell(line.Text)
		}
	}
}

// notice puts a line of ours beside the target's output. Whoever shows the output begins
// with what came before.
func (s *session) notice(text string) { s.publishNotice(text, "") }

// mistake is a notice that whoever looks elsewhere is told of too.
func (s *session) mistake(text string) { s.publishNotice(text, "ERROR") }

func (s *session) publishNotice(text, level string) {
	if s.store == nil { // a check of the settings, without a session
		fmt.Fprintf(s.std.err, "pastedev: %s\n", text)
		return
	}
	if s.mount != "" {
		text = s.mount + ": " + text
	}
	s.store.Publish(inspect.OutputWritten{Output: inspect.Output{Time: time.Now(), Stream: inspect.Pastedev, Level: level, Text: text}})
}

// noticeLines notices a text of several lines.
func (s *session) noticeLines(text string) {
	for line := range strings.Lines(text) {
		s.notice(strings.TrimRight(line, "\r\n"))
	}
}

// noticeWriter notices what is written to it, which is whole lines.
type noticeWriter struct{ s *session }

func (w noticeWriter) Write(p []byte) (int, error) {
	w.s.noticeLines(string(p))
	return len(p), nil
}
