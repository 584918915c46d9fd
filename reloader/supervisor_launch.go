package reloader

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// launch starts the newest program.
func (s *Supervisor) launch() (*process, error) {
	s.mu.Lock()
	cols, rows := s.cols, s.rows
	s.mu.Unlock()
	cfg := procConfig{
		dir: s.o.Dir, env: s.o.Env, build: s.program.build, start: s.spawner.start,
		tag: tagVariable + "=" + newTag(), grace: s.o.Grace,
		io: procIO{
			stdout: s.o.Stdout, stderr: s.o.Stderr, stdin: s.o.Stdin, ptyStdin: isTerminal(s.o.Stdin),
			pty: s.o.PTY, cols: cols, rows: rows,
		},
	}
	build := s.program.build
	cfg.io.line = func(stream inspect.Stream, text string, partial bool) {
		s.feed.add(inspect.Output{Time: time.Now(), Stream: stream, Text: text, Partial: partial, Build: build})
	}
	if s.o.EnvFile != "" {
		entries, err := readEnvFile(under(s.o.Dir, s.o.EnvFile))
		if err != nil {
			return nil, err
		}
		cfg.env = joinEnv(cfg.env, entries...)
	}
	cfg.env = joinEnv(cfg.env, s.o.EnvOver...)
	if err := s.findProgram(&cfg); err != nil {
		return nil, err
	}
	cfg.number = s.lead(s.starts + 1)
	p, err := s.connect(cfg)
	if err != nil {
		s.lead(0)
	}
	return p, err
}

// lead notes the start whose process the addresses are for from now on; 0 gives
// them back to the one that goes on, if any.
func (s *Supervisor) lead(number int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starts = max(s.starts, number)
	if number == 0 && s.cur != nil {
		number = s.cur.number
	}
	s.leading = number
	return number
}

// findProgram says what to run.
func (s *Supervisor) findProgram(cfg *procConfig) error {
	if s.o.Target.Kind == TargetPackage {
		cfg.path = s.program.path
		cfg.argv = append([]string{cfg.path}, s.o.Target.Args...)
		return nil
	}
	cfg.argv = s.o.Target.Args
	name := cfg.argv[0]
	if strings.ContainsRune(name, filepath.Separator) || strings.Contains(name, "/") {
		cfg.path = under(s.o.Dir, name)
		return nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return hinted(fmt.Errorf("start %s: not found on PATH", name), "a program in this folder is named ./"+name)
	}
	cfg.path = path
	return nil
}

// connect decides how requests will reach the program, and starts it.
func (s *Supervisor) connect(cfg procConfig) (*process, error) {
	var link Link
	port := 0
	plainFirst := s.o.Instrument != nil && !s.program.instrumented && !s.laneBroken()
	switch {
	case s.program.instrumented:
		var err error
		if link, err = s.o.NewLink(Start{Number: cfg.number, Build: cfg.build}); err != nil {
			return nil, fmt.Errorf("start %s: connect the agent: %w", cfg.argv[0], err)
		}
	case !plainFirst:
		var err error
		if port, err = freePort(s.ctx); err != nil {
			return nil, fmt.Errorf("start %s: find a free port: %w", cfg.argv[0], err)
		}
		cfg.env = joinEnv(cfg.env, "PORT="+strconv.Itoa(port), "HOST=127.0.0.1")
	}
	cfg.link = link
	cfg.onGone = func(p *process) { s.post(func() { s.processGone(p) }) }
	p, err := startProcess(cfg)
	if err != nil {
		if link != nil {
			_ = link.Close()
		}
		return nil, err
	}
	p.direct, p.port, p.instrumented = plainFirst, port, s.program.instrumented
	s.live[p] = true
	return p, nil
}

func (s *Supervisor) laneBroken() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lane.broken
}

// newTag returns a value that no other process has in its environment.
func newTag() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
