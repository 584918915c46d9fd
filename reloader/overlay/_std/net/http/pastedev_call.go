package http

import agent "internal/syscall" // pastedev puts it there

// This file joins package http in a build made by pastedev. There
// (*Transport).RoundTrip goes through the method below.

// pastedevRoundTrip reports an outgoing request and passes the trace on, on a copy:
// the request is the program's.
func (t *Transport) pastedevRoundTrip(req *Request) (*Response, error) {
	s := agent.StartSpan()
	if s == nil {
		return t.roundTrip(req)
	}
	method, url := req.Method, ""
	if method == "" {
		method = MethodGet
	}
	if req.URL != nil {
		url = req.URL.Redacted()
		s.Calling(method, req.URL.Scheme+"://"+req.URL.Host+req.URL.EscapedPath())
	}
	sent := req
	if req.Header != nil && req.Header["Traceparent"] == nil {
		sent = new(Request)
		*sent = *req
		sent.Header = req.Header.Clone()
		sent.Header["Traceparent"] = []string{s.Traceparent()}
	}
	resp, err := t.roundTrip(sent)
	status := 0
	if resp != nil {
		status = resp.StatusCode
		if resp.Request == sent {
			resp.Request = req
		}
	}
	s.EndCall(method, url, status, err)
	return resp, err
}
