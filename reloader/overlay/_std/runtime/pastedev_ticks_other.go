//go:build !amd64

package runtime

func pastedevTicks() int64 { return cputicks() }
