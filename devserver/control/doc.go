// Package control is how everything outside the request path asks pastedev for
// what it knows and tells it what to do: the terminal UI, the command line, the
// inspector page and agents all speak through it, with the same verbs.
//
// Inside the process that means a [Service]. Across processes it means a [Server]
// in front of the service and a [Client] with the service's own method set, so
// that a caller cannot tell them apart. [Find] locates the instance that serves a
// folder.
//
//	svc := control.NewService(control.Options{Store: store, Status: status, ...})
//	srv, err := control.Listen(ctx, svc, control.ServerOptions{StateDir: dir})
//	defer srv.Close()
//
//	inst, err := control.Find(".")
//	client := control.NewClient(inst)
//
// # The API, version 1
//
// Fields are only ever added within a version. Times are RFC 3339, durations are
// milliseconds in fields that end in _ms, bodies are base64 in JSON. Whatever is
// secret by the redactor's rules is masked, unless a route takes reveal=1 and the
// caller says so.
//
//	GET  /api/v1/                 the routes of this version
//	GET  /api/v1/status           inspect.Status
//	GET  /api/v1/exchanges        inspect.List; q= before= after= limit= (1..1000, default 100) oldest=1;
//	                              without q=: roots=1 leaves out sub-requests, but for those of open= (ids, commas between)
//	GET  /api/v1/exchanges/{id}   inspect.Exchange without body data; body=1 adds it; reveal=1
//	                              an unambiguous prefix of an id will do; children are its sub-requests, as summaries
//	GET  /api/v1/exchanges/{id}/request/body
//	GET  /api/v1/exchanges/{id}/response/body
//	                              the kept body with its content coding undone; raw=1 as sent;
//	                              offset= length= (default 65536, 0 the rest); reveal=1.
//	                              Pastedev-Body-Total: bytes that can be had
//	                              Pastedev-Body-Truncated: 1 when more went by than was kept
//	                              Pastedev-Body-Note: why the coding could not be undone
//	GET  /api/v1/exchanges/{id}/pretty
//	                              both bodies laid out for reading: {"request":Pretty,"response":Pretty};
//	                              width= (default 100); reveal=1
//	GET  /api/v1/exchanges/{id}/curl
//	                              the request as a curl command line; reveal=1
//	GET  /api/v1/exchanges/{id}/credentials
//	                              {"items":[authview.Item]}: tokens, tickets, cookies in readable form; reveal=1
//	GET  /api/v1/sessions         {"items":[authview.Session]}: those that the app keeps in files, the last to expire first;
//	                              limit= (1..1000, default 100); reveal=1
//	GET  /api/v1/sessions/{id}    authview.Session; {id} may be its first 8 digits or more; reveal=1
//	POST /api/v1/sessions/{id}/forget
//	                              ends a session: requests with its cookie have none from now on; {}
//	GET  /api/v1/exchanges/{id}/calltree
//	                              inspect.CallTree; no other route and no event has it
//	GET  /api/v1/exchanges/{id}/calltree/text
//	                              indented, for a terminal; width= (default 100, 0 no limit)
//	GET  /api/v1/exchanges/{id}/calltree/folded
//	GET  /api/v1/exchanges/{id}/calltree/speedscope
//	GET  /api/v1/exchanges/{id}/calltree/pprof
//	                              files for flamegraph.pl, speedscope and go tool pprof
//	GET  /api/v1/exchanges/{id}/goroutines
//	                              the stacks of its goroutines at this moment as text, none when it has none
//	GET  /api/v1/profiles         {"items":[inspect.Profile]}, newest first; limit= (1..500, default 50); exchange= of this one only
//	GET  /api/v1/profiles/{id}    inspect.Profile
//	GET  /api/v1/profiles/{id}/data
//	                              the file for go tool pprof, or go tool trace when its kind is trace
//	GET  /api/v1/profiles/{id}/top
//	                              {"items":[inspect.ProfileRow]}, largest first; n= (1..10000, default 50)
//	GET  /api/v1/compare          inspect.Comparison; before= after= of two exchanges, after= alone for its route before and
//	                              since the last build, or route= ("GET /cart/{}") for the same
//	GET  /api/v1/builds           {"items":[inspect.Build]}, newest first; limit= (default 50)
//	GET  /api/v1/outputs          {"items":[inspect.Output]}, in order; after= limit= (default 1000)
//	GET  /api/v1/traces           {"items":[inspect.Trace]}, newest first, as outlines: frames cut to the failing one,
//	                              without source and variables; limit= (1..500, default 100)
//	GET  /api/v1/traces/{ref}     inspect.Trace by its ID, or the newest with this code; reveal=1
//	GET  /api/v1/traces/{ref}/text
//	                              for a terminal; all=1 also the frames of dependencies, and the text it was found in
//	GET  /api/v1/traces/{ref}/markdown
//	                              with its request, prints, SQL and build, for an issue or an agent
//	GET  /api/v1/traces/{ref}/page
//	                              the error page: HTML for a tab, or a frame of this origin
//	GET  /api/v1/events           the live feed as server-sent events, see below
//	POST /api/v1/replay           {"id":"..."} sends a recorded request again, to the target only; {"id":"..."} of the new one
//	POST /api/v1/restart          {"mount":"/app"} rebuilds and restarts the program of a mount, {} the target or all
//	POST /api/v1/clear            {} forgets the recorded exchanges and traces
//	POST /api/v1/eval             {"trace":7,"frame":0,"expr":"u.Name"} computes in a frame of a trace, in the snapshot
//	                              of its process; inspect.Variable. 409 where locals are off
//	POST /api/v1/profile          {"kind":"cpu","exchange":"...","seconds":10,"samples":200,"replay":true,"confirmed":false}
//	                              records one and answers with its inspect.Profile when it is done (profile_progress
//	                              events meanwhile), or stops when the client goes. 409 with type "confirm" when it
//	                              would send a method again that is not safe; 409 where profiles are off
//	POST /api/v1/calltree         {"on":true} records the calls of coming exchanges, or no longer
//	POST /api/v1/cancel           {"id":"..."} ends an exchange that is in flight
//	POST /api/v1/session          {"token":"..."} a browser gives the token for a cookie (control port only)
//	GET  /pprof/{id}/{page...}    google/pprof's pages over a profile, beside /api/: flamegraph top graph peek download;
//	                              {id} is a profile's, or calls-{exchange} for a call tree
//
// Every refusal and error is an application/problem+json object (RFC 9457) with
// title, status, detail and hint. A wrong query is status 400 with type
// "query" and pos, len (bytes into q) and suggestion beside them. The beginning of an
// id that fits several exchanges is status 400 with type "ambiguous", found (how many)
// and candidates (the newest of them as inspect.Summary).
//
// An event has the name that [inspect.Event] gives it, its JSON as data, and an id
// from which Last-Event-ID goes on, as far as the history still knows (best effort,
// at least once). Exchanges in events carry no body data, and a trace of more than 1 MiB
// comes as its outline. With view=digest the
// exchange and output events are gathered into one [Digest] every 100 ms at most,
// holding the summaries that match q=: what a list needs, at any request rate.
//
// # Safety
//
// Recorded traffic holds the user's secrets and a replay acts in the user's name, while
// any page in the user's browser and any program of another user can reach a loopback
// port. Each rule has a test; a refusal names the header, its value and the flag that
// would allow it, or says that none does.
//
//	rule                                         where               answer  test
//	the control port is on loopback only         checkLoopback       error   TestOnlyLoopback
//	state dir 0700; socket, lock, json 0600      Listen              -       TestFileModes
//	one instance a state dir                     takeStateDir        error   TestSecondInstanceIsRefused
//	Host is loopback or in --allow-host,         guard.checkHost     403     TestEveryRouteIsGuarded, FuzzHost
//	  on every route, the page's files included
//	Origin, where there is one, is our own;      checkOrigin         403     TestEveryRouteIsGuarded
//	  "null" is foreign
//	Sec-Fetch-Site is same-origin or none; only  checkFetchSite      403     TestEveryRouteIsGuarded
//	  a link to the page itself may come from
//	  elsewhere
//	GET and HEAD change nothing                  api, checkMethod    405     TestNoStateChangeOnGet
//	a POST is application/json, which no form    checkMethod         415     TestEveryRouteIsGuarded
//	  can send; also on the socket
//	the API takes this run's token only, as      tokens.check        401     TestNoTokenNoData, TestSessionCookie
//	  Bearer or as the cookie that stands for it
//	ten wrong tokens a minute                    tokens.try          429     TestAttemptLimit
//	the body of a POST is at most 64 KiB, with   readJSON            400     TestProblems
//	  known fields only
//	headers at most 64 KiB, in 10 s; 64 event    Server, api.events  -       TestStreamsAreBounded
//	  streams, each write at most 30 s
//	a replay names a record and nothing else;    api.replay          400     TestReplayOnlyNamesARecord
//	  the front sends it to the target
//	records are masked unless reveal=1           Service             -       TestNothingLeavesUnmasked
//	a recorded body is never run: text or        serveBody           -       TestSecurityHeaders
//	  bytes, nosniff, sandbox
//	the page loads nothing foreign, runs         pageCSP             -       TestAssetsKeepThePolicy,
//	  nothing inline, is in nobody's frame                                   TestBrowserHostileRecords
//	a trace's page runs one script of ours at    tracePageCSP        -       TestTracePage
//	  most, and is in a frame of this origin only
//	pprof's pages run their own scripts only,    servePprof          403     TestPprofPages,
//	  by nonce, ask nobody, and read and write                               TestPprofRefuses
//	  no file
//	an unsafe method is replayed for a profile   checkReplay         409     TestProfilersAreAlike
//	  only when that is confirmed
//	an expression is computed in a snapshot,     Service.Eval        409,    TestEval
//	  never in the target; its value is masked                       400
//
// On the socket the file's mode stands in place of Host, Origin and token: no browser
// reaches it.
//
// Its Paste ancestor is paste.evalexception's and paste.debug's ad-hoc counter URLs,
// /_debug/..., which shared the app's origin; this does not.
package control
