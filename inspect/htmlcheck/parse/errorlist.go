package parse

import "sort"

// defaultMaxErrors bounds the errors kept of one document: a reader is served by far fewer,
// and a hostile megabyte of U+0000 must not make a hundred of errors.
const defaultMaxErrors = 10_000

// errorList collects errors up to a limit; one error more says that there were others.
type errorList struct {
	list []Error
	max  int // 0 means defaultMaxErrors
	full bool
}

func (l *errorList) add(e Error) {
	limit := l.max
	if limit == 0 {
		limit = defaultMaxErrors
	}
	switch {
	case len(l.list) < limit:
		l.list = append(l.list, e)
	case !l.full:
		l.full = true
		l.list = append(l.list, Error{Code: TooManyErrors, Span: e.Span, At: e.At, Related: -1})
	}
}

// sort puts the errors into the order of the document.
func (l *errorList) sort() {
	sort.SliceStable(l.list, func(i, j int) bool { return l.list[i].At < l.list[j].At })
}
