package inspect

// HTMLCheck is what the HTML check found in one answer.
type HTMLCheck struct {
	// Diagnostics are in the order of the document. Findings of one warning's rule are
	// one Diagnostic with a Count.
	Diagnostics []Diagnostic `json:"diagnostics"`
	// Errors, Warnings and Infos count all findings, also those that were too many to keep.
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
	// New counts the errors that this URL did not have under the build before.
	New int `json:"new,omitempty"`
	// Suppressed counts what the page's own comments or the configuration said not to tell.
	Suppressed int `json:"suppressed,omitempty"`
	// Fragment says that the answer was checked as a piece of a page, XHTML that it was
	// checked by the rules of XML.
	Fragment bool `json:"fragment,omitempty"`
	XHTML    bool `json:"xhtml,omitempty"`
	// Bytes were checked; Partial says that the body is longer.
	Bytes   int64  `json:"bytes"`
	Partial bool   `json:"partial,omitempty"`
	Took    Millis `json:"took_ms"`
	// Nu says how the external checker fared: "" not asked, "ok", or why it is missing.
	Nu string `json:"nu,omitempty"`
}
