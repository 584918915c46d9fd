package reloader

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastedev/pastedev/inspect"
)

func TestLinkFlags(t *testing.T) {
	for _, tc := range []struct {
		name, goflags string
		flags, want   []string
	}{
		{"none", "", nil, []string{"-ldflags=-compressdwarf=0 -w=1"}},
		{"user's", "", []string{"-race", "-ldflags=-X a.b=c"}, []string{"-race", "-ldflags=-compressdwarf=0 -w=1", "-ldflags=-X a.b=c -compressdwarf=0 -w=1"}},
		{"user's, two words", "", []string{"--ldflags", "-X a.b=c", "-tags=x"}, []string{"-tags=x", "-ldflags=-compressdwarf=0 -w=1", "-ldflags=-X a.b=c -compressdwarf=0 -w=1"}},
		{"GOFLAGS, quoted", "-mod=mod '-ldflags=-X \"a.b=c d\"'", nil, []string{"-ldflags=-compressdwarf=0 -w=1", `-ldflags=-X "a.b=c d" -compressdwarf=0 -w=1`}},
		{"both, the command line is last", "-ldflags=-one", []string{"-ldflags=-two"}, []string{"-ldflags=-compressdwarf=0 -w=1", "-ldflags=-one -compressdwarf=0 -w=1", "-ldflags=-two -compressdwarf=0 -w=1"}},
		{"pattern", "", []string{"-ldflags=all=-X a.b=c"}, []string{"-ldflags=-compressdwarf=0 -w=1", "-ldflags=all=-X a.b=c -compressdwarf=0 -w=1"}},
		{"user wants none", "", []string{"-ldflags=-s -w"}, []string{"-ldflags=-compressdwarf=0 -w=1", "-ldflags=-s -w"}},
		{"user wants it", "", []string{"-ldflags=-w=false"}, []string{"-ldflags=-compressdwarf=0 -w=1", "-ldflags=-w=false"}},
		{"empty value", "", []string{"-ldflags="}, []string{"-ldflags=-compressdwarf=0 -w=1", "-ldflags= -compressdwarf=0 -w=1"}},
		{"broken quote", "", []string{"-ldflags='-X"}, []string{"-ldflags=-compressdwarf=0 -w=1", "-ldflags='-X"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, linkFlags(tc.goflags, tc.flags, false)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBuildFlagsLeaveVCSAlone(t *testing.T) {
	if diff := cmp.Diff([]string{"-ldflags=-compressdwarf=0 -w=1", "-buildvcs=false"}, buildFlags(GoPackage{}, nil, false)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"-ldflags=-compressdwarf=0 -w=1"}, buildFlags(GoPackage{GoFlags: "-buildvcs=true"}, nil, false)); diff != "" {
		t.Error(diff)
	}
}

// event makes a line of go build -json.
func outputOf(pkg string, lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(`{"ImportPath":"` + pkg + `","Action":"build-output","Output":` + quoteJSON(l+"\n") + "}\n")
	}
	b.WriteString(`{"ImportPath":"` + pkg + `","Action":"build-fail"}` + "\n")
	return b.String()
}

func quoteJSON(s string) string {
	return `"` + strings.NewReplacer("\\", `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}

func TestBuildLog(t *testing.T) {
	e := inspect.SeverityError
	for _, tc := range []struct {
		name, stdout, stderr string
		want                 []inspect.Diagnostic
		compiled             []string
		output               string
	}{
		{
			name:     "compiler, two in one package",
			stdout:   outputOf("m/lib", "m/lib", "# m/lib", "lib/l.go:2:23: cannot use x", "\thave int", "\twant string", "lib/l.go:9:1: syntax error: unexpected }", "too many errors"),
			compiled: []string{"m/lib"},
			want: []inspect.Diagnostic{
				{Severity: e, Code: "compile", File: "lib/l.go", Line: 2, Column: 23, Message: "cannot use x\n\thave int\n\twant string"},
				{Severity: e, Code: "syntax", File: "lib/l.go", Line: 9, Column: 1, Message: "syntax error: unexpected }"},
			},
			output: "too many errors\n",
		},
		{
			name:   "position in a rewritten file",
			stdout: outputOf("m", "# m", "b.go:3:19: goto L jumps over x at ./b.go:3:24[/m/.pastedev/overlay/calls/8d04fafd2523b7e04f93c421442f28e4.go:3:135], s[x.go:1:2]"),
			want:   []inspect.Diagnostic{{Severity: e, Code: "compile", File: "b.go", Line: 3, Column: 19, Message: "goto L jumps over x at ./b.go:3:24, s[x.go:1:2]"}},
		},
		{
			name:   "missing package",
			stdout: outputOf("nope.com/x", "lib/l.go:3:8: no required module provides package nope.com/x; to add it:", "\tgo get nope.com/x"),
			want: []inspect.Diagnostic{{Severity: e, Code: "list", File: "lib/l.go", Line: 3, Column: 8,
				Message: "no required module provides package nope.com/x; to add it:\n\tgo get nope.com/x"}},
		},
		{
			name:   "import cycle",
			stdout: outputOf("m/lib", "package m", "\timports m/lib from main.go", "\timports m/lib from l.go: import cycle not allowed"),
			want: []inspect.Diagnostic{{Severity: e, Code: "list",
				Message: "package m\n\timports m/lib from main.go\n\timports m/lib from l.go: import cycle not allowed"}},
		},
		{
			name:   "linker",
			stdout: outputOf("m", "# m", "main.main: relocation target m.f not defined"),
			want:   []inspect.Diagnostic{{Severity: e, Code: "link", Message: "main.main: relocation target m.f not defined"}},
		},
		{
			name:   "C compiler's warning, then error",
			stdout: outputOf("m", "# m", "c.c:3:5: warning: unused", "c.c:4:5: error: no such thing"),
			want: []inspect.Diagnostic{
				{Severity: inspect.SeverityWarning, Code: "compile", File: "c.c", Line: 3, Column: 5, Message: "unused"},
				{Severity: e, Code: "compile", File: "c.c", Line: 4, Column: 5, Message: "error: no such thing"},
			},
		},
		{
			name: "go.mod", stderr: "go: errors parsing go.mod:\ngo.mod:3: unknown directive: bogus\n",
			want:   []inspect.Diagnostic{{Severity: e, Code: "list", File: "go.mod", Line: 3, Message: "unknown directive: bogus"}},
			output: "go: errors parsing go.mod:\n",
		},
		{
			name: "bare", stderr: "go: downloading x v1\ngo: updates to go.mod needed; to update it:\n\tgo mod tidy\n",
			want:   []inspect.Diagnostic{{Severity: e, Code: "list", Message: "updates to go.mod needed; to update it:\n\tgo mod tidy"}},
			output: "go: downloading x v1\n",
		},
		{name: "not JSON", stdout: "hello\n", output: "hello\n"},
		{
			name:   "said twice",
			stdout: outputOf("m", "# m", "a.go:1: x", "a.go:1: x"),
			want:   []inspect.Diagnostic{{Severity: e, Code: "compile", File: "a.go", Line: 1, Message: "x"}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newBuildLog("/m", "/m")
			var compiled []string
			var emitted []inspect.Diagnostic
			l.compiling = func(p string) { compiled = append(compiled, p) }
			l.emit = func(d inspect.Diagnostic) { emitted = append(emitted, d) }
			l.read(strings.NewReader(tc.stdout))
			l.stderr(tc.stderr, tc.stderr != "")
			if diff := cmp.Diff(tc.want, l.found, cmpopts.IgnoreFields(inspect.Diagnostic{}, "Path", "Context")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(l.found, emitted); diff != "" {
				t.Errorf("emitted: %s", diff)
			}
			if diff := cmp.Diff(tc.compiled, compiled); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.output, strings.TrimLeft(l.output.String(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzBuildLog(f *testing.F) {
	f.Add(outputOf("m", "m", "# m", "a.go:1:2: x", "\ty"))
	f.Add("a.go:1:2: not json\n{\"ImportPath\":1}\n")
	f.Add(outputOf("m [m.test]", "C:\\a\\b.go:99999999999999999999:1: x"))
	f.Fuzz(func(t *testing.T, text string) {
		l := newBuildLog("/nonexistent", "/nonexistent")
		l.read(strings.NewReader(text))
		l.stderr(text, true)
		if len(l.found) > maxDiagnostics || l.output.Len() > maxBuildOutput+1 {
			t.Errorf("%d diagnostics, %d bytes of output", len(l.found), l.output.Len())
		}
		for _, d := range l.found {
			if d.Line < 0 || d.Column < 0 || len(d.Message) > 2*maxDiagnosticLen+maxBuildOutput {
				t.Errorf("diagnostic %+v", d)
			}
		}
	})
}

func TestSyntaxErrorsWaitForTheRest(t *testing.T) {
	dir := writeModule(t, map[string]string{"a.go": "package a\nfunc F( {}\n", "b.go": "package a\n"})
	got := syntaxErrors(t.Context(), dir, []string{"a.go", "b.go", "gone.go", "x.css"})
	if len(got) == 0 || got[0].File != "a.go" || got[0].Line != 2 || got[0].Code != codeSyntax {
		t.Errorf("got %+v", got)
	}
}
