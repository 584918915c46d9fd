package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
)

// recordProfile asks for a profile and waits for it, telling a terminal how far it is.
func recordProfile(ctx context.Context, std stdio, client *control.Client, req inspect.ProfileRequest) (inspect.Profile, error) {
	if !isTerminal(std.err) {
		return client.Profile(ctx, req)
	}
	following, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	if feed, err := client.Subscribe(following); err == nil { // without it there is only no progress
		wg.Go(func() { followProgress(std.err, feed, req) })
	}
	return client.Profile(ctx, req)
}

// followProgress writes one line over and over until the feed ends, and wipes it.
func followProgress(w io.Writer, feed <-chan inspect.Event, req inspect.ProfileRequest) {
	for e := range feed {
		if p, ok := e.(inspect.ProfileProgressed); ok && p.Progress.Kind == req.Kind && p.Progress.Exchange == req.Exchange && !p.Progress.Done {
			fmt.Fprintf(w, "\r\x1b[K%s", progressText(p.Progress))
		}
	}
	fmt.Fprint(w, "\r\x1b[K")
}

// progressText is "cpu: 84 of 200 samples, 12 replays, 2.1s of 10s".
func progressText(p inspect.ProfileProgress) string {
	parts := []string{fmt.Sprintf("%s: %s", p.Kind, count(int(p.Samples), p.Kind.Counted()))}
	if p.Wanted > 0 {
		parts[0] = fmt.Sprintf("%s: %d of %s", p.Kind, p.Samples, count(int(p.Wanted), p.Kind.Counted()))
	}
	if p.Replays > 0 {
		parts = append(parts, count(p.Replays, "replay"))
	}
	took := inspect.FormatDuration(p.Elapsed.Duration())
	if p.Limit > 0 {
		took += " of " + inspect.FormatDuration(p.Limit.Duration())
	}
	return strings.Join(append(parts, took), ", ")
}

// ask puts a question whose answer is no unless somebody types y or yes.
func ask(std stdio, question string) (bool, error) {
	fmt.Fprintf(std.err, "%s\nsend it? [y/N] ", oneLine(question))
	line, err := bufio.NewReader(std.in).ReadString('\n')
	if err != nil && err != io.EOF {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}
