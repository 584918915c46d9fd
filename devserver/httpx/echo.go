package httpx

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"
)

// EchoLimit is how much of a body [Echo] returns unless told otherwise: what one still
// reads.
const EchoLimit = 1 << 20

// Echo answers every request with that request: as text, or as JSON if the Accept header
// prefers it or the query says format=json. It reads the body to its end, keeps Limit
// bytes of it and names its whole length.
type Echo struct {
	Limit   int64          // bytes of the body that are returned; 0 means EchoLimit
	Trusted []netip.Prefix // proxies that ExternalURL believes; none if empty
}

// Echoed is what [Echo] says of a request, and its JSON.
type Echoed struct {
	Method     string      `json:"method"`
	URL        string      `json:"url"` // as the client sees it
	RequestURI string      `json:"requestURI"`
	Proto      string      `json:"proto"`
	Host       string      `json:"host"`
	RemoteAddr string      `json:"remoteAddr"`
	MountPoint string      `json:"mountPoint,omitempty"`
	Path       string      `json:"path"` // below the mount point, decoded
	Query      []Param     `json:"query,omitempty"`
	Header     http.Header `json:"header"`
	Cookies    []Cookie    `json:"cookies,omitempty"`
	Transfer   []string    `json:"transferEncoding,omitempty"`
	Length     int64       `json:"contentLength"` // as announced; -1 if it was not
	TLS        *EchoedTLS  `json:"tls,omitempty"`
	Body       string      `json:"body"`
	Base64     bool        `json:"bodyIsBase64,omitempty"` // the body is not UTF-8
	BodySize   int64       `json:"bodySize"`               // as received
	Truncated  bool        `json:"bodyTruncated,omitempty"`
	BodyError  string      `json:"bodyError,omitempty"`
	Trailer    http.Header `json:"trailer,omitempty"`
}

// EchoedTLS is what [Echo] says of a connection.
type EchoedTLS struct {
	Version    string `json:"version"`
	Cipher     string `json:"cipher"`
	ServerName string `json:"serverName,omitempty"`
	Protocol   string `json:"protocol,omitempty"` // of ALPN
	Client     string `json:"client,omitempty"`   // the subject of the client's certificate
	Resumed    bool   `json:"resumed,omitempty"`
}

func (e Echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := e.read(r)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	AddVary(w.Header(), "Accept")
	asJSON := Negotiate(strings.Join(r.Header.Values("Accept"), ","), "text/plain", "application/json") == "application/json"
	switch r.URL.Query().Get("format") {
	case "json":
		asJSON = true
	case "text":
		asJSON = false
	}
	var out bytes.Buffer
	if asJSON {
		w.Header().Set("Content-Type", "application/json")
		enc := json.NewEncoder(&out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(x); err != nil {
			http.Error(w, "encode the request: "+err.Error(), http.StatusInternalServerError)
			return
		}
	} else {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		x.text(&out)
	}
	w.Header().Set("Content-Length", fmt.Sprint(out.Len()))
	_, _ = w.Write(out.Bytes()) // the client left
}

// read takes the request apart, the body first: the trailer comes after it.
func (e Echo) read(r *http.Request) Echoed {
	limit := e.Limit
	if limit <= 0 {
		limit = EchoLimit
	}
	x := Echoed{
		Method: r.Method, URL: ExternalURL(r, e.Trusted).String(), RequestURI: r.RequestURI, Proto: r.Proto, Host: r.Host,
		RemoteAddr: r.RemoteAddr, MountPoint: MountPoint(r.Context()), Path: r.URL.Path, Query: ParseQuery(r.URL.RawQuery),
		Header: r.Header, Cookies: Cookies(r.Header), Transfer: r.TransferEncoding, Length: r.ContentLength, TLS: echoedTLS(r.TLS),
	}
	if r.Body != nil {
		body, err := io.ReadAll(io.LimitReader(r.Body, limit))
		x.BodySize = int64(len(body))
		if err == nil {
			var more int64
			more, err = io.Copy(io.Discard, r.Body)
			x.BodySize, x.Truncated = x.BodySize+more, more > 0
		}
		if err != nil && !errors.Is(err, io.EOF) {
			x.BodyError = err.Error()
		}
		if x.Body = string(body); !utf8.Valid(body) {
			x.Body, x.Base64 = base64.StdEncoding.EncodeToString(body), true
		}
	}
	x.Trailer = r.Trailer
	return x
}

func echoedTLS(s *tls.ConnectionState) *EchoedTLS {
	if s == nil {
		return nil
	}
	t := &EchoedTLS{
		Version: tls.VersionName(s.Version), Cipher: tls.CipherSuiteName(s.CipherSuite),
		ServerName: s.ServerName, Protocol: s.NegotiatedProtocol, Resumed: s.DidResume,
	}
	if len(s.PeerCertificates) > 0 {
		t.Client = s.PeerCertificates[0].Subject.String()
	}
	return t
}

// text writes the request as it was on the wire, after a few lines of what was not.
func (x Echoed) text(out *bytes.Buffer) {
	fmt.Fprintf(out, "# %s from %s\n", x.URL, x.RemoteAddr)
	if x.MountPoint != "" {
		fmt.Fprintf(out, "# mounted at %s, path %q\n", x.MountPoint, x.Path)
	}
	if t := x.TLS; t != nil {
		fmt.Fprintf(out, "# %s %s", t.Version, t.Cipher)
		for _, s := range [][2]string{{"for", t.ServerName}, {"speaks", t.Protocol}, {"client", t.Client}} {
			if s[1] != "" {
				fmt.Fprintf(out, ", %s %q", s[0], s[1])
			}
		}
		out.WriteByte('\n')
	}
	for _, c := range x.Cookies {
		if c.Problem != "" {
			fmt.Fprintf(out, "# cookie %q: %s\n", c.Name, c.Problem)
		}
	}
	fmt.Fprintf(out, "%s %s %s\nHost: %s\n", x.Method, x.RequestURI, x.Proto, x.Host)
	if len(x.Transfer) > 0 {
		fmt.Fprintf(out, "Transfer-Encoding: %s\n", strings.Join(x.Transfer, ", "))
	}
	writeHeader(out, x.Header)
	out.WriteByte('\n')
	if x.Base64 {
		fmt.Fprintf(out, "# %d bytes that are not UTF-8, in base64\n", x.BodySize)
	}
	out.WriteString(x.Body)
	if x.Body != "" && !strings.HasSuffix(x.Body, "\n") {
		out.WriteByte('\n')
	}
	if x.Truncated {
		fmt.Fprintf(out, "# the first part of %d bytes\n", x.BodySize)
	}
	if x.BodyError != "" {
		fmt.Fprintf(out, "# the body ended after %d bytes: %s\n", x.BodySize, x.BodyError)
	}
	if len(x.Trailer) > 0 {
		out.WriteByte('\n')
		writeHeader(out, x.Trailer)
	}
}

func writeHeader(out *bytes.Buffer, h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[name] {
			fmt.Fprintf(out, "%s: %s\n", name, v)
		}
	}
}
