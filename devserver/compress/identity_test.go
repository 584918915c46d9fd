package compress

import "testing"

// paste.md 4.7: who prefers the body as it is gets it so, and who excludes a coding never
// gets that one.
func TestIdentityIsAnAnswer(t *testing.T) {
	url := start(t, &Middleware{}, page)
	for accept, want := range map[string]string{
		"identity;q=1, gzip;q=0": "", "gzip;q=0, zstd;q=0": "", "*;q=0, identity": "", "gzip;q=0, zstd": "zstd", "zstd;q=0, gzip": "gzip", "gzip;q=0.000": "",
	} {
		res := ask(t, "GET", url, "Accept-Encoding", accept)
		if got := res.Header.Get("Content-Encoding"); got != want || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: encoding %q, want %q, Vary %q", accept, got, want, res.Header.Get("Vary"))
		}
		if got := decode(t, res); got != long {
			t.Errorf("%q: %d bytes, want %d", accept, len(got), len(long))
		}
	}
}
