// Package query is the one filter language of pastedev: the terminal UI's filter
// line, the command line, the control API and the inspector page all read it.
//
// The one call to make is [Parse]; the [Query] it returns matches exchanges. A wrong
// query is an [*Error] that knows the place and, where there is one, a better word.
//
// # The language
//
//	status:5xx method:POST path:/cart* dur>200ms body~"card \d+" -is:static
//
// Terms side by side must all match; AND may be written between them. OR joins
// alternatives and binds less than AND. NOT or a leading - inverts a term, and
// parentheses group. The three words are operators only in capitals.
//
// A term is a field, an operator and a value; [Fields] lists the fields. The
// operators of text fields are : (contains, without regard to case; with * or ? the
// whole value must match that pattern), = (is exactly), != (is not) and ~ (matches
// the regular expression, RE2 syntax). Those of numbers, sizes and durations are
// : = != > >= < <=. A comma between values of status, method and kind means or.
// Values with spaces or parentheses go into double quotes, in which \" is a quote.
//
// A bare word is looked for in the URL, except that error, replay, slow, slower, static
// and inflight mean is:error and so on; in quotes they are ordinary words.
//
// It never reads a body or a header when the other terms have settled the matter.
package query
