package reloader

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// orderedEvents: one inotify instance has one queue, in the order in which
// things happened, across all folders (inotify(7)). Watcher.Sync rests on it.
const orderedEvents = true

const eventsName = "inotify"

// changeTime returns the change time in ns and the inode.
func changeTime(info fs.FileInfo) (int64, uint64) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ctim.Nano(), st.Ino
	}
	return 0, 0
}

// remoteFS names the file system of dir when it can change without this kernel
// taking part, so that no event tells of it; else "".
func remoteFS(dir string) string {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return ""
	}
	switch uint32(st.Type) {
	case unix.NFS_SUPER_MAGIC:
		return "NFS"
	case unix.SMB_SUPER_MAGIC, 0xFF534D42, unix.SMB2_SUPER_MAGIC:
		return "SMB"
	case unix.V9FS_MAGIC:
		return "9p"
	case unix.FUSE_SUPER_MAGIC:
		return "FUSE"
	case unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC:
		return "AFS"
	case unix.CODA_SUPER_MAGIC:
		return "Coda"
	case unix.CEPH_SUPER_MAGIC:
		return "Ceph"
	case 0x786F4256:
		return "vboxsf"
	case 0xBACBACBC:
		return "vmhgfs"
	case 0x7C7C6673:
		return "prl_fs"
	}
	return ""
}

// watchLimit reports whether err means that the system grants no more watches.
func watchLimit(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE)
}

// watchLimitHint names the setting to raise, and to what, when more folders
// could not be watched. more is 0 when not even the first one could.
func watchLimitHint(more int) string {
	if more == 0 {
		return "hint: sudo sysctl fs.inotify.max_user_instances=" + strconv.Itoa(2*max(readInt("/proc/sys/fs/inotify/max_user_instances"), 256))
	}
	need := readInt("/proc/sys/fs/inotify/max_user_watches") + more
	limit := 8192
	for limit < need {
		limit *= 2
	}
	return "hint: sudo sysctl fs.inotify.max_user_watches=" + strconv.Itoa(limit)
}

func readInt(p string) int {
	data, err := os.ReadFile(p)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0
	}
	return n
}
