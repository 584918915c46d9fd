// Package profile records sampled profiles and says which of their samples belong to which
// exchange.
//
// From outside, for `pastedev run`, the one call to make is [Recorder.Record]: it has the
// target profiled through a [Source], sends an exchange's request again until it has enough
// samples, leaves out all samples of other requests, and keeps the result in an [Archive].
// Every file it keeps opens in `go tool pprof` or `go tool trace`.
//
// From inside, for programs that import us, [Profiler] is a middleware that labels the
// samples of each request and profiles one on demand, and [Func] times and profiles a
// function:
//
//	profiler := &profile.Profiler{OnDemand: true}
//	http.ListenAndServe("localhost:8080", profiler.Handler(mux))
//
// A processor profile of Go takes 100 samples a second of the whole process. A short request
// therefore has few samples or none, and this package says so instead of showing an empty
// table. It never lets one request wait for the profile of another, never mixes their
// samples, and a profile that somebody else already records is a message, not a failure.
//
// Its Paste ancestors are paste.debug.profile and its profile_decorator, which profiled
// each call under one lock.
package profile
