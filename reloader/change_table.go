package reloader

import (
	"path"
	"path/filepath"
	"strings"
)

// tableRow says what an edit of a file asks for that neither the build nor the
// user named, by the extension alone.
type tableRow struct {
	class  fileClass
	exts   string // separated by spaces, lower case
	writes bool   // programs are known to write such files themselves: see brake
}

// dataTable holds for every target. The rule for Restart is narrow on purpose:
// a file that the program writes while it runs must not restart it. So an
// extension is listed when a person edits such files and a program reads them,
// and it is marked as writes when programs also save their own state in it; the
// brake then stops a loop. Logs, databases, archives, documents and files
// without an extension are in no row, so they never count: .log .out .pid .lock
// .db .sqlite .db-wal .db-journal .md .rst .zip .bin .exe .so.
func dataTable() []tableRow {
	return []tableRow{
		// Templates, read at the start by template.ParseFiles and its kin.
		{classRestart, ".html .htm .tmpl .gohtml .gotmpl .gotxt .tpl .templ .mustache .hbs .handlebars .jet .plush .pug .ejs .jinja .jinja2 .j2 .twig .liquid .slim .haml .xhtml .mjml", false},
		// Queries, schemas and policies written by hand.
		{classRestart, ".sql .graphql .gql .cue .rego .lua .star .cel", false},
		// Configuration and translations: written by hand, sometimes by an admin page of the program.
		{classRestart, ".yaml .yml .toml .ini .cfg .conf .properties .hcl .po .mo .ftl", true},
		// Data: fixtures and seeds, but also the file of many a small program's state.
		{classRestart, ".json .jsonc .json5 .xml .csv .tsv .txt", true},
		// Style sheets: swapped in the page.
		{classReload, ".css", false},
		// What else a page loads as it lies there.
		{classReload, ".js .mjs .cjs .map .webmanifest", false},
		{classReload, ".svg .png .jpg .jpeg .gif .webp .avif .ico .bmp .woff .woff2 .ttf .otf .eot .mp3 .ogg .wav .mp4 .webm .m4a .wasm", true},
	}
}

// sourceTable joins dataTable for a command, of which nothing is known but its
// name: any source may be part of it.
func sourceTable() []tableRow {
	return []tableRow{
		{classRestart, ".js .mjs .cjs .ts .mts .cts .tsx .jsx .vue .svelte .astro .coffee", false},
		{classRestart, ".py .pyi .pyx .rb .ru .rake .erb .php .phtml .pl .pm .t .psgi .ep .tcl .r .jl .raku .lisp .clj .cljs .scm .rkt", false},
		{classRestart, ".go .mod .sum .work .rs .c .h .cc .cpp .hpp .cs .fs .vb .java .kt .kts .scala .groovy .swift .dart .ex .exs .eex .heex .leex .erl .hrl .hs .ml .mli .nim .zig .cr .d .v", false},
		{classRestart, ".sh .bash .zsh .fish .ps1 .bat .cmd .awk", false},
		{classRestart, ".env", false},
	}
}

// watchedTable sorts files that the user names with --watch and that no other
// table knows: sources of a page are no business of the program. What is in no
// table at all restarts it.
func watchedTable() []tableRow {
	return []tableRow{
		{classReload, ".scss .sass .less .styl .pcss .postcss .ts .mts .tsx .jsx .vue .svelte .astro .coffee", false},
	}
}

// notData holds names of files that have an extension of the tables but are
// read by other tools, not by the program.
func notData() []string {
	return []string{
		"package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "composer.lock",
		"tsconfig*.json", "jsconfig.json", "biome.json", "deno.json", "renovate.json", "turbo.json",
		"docker-compose*.y*ml", "compose*.y*ml", "taskfile.y*ml", "mkdocs.yml", "codecov.yml", "sqlc.y*ml", "buf*.y*ml", "pastedev.toml",
		"license.txt", "licence.txt", "readme.txt", "changelog.txt", "notice.txt",
		"coverage.txt", "coverage.xml", "coverage.html", "cover.html", "junit*.xml",
	}
}

// pageDirs are folders whose scripts go to browsers, also beside a server
// written in the same language.
func pageDirs() []string { return []string{"public", "static", "assets", "www", "wwwroot", "dist"} }

// noDataDir reports folders that hold prose for people, though the tables would say so.
func noDataDir(rel string) bool { return rel == "docs" || rel == "doc" }

type tableEntry struct {
	class  fileClass
	writes bool
}

// extTable is a lookup of table rows by extension.
type extTable map[string]tableEntry

func newExtTable(rows ...[]tableRow) extTable {
	t := extTable{}
	for _, group := range rows {
		for _, row := range group {
			for ext := range strings.FieldsSeq(row.exts) {
				t[ext] = tableEntry{row.class, row.writes}
			}
		}
	}
	return t
}

// lookup returns what the table says of a file name, hidden files and the
// notData excepted.
func (t extTable) lookup(base string) tableEntry {
	base = strings.ToLower(base)
	if strings.HasPrefix(base, ".") {
		return tableEntry{}
	}
	e := t[filepath.Ext(base)]
	if e.class == classNone {
		return e
	}
	for _, pattern := range notData() {
		if ok, _ := path.Match(pattern, base); ok {
			return tableEntry{}
		}
	}
	return e
}

// isBuildSource reports whether the go command may compile a file of that name
// when it lies in the folder of a package. Tests are never part of a program;
// names with a leading dot or underscore are never part of a package.
func isBuildSource(base string) bool {
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || strings.HasSuffix(base, "_test.go") {
		return false
	}
	switch filepath.Ext(base) {
	case ".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F", ".for", ".f90",
		".s", ".S", ".sx", ".swig", ".swigcxx", ".syso":
		return true
	}
	return false
}
