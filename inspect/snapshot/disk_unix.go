//go:build unix

package snapshot

import (
	"os"
	"syscall"
)

// diskBytes returns what the file takes on disk: cores have holes.
func diskBytes(fi os.FileInfo) int64 {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		return int64(st.Blocks) * 512 // st_blocks counts 512-byte units, see stat(2)
	}
	return fi.Size()
}
