package cas

import (
	"net/url"
	"strings"
	"testing"
)

// What cannot be a ticket is refused here; the server is not asked.
func TestNoTicketIsNotAsked(t *testing.T) {
	f := newServer(t)
	for _, ticket := range []string{"", strings.Repeat("x", maxTicket+1), "a b", "a\r\nb", "\x00", "ü"} {
		c, m := newClient(f.URL)
		if res := get(c.Handler(who), "/?ticket="+url.QueryEscape(ticket)); res.StatusCode != 403 || len(m.ids) != 0 {
			t.Errorf("%.20q: %d", ticket, res.StatusCode)
		}
	}
	if asked := f.validations(); len(asked) > 0 {
		t.Errorf("asked %.200q", asked)
	}
}
