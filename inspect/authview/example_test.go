package authview_test

import (
	"fmt"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/authview"
)

func Example() {
	ex := &inspect.Exchange{Summary: inspect.Summary{URL: "http://localhost:8080/", Start: time.Unix(1700000000, 0)}}
	ex.Request.Header = inspect.Header{
		"Authorization": {"Basic YWxhZGRpbjpvcGVuc2VzYW1l"},
		"Cookie":        {"auth_tkt=ca59a9c423a2329a90a1d973c1f855346553f100bob!"},
	}
	for _, item := range authview.Mask(authview.Decode(ex)) {
		fmt.Println(item.Where(), "-", item.Kind)
		for _, f := range item.Fields {
			fmt.Printf("  %s: %s\n", f.Name, f.Value)
		}
	}
	// Output:
	// request header Authorization - basic
	//   user: aladdin
	//   password: *masked*
	// request cookie auth_tkt - auth_tkt
	//   user: bob
	//   made: 2023-11-14 22:13:20 UTC (0 s after the request)
	//   digest: *masked*
}
