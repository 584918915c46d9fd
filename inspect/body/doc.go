// Package body turns recorded message bodies into something to read: it takes off
// content codings, formats what it recognises, and strips what a terminal would obey.
//
// The calls to make are [Decode], then [Pretty]; [Terminal] for any other captured
// text on its way to a terminal, and [Curl] for a request as a command line.
//
// Everything is bounded: a small body that decodes to a huge one, or formats to one,
// yields a part and says so. It never changes a body's meaning in silence: what cannot
// be formatted is shown as it is. It does not mask secrets.
package body
