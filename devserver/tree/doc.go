// Package tree serves a folder by what is in it: pages and other files as they are,
// executables as CGI programs, Go main packages as programs that are built and run,
// "*.url" files as other servers. The one call:
//
//	http.ListenAndServe(addr, &tree.Tree{Dir: "./site"})
//
// A path is looked up segment by segment. A segment names a file or folder exactly, or a
// file by its name without the extension, a page or program before other files; if several
// fit and none exactly, that is 404 with their names. A folder answers with its index. A folder with a main.go of
// package main is one program, and gets all paths below it; any other Go file of package
// main is a program of its own, and gets what follows its name.
//
// A Go program is built once for each state of its sources, started when somebody asks
// for it, told a port of the loopback interface in PORT (and HOST), started anew when its
// sources have changed, and ended when nobody has asked for a while. If it does not
// build, its errors are the answer.
//
// The package never writes into the folder, never serves a path outside it, a hidden
// file, or the source of a program.
//
// In Paste this is paste.urlparser.
package tree
