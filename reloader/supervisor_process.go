package reloader

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// effect carries out one effect of the machine.
func (s *Supervisor) effect(f effect) {
	switch f {
	case fxBuild:
		s.startWork(evRebuild)
	case fxPrepare:
		s.startWork(evRestart)
	case fxReload:
		s.startWork(evReload)
	case fxAssets:
		s.publishAssets()
	case fxStart:
		s.startCurrent()
	case fxStop:
		s.stopCurrent()
	case fxStartSide:
		s.startSide()
	case fxPromote:
		s.promote()
	case fxStopSide:
		s.sideNext = false
		s.side.stop(s.o.Grace)
	case fxAdoptSide:
		s.setProcesses(s.side, nil)
	case fxRetryLater:
		s.retryLater(s.ran)
	case fxCancel:
		s.cancelWork()
	}
}

func (s *Supervisor) cancelWork() {
	s.stopRetry()
	for _, w := range []*work{s.work, s.back} {
		if w != nil {
			w.cancel(context.Canceled)
		}
	}
	s.mu.Lock()
	if s.build.Number > 0 && s.build.Result == inspect.BuildUnfinished {
		s.finishRecord(inspect.BuildCanceled)
	}
	s.mu.Unlock()
	s.publish()
}

func (s *Supervisor) publishAssets() {
	ev := inspect.AssetsChanged{Paths: s.reload, Styles: onlyStyles(s.reload)}
	s.reload = nil
	s.mu.Lock()
	s.queue = append(s.queue, func() { s.o.Notify(ev) })
	s.mu.Unlock()
	s.publish()
}

func onlyStyles(paths []string) bool {
	for _, p := range paths {
		if !isStyleSheet(p) {
			return false
		}
	}
	return len(paths) > 0
}

// setProcesses notes what runs. Others read it under mu.
func (s *Supervisor) setProcesses(cur, side *process) {
	s.mu.Lock()
	s.cur, s.side = cur, side
	s.enter()
	s.mu.Unlock()
	s.publish()
}

// newest is the process that was started last.
func (s *Supervisor) newest() *process {
	if s.side != nil {
		return s.side
	}
	return s.cur
}

func (s *Supervisor) startCurrent() {
	s.stopRetry()
	if len(s.vacated) > 0 && s.program.instrumented {
		s.o.BeforeSwap(s.vacated)
	}
	s.vacated = nil
	p, err := s.launch()
	if err != nil {
		s.notStarted(err)
		s.stepWith(evCrashed, func() { s.end = err.Error() })
		return
	}
	s.setProcesses(p, nil)
	s.watchFor(p)
}

// notStarted shows why the program did not start where its output would be.
func (s *Supervisor) notStarted(err error) {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		s.notice(line)
	}
}

// startSide starts the newest program beside the running one, after an older one that
// was starting there.
func (s *Supervisor) startSide() {
	if s.side != nil {
		s.sideNext = true
		s.side.stop(s.o.Grace)
		return
	}
	p, err := s.launch()
	if err != nil {
		s.notStarted(err)
		s.stepWith(evSideGone, func() { s.end = err.Error() })
		return
	}
	s.setProcesses(s.cur, p)
	s.watchFor(p)
}

func (s *Supervisor) promote() {
	old := s.cur
	s.setProcesses(s.side, nil)
	s.retire(old)
}

// stopCurrent asks the process to end.
func (s *Supervisor) stopCurrent() {
	p := s.cur
	if p == nil {
		return // an upstream: its process is not ours
	}
	if p.direct {
		for _, a := range listeners(p.group.pid) {
			s.vacated = append(s.vacated, a.String())
		}
	}
	s.retire(p)
}

