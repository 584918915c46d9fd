package overlay

// handlerHooks make a request of pastedev's proxy an exchange for as long as its
// handler runs. serverHandler is where HTTP/1 and HTTP/2 come together; their
// responses are two types, and HTTP/2 moved to a package of its own in Go 1.27.
func handlerHooks() []Hook {
	const handler = "following requests"
	const h2 = "sums of HTTP/2 responses"
	return []Hook{
		{
			Name: "handler", Feature: handler, Package: "net/http", Needs: attribution,
			Edits: []Edit{
				{
					Anchor: "serverHandler.ServeHTTP",
					Want:   "func(rw ResponseWriter, req *Request)",
					Change: around("handler.ServeHTTP(rw, req)",
						"pastedev := pastedevServe(rw, req); defer pastedevServed(pastedev, rw); ", "; pastedev.Returned()"),
				},
				{Anchor: "type response", Want: "struct", Change: addField("pastedev *pastedevExchange")},
				{
					Anchor: "(*chunkWriter).writeHeader",
					Want:   "func(p []byte)",
					Change: around("w.conn.bufw.Write(crlf)", "pastedevSums(w.pastedev, w.conn.bufw); ", ""),
				},
			},
			Files: []string{"net/http/pastedev_handler.go"},
		},
		{
			Name: "handler", Feature: h2, Package: "net/http/internal/http2", Needs: handler,
			Edits: h2Edits("responseWriterState"),
			Files: []string{"net/http/internal/http2/pastedev_http2.go", "net/http/pastedev_h2.go"},
			Or: []Hook{{
				Feature: h2, Package: "net/http",
				Edits: h2Edits("http2responseWriterState"),
				Files: []string{"net/http/pastedev_h2bundle.go"},
			}},
		},
	}
}

// h2Edits adds the sums after all that the library does to the fields.
func h2Edits(state string) []Edit {
	return []Edit{
		{Anchor: "type " + state, Want: "struct", Change: addField("pastedev *pastedevExchange")},
		{
			Anchor: "(*" + state + ").writeChunk",
			Want:   "func(p []byte) (n int, err error)",
			Change: around("endStream := (rws.handlerDone && !rws.hasTrailers() && len(p) == 0) || isHeadResp", "rws.pastedevHead(); ", ""),
		},
	}
}
