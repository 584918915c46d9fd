package cascade_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing/fstest"

	"github.com/pastedev/pastedev/devserver/cascade"
)

func Example() {
	files := http.FileServerFS(fstest.MapFS{"logo.txt": {Data: []byte("a logo")}})
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the app's ", r.URL.Path) })
	c, err := cascade.New(files, app)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/logo.txt", "/cart"} {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 a logo
	// 200 the app's /cart
}