// retire lets requests in flight end, then asks the process to.
func (s *Supervisor) retire(p *process) {
	p.asked = true
	s.group.Go(func() {
		ctx, cancel := context.WithTimeout(s.ctx, drainRequests)
		defer cancel()
		s.o.BeforeStop(ctx)
		p.stop(s.o.Grace)
	})
}

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
	if err := s.findProgram(&cfg); err != nil {
		return nil, err
	}
	return s.connect(cfg)
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
		if link, err = s.o.NewLink(); err != nil {
			return nil, fmt.Errorf("start %s: connect the agent: %w", cfg.argv[0], err)
		}
		cfg.env = joinEnv(cfg.env, link.Env(3)...) // the first descriptor after the standard three
		cfg.extra = []*os.File{link.File()}
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
			_ = link.File().Close()
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

// watchFor waits for the process to listen, where no agent tells it.
func (s *Supervisor) watchFor(p *process) {
	ctx, cancel := context.WithCancel(s.ctx)
	s.group.Go(func() {
		defer cancel()
		select {
		case <-p.exited:
		case <-ctx.Done():
		}
	})
	if !p.instrumented {
		s.group.Go(func() {
			addr, ok := findListener(ctx, p.group.pid, p.port)
			if ok {
				s.post(func() {
					if !p.direct && s.newest() == p {
						s.o.OnBackend(addr)
					}
					s.heard(p)
				})
			}
		})
	}
	if s.mayBeQuiet(p) {
		s.group.Go(func() {
			timer := time.NewTimer(quietAfter)
			defer timer.Stop()
			select {
			case <-timer.C:
				s.post(func() {
					if s.newest() == p && !p.listened && !p.asked {
						s.step(evQuiet)
					}
				})
			case <-ctx.Done():
			}
		})
	}
}

// mayBeQuiet reports whether the program counts as running although it does not
// listen: while no process of this run has, nobody can be waiting for an answer at an
// address of ours, so a program that never will (a worker, a command) loses nothing.
// A command without an agent is answered for at --addr, where requests do wait.
func (s *Supervisor) mayBeQuiet(p *process) bool {
	return !s.listened && (p.instrumented || p.direct)
}

// heard takes the news that a process listens.
func (s *Supervisor) heard(p *process) {
	s.listened, p.listened = true, true
	if s.newest() == p && !p.asked {
		s.step(evListening)
	}
}

// processGone takes the end of a process of which nothing is left.
func (s *Supervisor) processGone(p *process) {
	delete(s.live, p)
	code, words := p.exitCode()
	if p.stuck {
		s.notice(fmt.Sprintf("process %d does not end, not even by SIGKILL; going on without it", p.group.pid))
	}
	switch p {
	case s.cur:
		s.currentGone(p, code, words)
	case s.side:
		s.setProcesses(s.cur, nil)
		if s.sideNext {
			s.sideNext = false
			s.startSide()
			return
		}
		s.stepWith(evSideGone, func() { s.end = s.why(words) })
	}
}

// currentGone takes the end of the current process.
func (s *Supervisor) currentGone(p *process, code int, words string) {
	ev := evCrashed
	switch {
	case p.asked:
		ev = evGone
	case code == 0:
		ev = evFinished
		words = "finished"
	default:
		words = s.why(words)
	}
	s.ran = time.Since(p.started)
	s.mu.Lock()
	s.cur = nil
	s.code = code
	s.mu.Unlock()
	s.stepWith(ev, func() {
		if ev != evGone {
			s.end = words
		}
	})
}

// why adds to the words for an exit status what the program said about it.
func (s *Supervisor) why(words string) string {
	last := ""
	for _, line := range s.feed.last(panicLinesSeen) {
		if line.Stream == inspect.Pastedev || strings.TrimSpace(line.Text) == "" {
			continue
		}
		if strings.HasPrefix(line.Text, "panic: ") || strings.HasPrefix(line.Text, "fatal error: ") {
			return words + ": " + clip(line.Text, maxContextLine)
		}
		if line.Stream == inspect.Stderr && !strings.HasPrefix(line.Text, "exit status ") {
			last = line.Text
		}
	}
	if last == "" {
		return words
	}
	return words + ": " + clip(last, maxContextLine)
}
