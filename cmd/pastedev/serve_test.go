package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestPrivateAddress asks past the recorder.
func TestPrivateAddress(t *testing.T) {
	v := newServing(&session{}, setup{}, nil)
	w := httptest.NewRecorder()
	v.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusForbidden {
		t.Errorf("%d", w.Code)
	}
}

func TestCertificate(t *testing.T) {
	s := &session{std: stdio{err: io.Discard}, stateDir: t.TempDir(), config: config{Addr: "dev.example:8000"}}
	s.serving = newServing(s, setup{}, nil)
	first, err := s.certificate()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "dev.example"} {
		if err := first.Certificates[0].Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	again, err := s.certificate()
	if err != nil {
		t.Fatal(err)
	}
	if !first.Certificates[0].Leaf.Equal(again.Certificates[0].Leaf) {
		t.Error("a new certificate, though the old one fits")
	}
	s.config.Addr = "other.example:8000"
	other, err := s.certificate()
	if err != nil {
		t.Fatal(err)
	}
	if other.Certificates[0].Leaf.VerifyHostname("other.example") != nil {
		t.Error("the certificate is not for the new host")
	}
}
