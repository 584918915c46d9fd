// Package prints shows in a page what was printed while the page was made. It is for
// programs that import us; `pastedev run` does the same from outside.
//
//	capture := &prints.Capture{}
//	slog.SetDefault(slog.New(prints.Slog(slog.Default().Handler())))
//	http.ListenAndServe(addr, capture.Handler(mux))
//
// There are two levels of certainty, and each line says which one it has:
//
//   - exact: what is written to [Writer] or logged through [Slog] with the request's
//     context belongs to that request, however many run at a time;
//   - by time: what is written to [Capture.Shared], which knows no context, belongs to the
//     request only if it was alone; else the line names all requests it may come from.
//
// A page of a request that printed nothing is not changed by a single byte, nor is anything
// but HTML. It keeps nothing after the request and prints nothing by itself.
//
// Its Paste ancestor is paste.debug.prints.
package prints
