//go:build !linux && !darwin

package reloader

import (
	"io/fs"
	"runtime"
)

// orderedEvents: not promised here, so Watcher.Sync looks at the files itself.
const orderedEvents = false

const eventsName = "events of " + runtime.GOOS

// changeTime has no portable answer; the modification time stands in for it.
func changeTime(fs.FileInfo) (int64, uint64) { return 0, 0 }

func remoteFS(string) string { return "" }

func watchLimit(error) bool { return false }

func watchLimitHint(int) string { return "hint: pastedev run --poll" }
