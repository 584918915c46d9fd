package cgi

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// maxShebang is what Linux reads of a first line.
const maxShebang = 256

// program finds the program and says what is wrong with it.
func (h *Handler) program() (string, *Failure) {
	fail := func(message, hint string, err error) (string, *Failure) {
		return "", &Failure{Status: 500, Program: h.Path, Message: message, Hint: hint, Err: err}
	}
	if h.Path == "" {
		return "", &Failure{Status: 500, Program: "cgi.Handler", Message: "no program is named"}
	}
	path := h.Path
	if filepath.Base(path) == path {
		found, err := exec.LookPath(path)
		if err != nil && !errors.Is(err, exec.ErrDot) {
			return fail("not found in PATH", "for one in this folder write ./"+path, nil)
		}
		path = found
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return fail("no absolute path", "", err)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail("no such file", "", nil)
	case err != nil:
		return fail("cannot be looked at", "", err)
	case info.IsDir():
		return fail("is a folder, not a program", "use cgi.Dir for a folder of programs", nil)
	case !info.Mode().IsRegular():
		return fail(fmt.Sprintf("is not a file (mode %v)", info.Mode()), "", nil)
	case strings.HasPrefix(strings.ToLower(filepath.Base(path)), "nph-"):
		return fail(`its name begins with "nph-": such a program speaks to the client itself, which is not supported`, `rename it, and let it print "Status: 200 OK" instead of "HTTP/1.1 200 OK"`, nil)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0:
		return fail(fmt.Sprintf("is not executable (mode %04o)", info.Mode().Perm()), "chmod +x "+h.Path, nil)
	}
	return path, nil
}

// startFailure explains err, of starting the program at path.
func (h *Handler) startFailure(path string, err error) *Failure {
	f := &Failure{Status: 500, Program: h.Path, Message: "cannot be started"}
	var pe *fs.PathError
	if f.Err = err; errors.As(err, &pe) {
		f.Err = pe.Err
	}
	interpreter, _, ok := shebang(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(interpreter, "\r"):
		f.Message, f.Err = fmt.Sprintf("its first line ends in CR LF, so that its interpreter is %q", interpreter), nil
		f.Hint = "write the file with LF line ends: sed -i 's/\\r$//' " + h.Path
	case errors.Is(err, fs.ErrNotExist) && ok:
		f.Message, f.Err = fmt.Sprintf("its interpreter %q is missing", interpreter), nil
		f.Hint = "correct its first line, or install " + filepath.Base(interpreter)
	case errors.Is(err, fs.ErrPermission) && ok:
		f.Message = fmt.Sprintf("may not be run: permission of its interpreter %q, or of the folder or file system it lies on", interpreter)
	case isExecFormat(err):
		f.Message, f.Err = "neither a program of this system nor a script", nil
		f.Hint = "begin a script with its interpreter, such as #!/bin/sh"
	}
	return f
}

// shebang returns the interpreter of the script at path and its argument. A CR that ends
// the line is left where the kernel leaves it.
func shebang(path string) (interpreter, arg string, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return "", "", false
	}
	defer f.Close()
	line, _ := bufio.NewReaderSize(f, maxShebang).ReadSlice('\n')
	rest, ok := strings.CutPrefix(string(line), "#!")
	if !ok {
		return "", "", false
	}
	rest = strings.Trim(strings.TrimSuffix(rest, "\n"), " \t")
	if i := strings.IndexAny(rest, " \t"); i >= 0 {
		return rest[:i], strings.TrimLeft(rest[i:], " \t"), true
	}
	return rest, "", rest != ""
}
