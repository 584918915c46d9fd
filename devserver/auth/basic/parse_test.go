package basic

import "testing"

// What no user types is refused before anybody looks a user up, so that it reaches neither
// the look-up (a file, a directory service) nor the log.
func TestParseRefuses(t *testing.T) {
	for _, s := range []string{"bing\x00:gnib", "bing:gnib\n", "\x1b[2J:x", "bing:\x7f", "b\u009b2Jng:gnib", "b\xffng:gnib", "bing:p\xe4ss", "bing", ""} {
		if user, password, complaint := parse(encoded(s)); complaint == "" || user != "" || password != "" {
			t.Errorf("%q: user %q, password %q, %q", s, user, password, complaint)
		}
	}
}
