package control

import "io/fs"

// ownedByMe is true: on Windows the folders above a user's are not writable for
// others, and the file's access list is not looked at.
func ownedByMe(fs.FileInfo) bool { return true }
