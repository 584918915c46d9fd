package httpx

import (
	"path/filepath"
	"runtime"
	"strings"
)

// NamesFile reports whether a segment of a request's path, decoded, may be the name of one
// file or folder in a folder that is served. What begins with a dot may not, nor what the
// system would read as something else: separators, NUL, a device's name, and on Windows
// "x.pl." and "x.pl::$DATA", which are x.pl there, and X~1.PL.
func NamesFile(segment string) bool { return namesFile(segment, runtime.GOOS == "windows") }

func namesFile(segment string, windows bool) bool {
	if segment == "" || segment[0] == '.' || strings.ContainsAny(segment, "/\\\x00") || !filepath.IsLocal(segment) {
		return false
	}
	return !windows || !strings.ContainsAny(segment, ":~") && !strings.HasSuffix(segment, ".") && !strings.HasSuffix(segment, " ")
}
