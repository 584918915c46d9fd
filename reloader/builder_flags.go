package reloader

import (
	"fmt"
	"slices"
	"strings"
)

// splitQuoted splits s at white space as the go command splits GOFLAGS and the
// values of -ldflags: a field may be enclosed in single or double quotes, which
// have no escapes inside.
func splitQuoted(s string) ([]string, error) {
	var fields []string
	for {
		s = strings.TrimLeft(s, " \t\n\r")
		if s == "" {
			return fields, nil
		}
		if q := s[0]; q == '"' || q == '\'' {
			end := strings.IndexByte(s[1:], q)
			if end < 0 {
				return nil, fmt.Errorf("unterminated %c string", q)
			}
			fields = append(fields, s[1:1+end])
			s = s[end+2:]
			continue
		}
		end := strings.IndexAny(s, " \t\n\r")
		if end < 0 {
			end = len(s)
		}
		fields = append(fields, s[:end])
		s = s[end:]
	}
}

// linkFlags returns flags with -w=1 (no DWARF) or -w=0 added to what the linker of
// the main package gets, whatever of -ldflags the user has in GOFLAGS or in flags.
// Leaving out DWARF saves about a quarter of a rebuild. A user who speaks of -w or -s
// himself is left alone. The two spellings have one length, and the go command records
// them in the program: so all symbols of both programs have the same addresses.
//
// The go command uses the last -ldflags whose pattern matches a package, and a flag
// on the command line hides GOFLAGS, so every value is repeated with -w added, in
// order, after one of ours.
func linkFlags(goflags string, flags []string, dwarf bool) []string {
	ours := "-compressdwarf=0 -w=1" // reading what is not compressed takes half the time
	if dwarf {
		ours = "-compressdwarf=0 -w=0"
	}
	fromEnv, _ := splitQuoted(goflags) // the go command reports a bad GOFLAGS itself
	_, envValues := takeLDFlags(fromEnv)
	rest, values := takeLDFlags(flags)
	values = append(envValues, values...)
	out := append([]string(nil), rest...)
	out = append(out, "-ldflags="+ours)
	for _, v := range values {
		if !mentionsDWARF(v) {
			v += " " + ours
		}
		out = append(out, "-ldflags="+v)
	}
	return out
}

// takeLDFlags splits the -ldflags values off a flag list. It knows both forms,
// "-ldflags=V" and "-ldflags V", with one dash or two.
func takeLDFlags(flags []string) (rest, values []string) {
	for i := 0; i < len(flags); i++ {
		name := strings.TrimPrefix(strings.TrimPrefix(flags[i], "-"), "-")
		dashed := name != flags[i]
		switch {
		case dashed && name == "ldflags" && i+1 < len(flags):
			i++
			values = append(values, flags[i])
		case dashed && strings.HasPrefix(name, "ldflags="):
			values = append(values, strings.TrimPrefix(name, "ldflags="))
		default:
			rest = append(rest, flags[i])
		}
	}
	return rest, values
}

// mentionsDWARF reports whether a -ldflags value already decides about debug data.
func mentionsDWARF(value string) bool {
	if i := strings.IndexByte(value, '='); i > 0 && !strings.HasPrefix(value, "-") {
		value = value[i+1:] // after the package pattern
	}
	fields, err := splitQuoted(value)
	if err != nil {
		return true // cannot be added to safely; the go command will complain
	}
	for _, f := range fields {
		name, _, _ := strings.Cut(strings.TrimLeft(f, "-"), "=")
		if strings.HasPrefix(f, "-") && (name == "w" || name == "s") {
			return true
		}
	}
	return false
}

// DebugFlags are the build flags that keep the variables of the user's own packages
// readable: without optimization and inlining. They are none when the user speaks of
// -gcflags himself, in GOFLAGS or in flags.
func (p GoPackage) DebugFlags(flags []string) []string {
	if hasFlag("gcflags", p.GoFlags, flags) {
		return nil
	}
	var out []string
	for _, m := range p.Modules {
		out = append(out, "-gcflags="+m+"/...=-N -l")
	}
	return out
}

// hasFlag reports whether flags or goflags set the build flag of this name.
func hasFlag(name, goflags string, flags []string) bool {
	fromEnv, _ := splitQuoted(goflags)
	for _, f := range append(fromEnv, flags...) {
		bare := strings.TrimPrefix(strings.TrimPrefix(f, "-"), "-")
		if bare == f {
			continue
		}
		if got, _, _ := strings.Cut(bare, "="); got == name {
			return true
		}
	}
	return false
}

// decidesDWARF returns the user's -ldflags value that decides about debug data, the
// last one of GOFLAGS and flags, or "".
func decidesDWARF(goflags string, flags []string) string {
	fromEnv, _ := splitQuoted(goflags)
	_, values := takeLDFlags(append(fromEnv, flags...))
	for _, v := range slices.Backward(values) {
		if mentionsDWARF(v) {
			return v
		}
	}
	return ""
}

// buildFlags returns the flags of a build: the user's and the instrumentation's,
// DWARF only when asked for, and no look at the version control system (which go run does not do
// either, and which costs a tenth of a rebuild) unless the user asks for it.
func buildFlags(p GoPackage, flags []string, dwarf bool) []string {
	out := linkFlags(p.GoFlags, flags, dwarf)
	if !hasFlag("buildvcs", p.GoFlags, flags) {
		out = append(out, "-buildvcs=false")
	}
	return out
}
