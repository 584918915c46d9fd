package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Names inside and of the state dir.
const (
	StateDirName = ".pastedev"
	socketName   = "control.sock"
	instanceName = "control.json"
	lockName     = "control.lock"
)

// dialTimeout bounds asking whether an instance is alive; it is on this machine.
const dialTimeout = 2 * time.Second

// Instance is a running pastedev, as its control.json describes it. The file is
// readable by its owner only: URL holds the token.
type Instance struct {
	PID      int       `json:"pid"`
	StateDir string    `json:"state_dir"`
	Socket   string    `json:"socket,omitempty"` // path of the unix socket; "" where there is none
	URLs     []string  `json:"urls"`             // of the inspector page, with the token as fragment
	Started  time.Time `json:"started"`
}

// ErrNoInstance is wrapped by the errors of [Find] and [FindIn].
var ErrNoInstance = errors.New("no running pastedev")

// Find returns the instance that serves dir: that of the nearest folder, from dir
// upwards, whose state dir belongs to a live one.
func Find(dir string) (Instance, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Instance{}, fmt.Errorf("find pastedev: %w", err)
	}
	var dead *Instance
	for d := dir; ; d = filepath.Dir(d) {
		for _, c := range stateDirs(d) {
			inst, err := readInstance(c)
			if err != nil {
				continue
			}
			if inst.Alive() {
				return inst, nil
			}
			if dead == nil {
				dead = &inst
			}
		}
		if filepath.Dir(d) == d {
			return Instance{}, notFound(dir, dead)
		}
	}
}

func notFound(dir string, dead *Instance) error {
	was := ""
	if dead != nil {
		was = fmt.Sprintf(" (the one with pid %d, of %s, has ended)", dead.PID, dead.StateDir)
	}
	return fmt.Errorf("%w in %s or above%s\nhint: start it with `pastedev run ./myapp`, or name its state dir with --state DIR", ErrNoInstance, dir, was)
}

// FindIn returns the live instance of a state dir, which may also be given as the
// folder that holds it.
func FindIn(stateDir string) (Instance, error) {
	var inst Instance
	err := error(fs.ErrNotExist)
	for _, d := range []string{stateDir, filepath.Join(stateDir, StateDirName)} {
		if inst, err = readInstance(d); err == nil {
			break
		}
	}
	if err == nil && inst.Alive() {
		return inst, nil
	}
	what := "its pastedev has ended"
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		what = err.Error()
	} else if err != nil {
		what = "there is no " + instanceName + " in it"
	}
	return Instance{}, fmt.Errorf("%w with the state dir %s: %s\nhint: start it with `pastedev run ./myapp`", ErrNoInstance, stateDir, what)
}

// FindLeft returns the state dir in which a pastedev of this user, running or not, has left
// a file: stateDir, or the folder below it, where that is named; else that of the nearest
// folder from dir upwards.
func FindLeft(dir, stateDir, file string) (string, bool) {
	holds := func(state string) bool {
		fi, err := os.Lstat(filepath.Join(state, file))
		return err == nil && fi.Mode().IsRegular() && ownedByMe(fi)
	}
	if stateDir != "" {
		for _, state := range []string{stateDir, filepath.Join(stateDir, StateDirName)} {
			if holds(state) {
				return state, true
			}
		}
		return "", false
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	for d := dir; ; d = filepath.Dir(d) {
		for _, state := range stateDirs(d) {
			if holds(state) {
				return state, true
			}
		}
		if filepath.Dir(d) == d {
			return "", false
		}
	}
}

// stateDirs lists where the state of the module at root may be.
func stateDirs(root string) []string {
	dirs := []string{filepath.Join(root, StateDirName)}
	if fallback, err := FallbackStateDir(root); err == nil {
		dirs = append(dirs, fallback)
	}
	return dirs
}

// FallbackStateDir returns where the state of a module lives when its root is not
// writable: pastedev/<hash> below $XDG_STATE_HOME (by default ~/.local/state). The
// hash is the first 16 hex digits of the SHA-256 of the module root's absolute path.
func FallbackStateDir(root string) (string, error) {
	base := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(base) { // the XDG specification: a relative path is to be ignored
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the state dir: %w", err)
		}
		base = filepath.Join(home, ".local", "state")
	}
	sum := sha256.Sum256([]byte(root))
	return filepath.Join(base, "pastedev", hex.EncodeToString(sum[:])[:16]), nil
}

// readInstance reads the control.json of a state dir. One that belongs to another
// user is not believed: a shared folder above could hold it.
func readInstance(stateDir string) (Instance, error) {
	path := filepath.Join(stateDir, instanceName)
	fi, err := os.Lstat(path)
	if err != nil {
		return Instance{}, err
	}
	if !fi.Mode().IsRegular() || !ownedByMe(fi) {
		return Instance{}, fmt.Errorf("%s is not a file of this user", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Instance{}, err
	}
	var inst Instance
	if err := json.Unmarshal(b, &inst); err != nil {
		return Instance{}, fmt.Errorf("read %s: %w", path, err)
	}
	inst.StateDir = stateDir
	return inst, nil
}

// Alive reports whether the instance answers. The pid alone would not tell: after a
// crash the system may give it to another program.
func (i Instance) Alive() bool {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	conn, err := i.dial(ctx)
	if err != nil {
		return false
	}
	_ = conn.Close() // nothing was sent
	return true
}

// dial connects to the socket, or to the control port where there is none. A port
// alone says less: after a crash it may be another program's.
func (i Instance) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	if i.Socket != "" {
		return d.DialContext(ctx, "unix", i.Socket)
	}
	if len(i.URLs) == 0 {
		return nil, errors.New("the instance names no address")
	}
	u, err := url.Parse(i.URLs[0])
	if err != nil {
		return nil, err
	}
	return d.DialContext(ctx, "tcp", u.Host)
}

// token returns the token that the URLs carry.
func (i Instance) token() string {
	for _, raw := range i.URLs {
		if u, err := url.Parse(raw); err == nil {
			if v, err := url.ParseQuery(u.Fragment); err == nil && v.Get("token") != "" {
				return v.Get("token")
			}
		}
	}
	return ""
}

// write replaces the control.json of the state dir in one step.
func (i Instance) write() error {
	b, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(i.StateDir, instanceName)
	tmp := path + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
