//go:build linux && (amd64 || arm64)

package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pastedev/pastedev/inspect"
)

// Take stops the process, writes its memory and registers to o.Path as an ELF core,
// and lets it go on. The process is stopped until Take returns at the latest, or for
// [MaxPause], whichever is less; when Take fails there is no file.
//
// Call it in a helper process, not in the parent of the target: a parent that waits
// for its child and traces it at the same time loses one of the two. It holds an OS
// thread while it runs.
func Take(ctx context.Context, o TakeOptions) (Info, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if !strings.HasSuffix(o.Path, Suffix) {
		return Info{}, fail(KindFailed, nil, "take snapshot: %s does not end in %s", o.Path, Suffix)
	}
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		return Info{}, fail(KindFailed, err, "take snapshot: %v", err)
	}
	part := o.Path + ".part"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return Info{}, fail(KindFailed, err, "take snapshot: %v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, MaxPause)
	defer cancel()
	info, err := takeInto(ctx, f, o)
	if cerr := f.Close(); err == nil && cerr != nil {
		err = fail(KindFailed, cerr, "take snapshot: %v", cerr)
	}
	if err == nil {
		err = os.Rename(part, o.Path)
	}
	if err != nil {
		os.Remove(part)
		return Info{}, asError(err)
	}
	info.Path = o.Path
	return info, nil
}

// takeInto does the work of Take between making the file and closing it.
func takeInto(ctx context.Context, f *os.File, o TakeOptions) (info Info, err error) {
	// Every ptrace request must come from the thread that attached: ptrace(2).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	t := tracer{pid: o.PID}
	begin := time.Now()
	defer func() {
		t.detach()
		info.Pause = inspect.Millis(time.Since(begin))
	}()
	if err := t.stopAll(ctx); err != nil {
		return Info{}, explainAttach(o.PID, err)
	}
	img, err := t.image()
	if err != nil {
		return Info{}, fail(KindFailed, err, "take snapshot of process %d: %v", o.PID, err)
	}
	if img.bytes > o.MaxBytes {
		return Info{}, fail(KindTooLarge, nil, "locals are off: the program holds %d MB, a snapshot at most %d MB",
			img.bytes>>20, o.MaxBytes>>20)
	}
	if err := img.write(ctx, f); err != nil {
		return Info{}, fail(KindFailed, err, "write snapshot: %v", err)
	}
	return Info{Bytes: img.bytes, Threads: len(t.threads)}, nil
}

// explainAttach says in one line why the process could not be stopped.
func explainAttach(pid int, err error) error {
	switch {
	case errors.Is(err, unix.ESRCH):
		return fail(KindGone, err, "locals are off: process %d has ended", pid)
	case errors.Is(err, context.DeadlineExceeded):
		return fail(KindFailed, err, "locals are off: process %d did not stop within %v", pid, MaxPause)
	case errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES):
		return fail(KindForbidden, err, "locals are off: ptrace is not permitted (%s)", whyForbidden(pid))
	case errors.Is(err, unix.ENOSYS):
		return fail(KindForbidden, err, "locals are off: ptrace is not available here (sandbox or emulator)")
	}
	return fail(KindFailed, err, "locals are off: stop process %d: %v", pid, err)
}

func whyForbidden(pid int) string {
	if tracer := statusField(pid, "TracerPid:"); tracer != "" && tracer != "0" {
		return "process " + tracer + " traces it already"
	}
	const yama = "/proc/sys/kernel/yama/ptrace_scope"
	if b, err := os.ReadFile(yama); err == nil {
		if scope := strings.TrimSpace(string(b)); scope != "0" {
			return "kernel.yama.ptrace_scope=" + scope
		}
	}
	if uid := statusField(pid, "Uid:"); uid != "" && uid != fmt.Sprint(os.Geteuid()) {
		return "it runs as another user"
	}
	return "a container or a seccomp profile without CAP_SYS_PTRACE"
}

// statusField returns the first value of a line of /proc/PID/status, "" if there is
// none.
func statusField(pid int, key string) string {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			if f := strings.Fields(rest); len(f) > 0 {
				return f[0]
			}
		}
	}
	return ""
}
