package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"time"
)

// testServer is the web server that scripts run as a target which is no Go package:
//
//	testserver [ADDRESS [NAME]]
//
// It listens at ADDRESS, or at 127.0.0.1:$PORT, and the first line it prints is NAME.
// With the ADDRESS "own" it takes a free port and tells nobody.
func testServer() {
	addr := net.JoinHostPort(cmp.Or(os.Getenv("HOST"), "127.0.0.1"), os.Getenv("PORT"))
	if len(os.Args) > 1 && os.Args[1] == "own" {
		addr = "127.0.0.1:0"
	} else if len(os.Args) > 1 {
		addr = os.Args[1]
	}
	if len(os.Args) > 2 {
		fmt.Println(os.Args[2])
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(l, testRoutes()))
}

// tlsServer serves HTTPS at the address that is its one argument.
func tlsServer() {
	l, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	like := httptest.NewUnstartedServer(nil) // holds a certificate, and a socket that is given up
	like.StartTLS()
	like.Listener.Close()
	log.Fatal(http.Serve(tls.NewListener(l, &tls.Config{Certificates: like.TLS.Certificates}), testRoutes()))
}

const testPage = "<!doctype html><html><head><title>page</title></head><body>a page</body></html>"

// testRoutes is one route for each sort of answer.
func testRoutes() http.Handler {
	mux := http.NewServeMux()
	html := func(path, text string, more ...string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			for i := 0; i < len(more); i += 2 {
				w.Header().Set(more[i], more[i+1])
			}
			io.WriteString(w, text)
		})
	}
	html("/page", testPage, "ETag", `"v1"`)
	html("/csp", testPage, "Content-Security-Policy", "script-src 'self'")
	html("/broken", "<!doctype html><html lang=en><head><title>page</title></head><body><h1>x</h1></i></b></body></html>")
	html("/fragment", "<li>a row</li>")
	html("/download", testPage, "Content-Disposition", "attachment; filename=a.html")
	mux.HandleFunc("/gzip", func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, testPage)
		z.Close()
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(b.Bytes())
	})
	mux.HandleFunc("/echo", echoRequest)
	mux.Handle("/cas/", &fakeCAS{tickets: map[string]string{}})
	mux.Handle("/session", keepsSessions())
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "letters.txt", time.Unix(1e9, 0), strings.NewReader("abcdefghijklmnopqrstuvwxyz"))
	})
	mux.HandleFunc("/trailer", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "with a trailer")
		w.(http.Flusher).Flush()
		w.Header().Set("X-Sum", "42")
	})
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "crumb", Value: "oat", Path: "/", HttpOnly: true})
		http.Redirect(w, r, "http://elsewhere.example/there", http.StatusFound)
	})
	mux.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("n"))
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Length", strconv.Itoa(n))
		w.Write(bytes.Repeat([]byte("x"), n))
	})
	mux.HandleFunc("/env", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s=%s\n", r.FormValue("name"), os.Getenv(r.FormValue("name")))
	})
	mux.HandleFunc("/die", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(os.Stderr, "the boiler is out of steam")
		os.Exit(3)
	})
	return mux
}

// echoRequest answers with what came: method, Host, fields and body.
func echoRequest(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/plain")
	fmt.Fprintf(w, "%s %s\nHost: %s\n", r.Method, r.URL, r.Host)
	r.Header.Write(w)
	fmt.Fprintf(w, "\n%s\n", body)
}
