package reloader

import (
	"os/exec"
	"runtime"
	"syscall"
)

// spawner starts every child from one operating system thread that lives as long as
// the supervisor runs: Linux sends the parent-death signal when the starting thread
// ends, not when the process does.
type spawner struct {
	jobs chan func()
	done chan struct{}
}

// newSpawner starts the thread. Its owner calls close after the last child is gone.
func newSpawner() *spawner {
	s := &spawner{jobs: make(chan func()), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

// start starts cmd so that it does not outlive us.
func (s *spawner) start(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	tieToThread(cmd.SysProcAttr)
	result := make(chan error, 1)
	s.jobs <- func() { result <- cmd.Start() }
	return <-result
}

func (s *spawner) close() {
	close(s.jobs)
	<-s.done
}
