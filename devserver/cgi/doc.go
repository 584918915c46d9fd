// Package cgi serves CGI 1.1 programs (RFC 3875): a [Handler] runs one program, a [Dir]
// a folder of them. The one call:
//
//	http.ListenAndServe(addr, &cgi.Handler{Path: "./hello.cgi"})
//
// Bodies stream both ways; only a request of unknown length is spooled first, because a
// program must be told CONTENT_LENGTH. A program that hangs is ended after a silence, one
// whose client has gone at once, with all the processes it started; what a program that has
// ended by itself left running goes on, and holds no answer back. What it said on
// stderr, how it ended, how long it took and what it was given is told to Handler.Done. A
// program that cannot be started, or whose answer is not one, is answered for by a page
// (or a problem document, or text) that says what is wrong and in which line.
//
// It never hands on the environment of this process beyond a short list, a Proxy field
// (httpoxy), a field name that could be taken for another, or words of the query as
// arguments. It runs no nph- programs, looks up no names, and serves nothing outside its
// folder, nor hidden files.
//
// On Windows, where a program has no process group with signals, the tree of its
// processes is ended by taskkill, and "#!" lines are followed by the interpreter's name.
//
// In Paste this is paste.cgiapp.
package cgi
