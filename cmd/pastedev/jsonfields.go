package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/authview"
	"github.com/spf13/cobra"
)

// jsonLine says what a command's --json prints.
type jsonLine struct {
	commands string // with commas between them
	line     any    // a value of what each line is
}

func jsonLines() []jsonLine {
	return []jsonLine{
		{"requests", inspect.Summary{}},
		{"show, replay, request", inspect.Exchange{}},
		{"errors, errors show", inspect.Trace{}},
		{"errors eval", inspect.Variable{}},
		{"profile", inspect.CallTree{}},
		{"profiles, profile --kind", profileRecord{}},
		{"compare", inspect.Comparison{}},
		{"goroutines", goroutinesRecord{}},
		{"sessions", authview.Session{}},
		{"check", checkRecord{}},
		{"check --rules", ruleRecord{}},
		{"serve --check", checked{}},
		{"password", passwordLine{}},
		{"doctor", checkup{}},
		{"version", versionRecord{}},
	}
}

// newJSONTopic is what `pastedev help json` prints.
func newJSONTopic() *cobra.Command {
	return &cobra.Command{Use: "json", Short: "What --json prints: the names of all fields", Long: jsonText()}
}

func jsonText() string {
	var b strings.Builder
	b.WriteString(reflow(`With --json a command prints an object a line on standard output, and nothing where
there is nothing to list. These are the fields; a ? marks those that are left out when
there is nothing to say. Fields are added with time; the names of those that are here
stay. A name that ends in _ms is of milliseconds, with decimals, _ns of nanoseconds; a time is as in RFC 3339;
bytes are in base64.

attach --json, and run and serve with --ui=log --format=json, print a line for each event:
the field event is exchange, build, state, notice, error or html. run and serve print it
on standard error, for standard output is their program's.`) + "\n")
	f := jsonFields{seen: map[reflect.Type]bool{}}
	for _, l := range jsonLines() {
		t := reflect.TypeOf(l.line)
		b.WriteString("\n" + l.commands + "\n")
		if f.seen[t] {
			continue
		}
		f.write(&b, t)
	}
	for len(f.named) > 0 { // what the fields above are made of, in the order of their first mention
		t := f.named[0]
		f.named = f.named[1:]
		if !f.seen[t] {
			b.WriteString("\n" + t.Name() + "\n")
			f.write(&b, t)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// jsonFields writes the fields of types.
type jsonFields struct {
	seen  map[reflect.Type]bool
	named []reflect.Type // mentioned and not yet written, perhaps
}

func (f *jsonFields) write(b *strings.Builder, t reflect.Type) {
	f.seen[t] = true
	line := " "
	for i, field := range f.of(t, nil) {
		if i > 0 {
			line += ","
		}
		if len(line)+len(field)+2 > helpWidth {
			b.WriteString(line + "\n")
			line = " "
		}
		line += " " + field
	}
	b.WriteString(line + "\n")
}

// of lists the fields of a struct as "name? type"; those of embedded ones stand among them,
// unless they are hidden by the outer.
func (f *jsonFields) of(t reflect.Type, outer []string) (list []string) {
	var names []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	for field := range t.Fields() {
		if field.Anonymous && field.Tag.Get("json") == "" {
			list = append(list, f.of(field.Type, append(slices.Clone(outer), names...))...)
			continue
		}
		name, rest, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" || slices.Contains(outer, name) {
			continue
		}
		if strings.Contains(rest, "omit") {
			name += "?"
		}
		list = append(list, name+" "+f.typeName(field.Type))
	}
	return list
}

// typeName is a type in the words of JSON.
func (f *jsonFields) typeName(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "time"
	case t == reflect.TypeFor[inspect.Millis]():
		return "number"
	case t == reflect.TypeFor[json.RawMessage]():
		return "object"
	case t == reflect.TypeFor[[]byte]():
		return "bytes"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return f.typeName(t.Elem())
	case reflect.Slice, reflect.Array:
		return "[" + f.typeName(t.Elem()) + "]"
	case reflect.Map:
		return "{name: " + f.typeName(t.Elem()) + "}"
	case reflect.Struct:
		f.named = append(f.named, t)
		return t.Name()
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Interface:
		return "any"
	}
	if t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64 {
		return "number"
	}
	panic(fmt.Sprintf("no word for %v", t))
}
