package pprof

import (
	"context"
	"unsafe"
)

// This file joins package pprof in a build made by pastedev. It labels the goroutine
// and the context of an exchange, and takes the label off again.

// pastedevLabel is the key of the label. Its value is the id of the exchange.
const pastedevLabel = "pastedev_exchange"

// PastedevLabels is what a goroutine had before, and has with the label.
type PastedevLabels struct{ before, during unsafe.Pointer }

// PastedevMark adds the label to what this goroutine has and to what ctx has, which
// need not be the same.
func PastedevMark(ctx context.Context, id string) (context.Context, PastedevLabels) {
	set := Labels(pastedevLabel, id)
	l := PastedevLabels{before: runtime_getProfLabel()}
	with, _ := WithLabels(pastedevContext(l.before), set).Value(labelContextKey{}).(*labelMap)
	l.during = unsafe.Pointer(with)
	runtime_setProfLabel(l.during)
	return WithLabels(ctx, set), l
}

// Restore gives this goroutine the labels that it would have without PastedevMark: what
// it had, or what the program has set since, less ours.
func (l PastedevLabels) Restore() {
	now := runtime_getProfLabel()
	switch now {
	case nil:
	case l.during:
		runtime_setProfLabel(l.before)
	default:
		var rest []string
		ForLabels(pastedevContext(now), func(key, value string) bool {
			if key != pastedevLabel {
				rest = append(rest, key, value)
			}
			return true
		})
		if len(rest) == 0 {
			runtime_setProfLabel(nil)
			return
		}
		SetGoroutineLabels(WithLabels(context.Background(), Labels(rest...)))
	}
}

// pastedevContext returns a context with the labels of a goroutine.
func pastedevContext(labels unsafe.Pointer) context.Context {
	return context.WithValue(context.Background(), labelContextKey{}, (*labelMap)(labels))
}
