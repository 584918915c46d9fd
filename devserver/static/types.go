package static

import (
	"path"
	"strings"
)

// contentTypes are our own, so that a file has the same type on every machine: the
// system's tables differ and are often old. Text is UTF-8.
var contentTypes = map[string]string{
	".avif": "image/avif", ".bmp": "image/bmp", ".gif": "image/gif", ".ico": "image/vnd.microsoft.icon",
	".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".jxl": "image/jxl", ".apng": "image/apng",
	".png": "image/png", ".svg": "image/svg+xml", ".tif": "image/tiff", ".tiff": "image/tiff", ".webp": "image/webp",

	".aac": "audio/aac", ".flac": "audio/flac", ".m4a": "audio/mp4", ".mid": "audio/midi", ".mp3": "audio/mpeg",
	".oga": "audio/ogg", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav", ".weba": "audio/webm",
	".m4v": "video/mp4", ".mkv": "video/x-matroska", ".mov": "video/quicktime", ".mp4": "video/mp4", ".mpeg": "video/mpeg",
	".ogv": "video/ogg", ".webm": "video/webm", ".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml",
	".m2ts": "video/mp2t", ".vtt": "text/vtt; charset=utf-8",

	".otf": "font/otf", ".ttf": "font/ttf", ".ttc": "font/collection", ".woff": "font/woff", ".woff2": "font/woff2",
	".eot": "application/vnd.ms-fontobject",

	".css": "text/css; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".htm": "text/html; charset=utf-8",
	".html": "text/html; charset=utf-8", ".ics": "text/calendar; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".cjs": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".md": "text/markdown; charset=utf-8", ".markdown": "text/markdown; charset=utf-8",
	".tsv": "text/tab-separated-values; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".log": "text/plain; charset=utf-8",
	".text": "text/plain; charset=utf-8", ".vcf": "text/vcard; charset=utf-8", ".xml": "text/xml; charset=utf-8",
	".ts": "text/plain; charset=utf-8", ".tsx": "text/plain; charset=utf-8", ".jsx": "text/plain; charset=utf-8",
	".go": "text/plain; charset=utf-8", ".py": "text/plain; charset=utf-8", ".rs": "text/plain; charset=utf-8",
	".c": "text/plain; charset=utf-8", ".h": "text/plain; charset=utf-8", ".toml": "text/plain; charset=utf-8",
	".ini": "text/plain; charset=utf-8", ".sh": "text/plain; charset=utf-8", ".sql": "text/plain; charset=utf-8",
	".yaml": "text/yaml; charset=utf-8", ".yml": "text/yaml; charset=utf-8", ".diff": "text/plain; charset=utf-8",
	".patch": "text/plain; charset=utf-8", ".rst": "text/plain; charset=utf-8",

	".atom": "application/atom+xml", ".geojson": "application/geo+json", ".json": "application/json",
	".json5": "application/json5", ".jsonld": "application/ld+json", ".jsonl": "application/jsonl",
	".ndjson": "application/x-ndjson", ".map": "application/json", ".rss": "application/rss+xml",
	".wasm": "application/wasm", ".webmanifest": "application/manifest+json", ".xhtml": "application/xhtml+xml",
	".xht": "application/xhtml+xml", ".xsl": "application/xslt+xml", ".xslt": "application/xslt+xml",
	".kml": "application/vnd.google-earth.kml+xml", ".mathml": "application/mathml+xml",

	".7z": "application/x-7z-compressed", ".br": "application/octet-stream", ".bz2": "application/x-bzip2",
	".gz": "application/gzip", ".tgz": "application/gzip", ".rar": "application/vnd.rar", ".tar": "application/x-tar",
	".xz": "application/x-xz", ".zip": "application/zip", ".zst": "application/zstd",
	".bin": "application/octet-stream", ".exe": "application/octet-stream", ".dmg": "application/octet-stream",
	".deb": "application/vnd.debian.binary-package", ".jar": "application/java-archive",
	".apk": "application/vnd.android.package-archive", ".iso": "application/octet-stream",
	".db": "application/octet-stream", ".sqlite": "application/vnd.sqlite3", ".parquet": "application/vnd.apache.parquet",

	".doc": "application/msword", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".epub": "application/epub+zip", ".odp": "application/vnd.oasis.opendocument.presentation",
	".ods": "application/vnd.oasis.opendocument.spreadsheet", ".odt": "application/vnd.oasis.opendocument.text",
	".pdf": "application/pdf", ".ppt": "application/vnd.ms-powerpoint", ".ps": "application/postscript",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", ".rtf": "application/rtf",
	".xls": "application/vnd.ms-excel", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".glb": "model/gltf-binary", ".gltf": "model/gltf+json", ".stl": "model/stl", ".obj": "model/obj",
}

// ContentType returns the type that the extension of name stands for, in any case, or
// "" if it is not known. It looks neither at the file nor at the system's table.
func ContentType(name string) string { return contentTypes[strings.ToLower(path.Ext(name))] }

// contentType returns "" where the content has to tell.
func (f *Files) contentType(name string) string {
	if t, ok := f.Types[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return ContentType(name)
}

// compressible reports whether files of a type are worth compressing. Archives are not
// among them: data.tar with data.tar.gz beside it are two files.
func compressible(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	switch {
	case strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "+json"), strings.HasSuffix(kind, "+xml"),
		strings.HasSuffix(kind, "json"):
		return true
	}
	switch kind {
	case "application/wasm", "application/jsonl", "application/json5", "image/bmp", "image/vnd.microsoft.icon", "font/otf", "font/ttf",
		"font/collection", "application/vnd.ms-fontobject", "application/rtf", "application/postscript",
		"application/vnd.apple.mpegurl":
		return true
	}
	return false
}
