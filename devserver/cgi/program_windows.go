package cgi

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"strconv"
	"syscall"
)

// There are no process groups with signals: asking and killing are the same, the tree
// of processes that taskkill sees.

func own(*exec.Cmd) {}

func terminate(p *os.Process) { kill(p) }

func kill(p *os.Process) {
	if exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run() != nil {
		_ = p.Kill()
	}
}

func signalOf(*os.ProcessState) string { return "" }

// readNow is not called: a pipe has no deadline here.
func readNow(*os.File, []byte) (int, error) { return 0, io.EOF }

func busy(error) bool { return false }

// errBadExe is ERROR_BAD_EXE_FORMAT.
const errBadExe = syscall.Errno(193)

func isExecFormat(err error) bool { return errors.Is(err, errBadExe) }

// interpreted puts the interpreter of a "#!" line before a script; only its name counts,
// its folder is that of another system.
func interpreted(file string, args []string) (string, []string) {
	interpreter, arg, ok := shebang(file)
	if !ok {
		return file, args
	}
	name := path.Base(interpreter)
	if name == "env" {
		name, arg = arg, ""
	}
	found, err := exec.LookPath(name)
	if err != nil {
		return file, args
	}
	if arg != "" {
		return found, append([]string{arg, file}, args...)
	}
	return found, append([]string{file}, args...)
}
