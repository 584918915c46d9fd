package reloader

import (
	"errors"
	"io/fs"
	"syscall"
)

// orderedEvents: kqueue has no order between files, so Watcher.Sync looks at
// the files itself.
const orderedEvents = false

const eventsName = "kqueue"

// changeTime returns the change time in ns and the inode.
func changeTime(info fs.FileInfo) (int64, uint64) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ctimespec.Nano(), st.Ino
	}
	return 0, 0
}

func remoteFS(string) string { return "" }

// watchLimit reports whether err means that the system grants no more watches:
// kqueue needs an open file for each.
func watchLimit(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

func watchLimitHint(int) string { return "hint: ulimit -n 65536" }
