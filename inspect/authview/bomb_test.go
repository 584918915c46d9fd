package authview

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// TestCookieOfGobKeys: a cookie of some hundred bytes, which any client can send, whose gob
// would take gigabytes as JSON, is shown as bytes.
func TestCookieOfGobKeys(t *testing.T) {
	gob := []byte{14, 0xff, 129, 4, 1, 2, 0xff, 130, 0, 1, 0xff, 130, 1, 4, 0, 0}
	value := []byte{0xff, 130, 0}
	for range 39 {
		value = append(value, 1)
	}
	value = append(value, 0)
	for range 39 {
		value = append(value, 2)
	}
	gob = append(append(gob, byte(len(value))), value...)
	cookie := base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "1700000000|%s|%032d", base64.URLEncoding.EncodeToString(gob), 0))
	ex := &inspect.Exchange{}
	ex.Start, ex.URL = time.Unix(1700000000, 0), "http://localhost/"
	ex.Request.Header = inspect.Header{"Cookie": {"s=" + cookie}}
	items := Decode(ex)
	if len(items) != 1 || items[0].Format != "gorilla/securecookie" || !items[0].Fields[0].Secret {
		t.Fatalf("got %+v", items)
	}
}
