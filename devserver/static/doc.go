// Package static serves the files of an fs.FS: a directory, an embed.FS, a zip archive.
// The one call to make is
//
//	dir, err := static.Dir("./public")
//	http.Handle("/", &static.Files{FS: dir})
//
// It answers GET and HEAD only, with ETag, conditional requests and byte ranges
// (RFC 9110), takes files that were compressed beforehand (app.js.br beside app.js), and
// keeps browsers from caching unless told otherwise, since it is meant for development.
// A page may be given for the routes of a single-page application, and directories may
// be listed.
//
// It never writes, never serves what begins with a dot, never follows a symbolic link
// out of a directory made by [Dir], never cleans a path: "/../x" is not found, and so is
// whatever else leads astray.
//
// Its Paste ancestors are paste.urlparser.StaticURLParser and PkgResourcesParser, and
// FileApp, DirectoryApp and ArchiveStore of paste.fileapp.
package static
