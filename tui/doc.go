// Package tui is the terminal user interface: live requests with all that happened
// inside them and where their time went, the app's output and its builds, in the
// terminal where pastedev was started or attached.
//
// Call [Run] with a [Source]; it returns when the user quits. Where there is no
// terminal, [LogLines] writes one line for each thing that happens.
//
// The UI pulls. An event of the feed only marks what it is about as out of date; at
// most [framesPerSecond] times a second the rows that are seen are asked for again,
// in a command beside Update, one request at a time for each page. So the cost of
// a frame does not depend on the traffic. What is captured is never drawn before its
// control sequences are gone.
//
// The package never imports net/http, os/exec, devserver or reloader: all it knows
// comes through the Source. It has no ancestor in Paste, whose tools spoke through
// the console's log.
package tui
