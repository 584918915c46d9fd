package tui

import (
	"reflect"

	"charm.land/bubbles/v2/key"
)

// allBindings reads the bindings out of the struct, so that none can be forgotten.
func allBindings(k KeyMap) []key.Binding {
	var out []key.Binding
	v := reflect.ValueOf(k)
	for i := range v.NumField() {
		out = append(out, v.Field(i).Interface().(key.Binding))
	}
	return out
}
