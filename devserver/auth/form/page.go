package form

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"

	"github.com/pastedev/pastedev/devserver/auth/internal/login"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("login").Parse(pageHTML))

// render returns the built-in page and sets its headers.
func render(h http.Header, p Prompt) []byte {
	nonce := login.Nonce()
	login.SecurePage(h, nonce)
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, struct {
		Prompt
		Nonce string
	}{p, nonce})
	if err != nil { // the template is ours, and a buffer takes everything
		return []byte("the login page cannot be drawn: " + template.HTMLEscapeString(err.Error()))
	}
	return b.Bytes()
}
