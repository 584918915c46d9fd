package main

import (
	"bytes"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck"
)

// checkSARIF collects findings as one run of SARIF 2.1.0 (OASIS), which code scanning
// services read.
type checkSARIF struct {
	out   io.Writer
	run   sarifRun
	rules map[string]int
	words map[string]string // descriptions of the rules
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver struct {
			Name           string      `json:"name"`
			Version        string      `json:"version"`
			InformationURI string      `json:"informationUri"`
			Rules          []sarifRule `json:"rules"`
		} `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifRule struct {
	ID               string    `json:"id"`
	ShortDescription sarifText `json:"shortDescription"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region sarifRegion `json:"region"`
	} `json:"physicalLocation"`
}

// sarifRegion has lines and columns from 1; columns count characters, the last is exclusive.
type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
	ByteOffset  int `json:"byteOffset"`
	ByteLength  int `json:"byteLength"`
}

var sarifLevels = map[inspect.Severity]string{
	inspect.SeverityError: "error", inspect.SeverityWarning: "warning", inspect.SeverityInfo: "note",
}

func newCheckSARIF(out io.Writer) *checkSARIF {
	w := &checkSARIF{out: out, rules: map[string]int{}, words: map[string]string{}}
	for _, r := range htmlcheck.Rules() {
		w.words[r.Code] = r.Description
	}
	d := &w.run.Tool.Driver
	d.Name, d.Version, d.InformationURI = "pastedev", version(), "https://github.com/pastedev/pastedev"
	d.Rules, w.run.Results, w.run.ColumnKind = []sarifRule{}, []sarifResult{}, "unicodeCodePoints"
	return w
}

func (w *checkSARIF) page(p *checkedPage) error {
	for i := range p.check.Diagnostics {
		d := &p.check.Diagnostics[i]
		rule, ok := w.rules[d.Code]
		if !ok {
			rule = len(w.run.Tool.Driver.Rules)
			w.rules[d.Code] = rule
			w.run.Tool.Driver.Rules = append(w.run.Tool.Driver.Rules, sarifRule{d.Code, sarifText{w.words[d.Code]}})
		}
		r := sarifResult{RuleID: d.Code, RuleIndex: rule, Level: sarifLevels[d.Severity], Message: sarifText{d.Message}}
		var at sarifLocation
		at.Physical.Artifact.URI = sarifURI(p.name)
		at.Physical.Region = sarifRegion{
			StartLine: d.Line, StartColumn: characters(p.doc, d.Start, d.Column-1) + 1,
			EndLine: d.EndLine, EndColumn: characters(p.doc, d.End, d.EndColumn) + 1,
			ByteOffset: d.Start, ByteLength: d.End - d.Start,
		}
		r.Locations = []sarifLocation{at}
		w.run.Results = append(w.run.Results, r)
	}
	return nil
}

func (w *checkSARIF) end() error {
	return encodeJSON(w.out, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{w.run}}, "  ")
}

// characters returns how many characters the last n bytes before an offset are; where the
// document is in another encoding than UTF-8, n.
func characters(doc []byte, offset, n int) int {
	if offset > len(doc) || n > offset || n < 0 {
		return max(n, 0)
	}
	line := doc[offset-n : offset]
	if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
		return n
	}
	return utf8.RuneCount(line)
}

// sarifURI names a file relative to where the check ran, or a page by its URL.
func sarifURI(name string) string {
	if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		return name
	}
	return (&url.URL{Path: filepath.ToSlash(filepath.Clean(name))}).String()
}
