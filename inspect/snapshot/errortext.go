package snapshot

import (
	"go/constant"
	"reflect"
	"strconv"
	"strings"
	"syscall"

	"github.com/go-delve/delve/pkg/proc"
)

// errorText returns what Error would return for errors whose methods are known:
// nothing of the target can be called. Errors inside of errors are followed depth
// levels.
func errorText(v *proc.Variable, depth int) (string, bool) {
	if depth < 0 || v.Unreadable != nil || v.OnlyAddr {
		return "", false
	}
	if v.Kind == reflect.Interface {
		if isNil(v) || len(v.Children) != 1 {
			return "", false
		}
		return errorText(&v.Children[0], depth)
	}
	if v.Kind == reflect.Pointer && isNil(v) {
		return "", false
	}
	if typeName(v) == "syscall.Errno" && v.Value != nil {
		n, _ := constant.Uint64Val(v.Value)
		return syscall.Errno(n).Error(), true
	}
	shape, ok := errorShapes[strings.TrimPrefix(typeName(v), "*")]
	if !ok {
		return "", false
	}
	var b strings.Builder
	for _, part := range shape {
		name, quoted := strings.CutPrefix(part, "q.")
		name, isField := strings.CutPrefix(name, ".")
		if !quoted && !isField {
			b.WriteString(part)
			continue
		}
		text, ok := partText(field(v, name), depth)
		if !ok {
			return "", false
		}
		if quoted {
			text = strconv.Quote(text)
		}
		b.WriteString(text)
	}
	return b.String(), true
}

func partText(v *proc.Variable, depth int) (string, bool) {
	if v == nil || v.Unreadable != nil {
		return "", false
	}
	if v.Kind == reflect.String {
		return stringOf(v), v.Value != nil
	}
	return errorText(v, depth-1)
}

// errorShapes says how the text of an error is put together: ".Err" is the text of a
// field, "q.URL" that of a field in quotes, anything else is literal.
var errorShapes = map[string][]string{
	"errors.errorString":            {".s"},
	"fmt.wrapError":                 {".msg"},
	"fmt.wrapErrors":                {".msg"},
	"runtime.errorString":           {"runtime error: ", ".s"},
	"fs.PathError":                  {".Op", " ", ".Path", ": ", ".Err"},
	"os.SyscallError":               {".Syscall", ": ", ".Err"},
	"os.LinkError":                  {".Op", " ", ".Old", " ", ".New", ": ", ".Err"},
	"url.Error":                     {".Op", " ", "q.URL", ": ", ".Err"},
	"exec.Error":                    {"exec: ", "q.Name", ": ", ".Err"},
	"context.deadlineExceededError": {"context deadline exceeded"},
	"http.ProtocolError":            {".ErrorString"},
	"errors.fundamental":            {".msg"},
	"errors.withStack":              {".error"},
	"errors.withMessage":            {".msg", ": ", ".cause"},
	"xerrors.errorString":           {".s"},
	"strconv.NumError":              {"strconv.", ".Func", ": parsing ", "q.Num", ": ", ".Err"},
}
