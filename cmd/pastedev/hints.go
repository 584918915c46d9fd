package main

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/devserver/compress"
	"github.com/pastedev/pastedev/inspect"
)

// worthSaving is from how many bytes on it is worth a word that an answer is not
// compressed: less than a packet or two makes no difference.
const worthSaving = 4 << 10

// hints says what could be better about an exchange as a whole.
func hints(ex *inspect.Exchange) []inspect.Diagnostic {
	if ex.ResponseFrom != inspect.FromTarget || ex.Kind != inspect.KindHTTP || ex.Parent != "" {
		return nil // what a sub-request answers is compressed, or not, with what it is for
	}
	b := ex.Response.Body
	saved, ok := compress.WouldSave(ex.ContentType, ex.Response.Header.Get("Content-Encoding"), b.Data)
	if !ok || saved < worthSaving {
		return nil
	}
	what := inspect.FormatSize(int64(len(b.Data)))
	if b.Truncated {
		what = "the first " + what
	}
	return []inspect.Diagnostic{{
		Severity: inspect.SeverityInfo, Code: "compress/would-save",
		Message: fmt.Sprintf("compression would save %s of %s: the answer has no Content-Encoding", inspect.FormatSize(saved), what),
	}}
}

// hintText is what `show` says of the hints.
func hintText(ex *inspect.Exchange) string {
	var list []string
	for _, d := range ex.Hints {
		list = append(list, oneLine(d.Message))
	}
	return strings.Join(list, "; ")
}
