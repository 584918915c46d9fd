//go:build !unix

package snapshot

import "os"

// diskBytes returns what the file takes on disk.
func diskBytes(fi os.FileInfo) int64 { return fi.Size() }
