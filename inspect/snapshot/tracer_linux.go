//go:build linux && (amd64 || arm64)

package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stopPoll is how often a thread that has not stopped yet is asked again. Threads
// stop within microseconds unless they are in an uninterruptible system call.
const stopPoll = 50 * time.Microsecond

// ntPRStatus is NT_PRSTATUS, the general registers: linux/elf.h.
const ntPRStatus = 1

// tracer holds the threads of a process that it stopped. All its methods must run
// on one OS thread.
type tracer struct {
	pid     int
	threads []thread
}

type thread struct {
	tid    int
	signal int // was about to be delivered; handed on at detach
	regs   [regsSize]byte
}

// stopAll stops every thread of the process. Threads that begin meanwhile are found
// by looking again: once a look finds none, nothing runs that could start one.
func (t *tracer) stopAll(ctx context.Context) error {
	seen := map[int]bool{}
	for {
		fresh, err := t.seizeNew(seen)
		if err != nil {
			return err
		}
		if len(fresh) == 0 {
			break
		}
		for _, tid := range fresh {
			if err := t.await(ctx, tid); err != nil {
				return err
			}
		}
	}
	if len(t.threads) == 0 {
		return unix.ESRCH
	}
	return nil
}

// seizeNew attaches to all threads that seen does not hold and tells them to stop.
func (t *tracer) seizeNew(seen map[int]bool) ([]int, error) {
	dir, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", t.pid))
	if err != nil {
		return nil, unix.ESRCH
	}
	var fresh []int
	for _, e := range dir {
		tid, err := strconv.Atoi(e.Name())
		if err != nil || seen[tid] {
			continue
		}
		seen[tid] = true
		if err := unix.PtraceSeize(tid); err != nil {
			if errors.Is(err, unix.ESRCH) && tid != t.pid {
				continue // the thread has ended
			}
			return nil, err
		}
		if err := unix.PtraceInterrupt(tid); err != nil {
			continue // it has ended; await would find nothing
		}
		fresh = append(fresh, tid)
	}
	return fresh, nil
}

// await waits for the stop of one thread and keeps its registers.
func (t *tracer) await(ctx context.Context, tid int) error {
	for {
		var ws unix.WaitStatus
		got, err := unix.Wait4(tid, &ws, unix.WALL|unix.WNOHANG, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return nil // ECHILD: it ended and is not ours to reap
		case got == tid && (ws.Exited() || ws.Signaled()):
			return nil
		case got == tid && ws.Stopped():
			return t.add(tid, ws)
		}
		if err := ctx.Err(); err != nil {
			t.threads = append(t.threads, thread{tid: tid}) // seized all the same
			return err
		}
		time.Sleep(stopPoll)
	}
}

func (t *tracer) add(tid int, ws unix.WaitStatus) error {
	th := thread{tid: tid}
	// A stop that is no event is a signal on its way: it goes on at detach.
	if int(ws)>>16 == 0 {
		th.signal = int(ws.StopSignal())
	}
	t.threads = append(t.threads, th)
	regs := t.threads[len(t.threads)-1].regs[:]
	iov := unix.Iovec{Base: &regs[0]}
	iov.SetLen(len(regs))
	if err := ptrace(unix.PTRACE_GETREGSET, tid, ntPRStatus, uintptr(unsafe.Pointer(&iov))); err != nil {
		return fmt.Errorf("read registers: %w", err)
	}
	return nil
}

// detach lets every thread go on.
func (t *tracer) detach() {
	for _, th := range t.threads {
		// An error means that the thread has ended, or never stopped; the kernel
		// detaches the latter when the helper ends.
		_ = ptrace(unix.PTRACE_DETACH, th.tid, 0, uintptr(th.signal))
	}
}

func ptrace(request, tid int, addr, data uintptr) error {
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), addr, data, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
