// Package traceback turns failures into inspect.Trace and shows them.
//
// Three ways in, each usable alone:
//
//   - [Scanner] and [FromBody] find the crash text of Go, Python, Node, Ruby, Java and PHP
//     programs in what they print and in the body of an answer of 500 or more.
//   - [Catcher] is a middleware for programs that import us: it turns a panic into a
//     report and an error page. [Info], [Supplementer], [Hider], [Decorator] and
//     [Reporter] are what the program itself can say about a failure.
//   - A trace made elsewhere (by the agent, from a snapshot) is finished with
//     [Finish]: origins of frames, source, headline and hints, fingerprint.
//
// Ways out: [Page], [Text], [Markdown], [Problem].
//
// It never changes what the program answers unless Catcher is put around it, never
// reads a file that is not source inside the module, its workspace, GOROOT, the module
// cache or the project directory, and runs nothing.
//
// Its Paste ancestors are paste.exceptions and paste.evalexception.
package traceback
