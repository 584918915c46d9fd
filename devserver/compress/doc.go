// Package compress compresses answers with zstd or gzip, whichever the client prefers,
// and says what compression would save.
//
//	http.ListenAndServe(addr, (&compress.Middleware{}).Handler(app))
//
// Only what gains by it is compressed: text of a kilobyte and more. What a handler has
// encoded itself, parts of a whole (206), answers without a body, event streams, upgrades
// and what is marked no-transform pass as they are, with sendfile where there was one.
// Streams stay streams: each flush of the handler reaches the client, that of a head before
// its body too. Vary is set, an
// entity tag becomes weak (the bytes are others, the content is not), and an answer that
// ends before its announced length is cut off rather than completed. The package never
// holds back more than the first kilobyte of a body.
//
// In Paste this is paste.gzipper.
package compress
