package body

import (
	"bytes"
	"encoding/binary"
	"fmt"
	stdimage "image"
	_ "image/gif"  // so that DecodeConfig knows it
	_ "image/jpeg" // so that DecodeConfig knows it
)

// image describes an image by its format and size. ok is false for anything else. SVG
// is text, and shown as such.
func image(data []byte) (v View, ok bool) {
	format, w, h := imageSize(data)
	if format == "" {
		return View{}, false
	}
	text := format + " image"
	if w > 0 {
		text += fmt.Sprintf(", %d × %d", w, h)
	}
	return View{Kind: KindImage, Text: text, Note: fmt.Sprintf("%d bytes", len(data))}, true
}

func imageSize(data []byte) (format string, w, h int) {
	if len(data) >= 24 && bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) { // by hand: the rest may be cut
		return "png", int(binary.BigEndian.Uint32(data[16:])), int(binary.BigEndian.Uint32(data[20:]))
	}
	if cfg, format, err := stdimage.DecodeConfig(bytes.NewReader(data)); err == nil {
		return format, cfg.Width, cfg.Height
	}
	has := func(at int, magic string) bool {
		return len(data) >= at+len(magic) && string(data[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "\x89PNG\r\n\x1a\n"):
		return "png", 0, 0
	case has(0, "\xff\xd8\xff"):
		return "jpeg", 0, 0
	case has(0, "GIF8"):
		return "gif", 0, 0
	case has(0, "RIFF") && has(8, "WEBP"):
		w, h = webpSize(data)
		return "webp", w, h
	case has(4, "ftypavif") || has(4, "ftypavis"):
		if i := bytes.Index(data, []byte("ispe")); i >= 0 && len(data) >= i+16 { // image spatial extents, ISO/IEC 23008-12, 6.5.3
			return "avif", int(binary.BigEndian.Uint32(data[i+8:])), int(binary.BigEndian.Uint32(data[i+12:]))
		}
		return "avif", 0, 0
	case has(0, "\x00\x00\x01\x00") && len(data) >= 22: // ICO; 0 stands for 256
		w, h = (int(data[6])+255)%256+1, (int(data[7])+255)%256+1
		return "ico", w, h
	}
	return "", 0, 0
}

// webpSize reads the size from the first chunk (RFC 9649).
func webpSize(data []byte) (w, h int) {
	if len(data) < 30 {
		return 0, 0
	}
	u24 := func(i int) int { return int(data[i]) | int(data[i+1])<<8 | int(data[i+2])<<16 }
	switch string(data[12:16]) {
	case "VP8X":
		return u24(24) + 1, u24(27) + 1
	case "VP8 ":
		return int(binary.LittleEndian.Uint16(data[26:])) & 0x3fff, int(binary.LittleEndian.Uint16(data[28:])) & 0x3fff
	case "VP8L":
		bits := binary.LittleEndian.Uint32(data[21:])
		return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1
	}
	return 0, 0
}
