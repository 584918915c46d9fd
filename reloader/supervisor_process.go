package reloader

import (
	"context"
	"fmt"
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
		s.retire(s.replaced)
		s.replaced = nil
	case fxStopSide:
		s.sideNext = false
		s.side.asked = true
		s.side.stop(s.o.Grace)
	case fxAdoptSide:
		s.adoptSide()
	case fxRetryLater:
		s.retryLater(s.ran)
	case fxCancel:
		s.cancelWork()
	}
}

func (s *Supervisor) cancelWork() {
	s.stopRetry()
	s.cancelDebug(context.Canceled)
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
	s.handed.Broadcast()
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
		s.sideNext, s.side.asked = true, true
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

// adoptSide goes on with the process beside the one that has ended. If it is itself
// being replaced, the newest program is started when it is gone.
func (s *Supervisor) adoptSide() {
	if s.side.asked {
		s.setProcesses(nil, s.side)
		return
	}
	s.setProcesses(s.side, nil)
}

// ready takes the news that the newest process answers, or may never. One beside the
// running process takes its place in the same step, so that nobody hears of the state
// Running while Status still names the old one.
func (s *Supervisor) ready(p *process, ev event) {
	s.stepWith(ev, func() {
		if p == s.side {
			s.replaced, s.cur, s.side = s.cur, p, nil
			s.handed.Broadcast()
		}
	})
	s.linkDebug(p.build)
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
			if p.direct { // clients reach it without us
				if addr, _ := findListener(ctx, p.group.pid, 0); addr != "" {
					s.post(func() { s.heard(p) })
				}
				return
			}
			followListener(ctx, p.group.pid, p.port, func(addr string) {
				s.post(func() {
					if s.newest() == p {
						s.o.OnBackend(addr)
					}
					if !p.listened {
						s.heard(p)
					}
				})
			})
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
						s.ready(p, evQuiet)
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
		s.ready(p, evListening)
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
		s.lead(0)
		if s.sideNext {
			s.sideNext = false
			if s.cur == nil {
				s.startCurrent()
			} else {
				s.startSide()
			}
			return
		}
		s.stepWith(evSideGone, func() { s.end = s.why(p, code, words) })
	}
}

// currentGone takes the end of the current process.
func (s *Supervisor) currentGone(p *process, code int, words string) {
	ev := evCrashed
	s.mu.Lock()
	leaving, ending := s.leaving, s.m.proc == procStopping
	s.mu.Unlock()
	switch {
	case p.asked && (ending || !leaving):
		ev = evGone
	case code == 0:
		ev = evFinished
		words = "finished"
	case leaving:
		ev = evFinished
	default:
		words = s.why(p, code, words)
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
	if ev == evCrashed {
		s.linkDebug(p.build) // it may never listen
	}
}

// why adds to the words for an exit status what the program said about it: of what it
// printed itself, its last panic, else the last line of stderr, if that is none of a stack,
// which an earlier failure may have left. Who was told to end has said nothing about it.
func (s *Supervisor) why(p *process, code int, words string) string {
	if toldToEnd(code) {
		return words
	}
	last, panicked := "", ""
	for _, line := range s.feed.last(panicLinesSeen) {
		if line.Stream == inspect.Pastedev || line.Time.Before(p.started) || strings.TrimSpace(line.Text) == "" {
			continue
		}
		switch {
		case strings.HasPrefix(line.Text, "panic: "), strings.HasPrefix(line.Text, "fatal error: "):
			panicked = line.Text
		case line.Stream != inspect.Stderr, strings.HasPrefix(line.Text, "exit status "):
		case strings.HasPrefix(line.Text, "\t"), strings.HasPrefix(line.Text, "    "):
			last = ""
		default:
			last = line.Text
		}
	}
	if panicked != "" {
		last = panicked
	}
	if last == "" {
		return words
	}
	return words + ": " + clip(last, maxContextLine)
}
