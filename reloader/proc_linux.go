package reloader

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// tieToThread makes the kernel kill the child when the thread that starts it ends,
// which for the spawner's thread means: when pastedev is gone, however it went.
func tieToThread(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// procStat is what is needed of /proc/<pid>/stat; see proc_pid_stat(5).
type procStat struct {
	state byte
	ppid  int
	pgrp  int
}

func readStat(pid int) (procStat, bool) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return procStat{}, false
	}
	return parseStat(data)
}

// parseStat reads a stat line. The command name, in parentheses, may hold anything,
// so the fields are counted from the last one.
func parseStat(data []byte) (procStat, bool) {
	end := bytes.LastIndexByte(data, ')')
	if end < 0 {
		return procStat{}, false
	}
	fields := bytes.Fields(data[end+1:])
	if len(fields) < 3 {
		return procStat{}, false
	}
	ppid, err1 := strconv.Atoi(string(fields[1]))
	pgrp, err2 := strconv.Atoi(string(fields[2]))
	return procStat{state: fields[0][0], ppid: ppid, pgrp: pgrp}, err1 == nil && err2 == nil
}

// living reports whether the process is more than an entry that waits to be reaped.
func (s procStat) living() bool { return s.state != 'Z' && s.state != 'X' }

// allPIDs lists the processes there are.
func allPIDs() []int {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil
	}
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// groupHasLiving reports whether a process of the group is not a zombie. Zombies
// stay where nobody reaps orphans, as in many containers.
func groupHasLiving(pgid int) bool {
	for _, pid := range allPIDs() {
		if st, ok := readStat(pid); ok && st.pgrp == pgid && st.living() {
			return true
		}
	}
	return false
}

// taggedPIDs lists the living processes whose environment, as they were started,
// holds tag. Those of other users cannot be read and are not ours.
func taggedPIDs(tag string) []int {
	want := append([]byte(tag), 0)
	self := os.Getpid()
	var pids []int
	for _, pid := range allPIDs() {
		if pid == self {
			continue
		}
		env, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
		if err != nil || !hasEntry(env, want) {
			continue
		}
		if st, ok := readStat(pid); ok && st.living() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// hasEntry reports whether the NUL-separated list holds want, which ends in NUL.
func hasEntry(env, want []byte) bool {
	return bytes.HasPrefix(env, want) || bytes.Contains(env, append([]byte{0}, want...))
}

// processTree lists pid and its living descendants, and all of its group.
func processTree(pid int) []int {
	children := map[int][]int{}
	tree := []int{pid}
	seen := map[int]bool{pid: true}
	for _, other := range allPIDs() {
		st, ok := readStat(other)
		if !ok || !st.living() {
			continue
		}
		children[st.ppid] = append(children[st.ppid], other)
		if st.pgrp == pid && !seen[other] {
			seen[other] = true
			tree = append(tree, other)
		}
	}
	for i := 0; i < len(tree); i++ {
		for _, child := range children[tree[i]] {
			if !seen[child] {
				seen[child] = true
				tree = append(tree, child)
			}
		}
	}
	return tree
}
