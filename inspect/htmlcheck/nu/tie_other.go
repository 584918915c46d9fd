//go:build !linux

package nu

import "os/exec"

// tie does nothing here: when pastedev is killed, the checker goes on until it is ended.
func tie(*exec.Cmd) {}
