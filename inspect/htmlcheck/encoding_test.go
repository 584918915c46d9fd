package htmlcheck

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckEncoding(t *testing.T) {
	const doc, meta = "<!DOCTYPE html><html lang=en><title>t</title><p>\xc3\xa9", "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>t</title><p>\xc3\xa9"
	tests := []struct {
		name, doc, contentType string
		shape                  Shape
		want                   []string
	}{
		{"a file", doc, "", Page, nil},
		{"declared by the header", doc, "text/html; charset=utf-8", Page, nil},
		{"declared by the page", meta, "text/html", Page, nil},
		{"not declared", doc, "text/html", Page, []string{"1:1 warning encoding/not-declared"}},
		{"a piece is in the page's encoding", "<p>x", "text/html", Fragment, nil},
		{"legacy", doc, "text/html; charset=koi8-r", Page, []string{"1:1 error encoding/legacy-encoding"}},
		{"an unknown one", meta, "text/html; charset=klingon", Page, []string{"1:1 error encoding/unknown-encoding"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := brief(Check([]byte(tt.doc), Options{ContentType: tt.contentType, Shape: tt.shape, Ignore: []string{"a11y", "outline"}}))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
