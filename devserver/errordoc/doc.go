// Package errordoc answers failures with pages of the application: the answer keeps its
// status, the page gives the body.
//
//	pages := &errordoc.Middleware{Pages: map[int]string{404: "/errors/404.html", errordoc.ServerErrors: "/errors/5xx.html"}}
//	http.ListenAndServe(addr, pages.Handler(app))
//
// It decides when the application sends its status and asks for the page right then, so
// nothing is buffered: either the page is sent and what else the application writes is
// dropped, or, if there is no such page or it fails itself, the application's own body
// goes through. A handler that holds a lock while it sends an error therefore must not
// need it for the page. Clients that do not ask for HTML, scripts above all, get the
// application's answer, and a page never gets an error page of its own.
//
// In Paste this is paste.errordocument.
package errordoc
