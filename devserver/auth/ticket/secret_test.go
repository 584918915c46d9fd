package ticket

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// An empty secret is everybody's: it verifies nothing, wherever it stands.
func TestEmptySecretVerifiesNothing(t *testing.T) {
	for _, h := range hashes {
		forged := Ticket{User: "mallory", Issued: time.Now(), Hash: h}
		cookie := fmt.Sprintf("%s%08xmallory!", forged.digest(""), forged.Issued.Unix())
		for _, secrets := range [][]string{{""}, {"s", ""}, {"", "s"}} {
			if got, err := Parse(cookie, secrets...); !errors.Is(err, ErrDigest) {
				t.Errorf("%s, secrets %q: taken as %+v, %v", h, secrets, got, err)
			}
		}
	}
}
