//go:build !linux

package reloader

// playDaemonMiddle has nothing to show where such grandchildren are not found.
func playDaemonMiddle() int { return 0 }
