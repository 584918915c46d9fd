// Package redact is the one masking boundary: whatever leaves the process (control
// API, terminal UI, exports, copied commands) has gone through a [Redactor].
//
// The one call to make is [Redactor.Exchange], or [Redactor.Event] and Status, Build,
// Output for the other records, on the zero Redactor for the default rules: credentials
// in header fields, cookie values (their names stay), passwords, tokens, keys and
// sessions in queries, forms, JSON, XML, multipart parts, printed lines and command
// lines by the name they stand under, user information in URLs, the signatures of JWTs,
// and keys that begin as their issuers make them. Of source lines around a compiler
// error only quoted words under a plainly secret name are masked, so that the error
// stays readable.
//
// It never changes what it is given, never lets through a coded body that it cannot
// look into, and never fails: what it cannot parse it treats as plain text. It masks
// by name and by form, not by guessing at randomness, so a secret under an innocent
// name stays visible; [Redactor.Names] and [Redactor.Patterns] add rules.
package redact
