package redact

import (
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// TestSecretsThatGotThrough: what an attack on the masks has found.
func TestSecretsThatGotThrough(t *testing.T) {
	r := new(Redactor)
	long := strings.Repeat("a", 200)
	for name, tt := range map[string]struct{ got, want string }{
		"multipart with bare line feeds": {
			string(r.Body("multipart/form-data; boundary=b", []byte("--b\nContent-Disposition: form-data; name=\"password\"\n\nSECRET\n--b\nContent-Disposition: form-data; name=\"x\"\n\ny\n--b--\n"))),
			"--b\nContent-Disposition: form-data; name=\"password\"\n\n*masked*\n--b\nContent-Disposition: form-data; name=\"x\"\n\ny\n--b--\n"},
		"multipart whose part has no head": {string(r.Body("multipart/mixed; boundary=b", []byte("--b\r\npassword=SECRET\r\n--b--\r\n"))),
			"--b\r\npassword=*masked*\r\n--b--\r\n"},
		"a private key in a text": {r.Text("-----BEGIN RSA PRIVATE KEY-----\nMIIsecret+/=\n-----END RSA PRIVATE KEY-----"),
			"-----BEGIN RSA PRIVATE KEY-----*masked*-----END RSA PRIVATE KEY-----"},
		"a private key in JSON": {string(r.Body("", []byte(`{"note":"-----BEGIN PRIVATE KEY-----\nMIIsecret\n-----END PRIVATE KEY-----"}`))),
			`{"note":"-----BEGIN PRIVATE KEY-----*masked*-----END PRIVATE KEY-----"}`},
		"a public key":             {r.Text("-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----"), "-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----"},
		"an assertion":             {r.form("SAMLResponse=PHNhbWw&RelayState=x"), "SAMLResponse=*masked*&RelayState=x"},
		"a code of OAuth":          {r.URL("http://localhost/cb?code=4%2F0AX4XfWhsecret01&state=x"), "http://localhost/cb?code=*masked*&state=x"},
		"a code in a form":         {r.form("grant_type=authorization_code&code=0123456789abcdef0123"), "grant_type=authorization_code&code=*masked*"},
		"a code of an error":       {r.Text("code=ERR_MODULE_NOT_FOUND code=E-jg28b code=404"), "code=ERR_MODULE_NOT_FOUND code=E-jg28b code=404"},
		"a card":                   {r.form("cvv2=123"), "cvv2=*masked*"},
		"a WebSocket's token":      {r.field("Sec-WebSocket-Protocol", "graphql-ws, bearer, SECRET1"), "graphql-ws, bearer, *masked*"},
		"a WebSocket's long token": {r.field("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io."+long+", v4.channel.k8s.io"), "*masked*, v4.channel.k8s.io"},
		"a WebSocket's protocol":   {r.field("Sec-WebSocket-Protocol", "mqtt, graphql-transport-ws"), "mqtt, graphql-transport-ws"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", name, tt.got, tt.want)
		}
	}
	if h := r.Header(inspect.Header{"Sec-Websocket-Protocol": {"token, SECRET"}}); h["Sec-Websocket-Protocol"][0] != "token, *masked*" {
		t.Errorf("got %v", h)
	}
}
