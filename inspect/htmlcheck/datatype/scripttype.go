package datatype

import "strings"

// ScriptKind says what a script element is by its type attribute (4.12.1).
type ScriptKind uint8

// The kinds of scripts.
const (
	ClassicScript ScriptKind = iota
	ModuleScript
	ImportMap
	SpeculationRules
	DataBlock
)

// ScriptKindOf returns the kind for the value of a type attribute; "" stands also for none.
func ScriptKindOf(value string) ScriptKind {
	switch {
	case value == "" || IsJavaScriptType(value):
		return ClassicScript
	case equalFold(value, "module"):
		return ModuleScript
	case equalFold(value, "importmap"):
		return ImportMap
	case equalFold(value, "speculationrules"):
		return SpeculationRules
	}
	return DataBlock
}

const javaScriptTypes = " application/ecmascript application/javascript application/x-ecmascript application/x-javascript" +
	" text/ecmascript text/javascript text/javascript1.0 text/javascript1.1 text/javascript1.2 text/javascript1.3" +
	" text/javascript1.4 text/javascript1.5 text/jscript text/livescript text/x-ecmascript text/x-javascript "

// IsJavaScriptType reports a JavaScript MIME type essence, in any case.
func IsJavaScriptType(value string) bool { return hasWord(javaScriptTypes, value) }

// checkScriptType checks the type attribute of script. That a type says nothing more than the
// default does is not its business.
func checkScriptType(v string) *Problem {
	if ScriptKindOf(v) != DataBlock {
		return nil
	}
	essence, _, params := strings.Cut(v, ";")
	if IsJavaScriptType(strings.TrimSpace(essence)) && (params || len(essence) != len(strings.TrimSpace(essence))) {
		return &Problem{Rule: "attr-value/script-type", Message: "has more than a JavaScript MIME type, so that browsers do not run the script: write nothing but text/javascript, or leave the attribute out"}
	}
	if !isDataBlockType(v) {
		return &Problem{Rule: "attr-value/script-type", Message: "is no MIME type; it must be module, importmap, speculationrules, or for data a type such as application/json"}
	}
	return nil
}

// isDataBlockType reports a valid MIME type string with at least a type and a subtype.
func isDataBlockType(v string) bool {
	i := mimeToken(v, 0)
	if i == 0 || i == len(v) || v[i] != '/' {
		return false
	}
	j := mimeToken(v, i+1)
	if j == i+1 {
		return false
	}
	for i = skipSpace(v, j); i < len(v); i = skipSpace(v, j) {
		if v[i] != ';' {
			return false
		}
		i = skipSpace(v, i+1)
		j = mimeToken(v, i)
		if j == i || j == len(v) || v[j] != '=' {
			return false
		}
		i = j + 1
		if i < len(v) && v[i] == '"' {
			end := strings.IndexByte(v[i+1:], '"')
			if end < 0 {
				return false
			}
			j = i + end + 2
			continue
		}
		if j = mimeToken(v, i); j == i {
			return false
		}
	}
	return true
}

// mimeToken returns where the HTTP token that begins at i ends.
func mimeToken(v string, i int) int {
	for i < len(v) && (isAlpha(v[i]) || isDigit(v[i]) || strings.IndexByte("!#$%&'*+-.^_`|~", v[i]) >= 0) {
		i++
	}
	return i
}
