package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// maxSocketPath is what sockaddr_un holds on the narrowest system (macOS: 104
	// with the final NUL).
	maxSocketPath = 103
	// readHeaderTimeout ends a connection that opens and says nothing.
	readHeaderTimeout = 10 * time.Second
	// maxHeaderBytes is plenty for a token, a cookie and a query.
	maxHeaderBytes = 64 << 10
	// closeTimeout is how long Close waits for requests under way: a replay, say.
	closeTimeout = 2 * time.Second
)

var errLocked = errors.New("locked by another process")

// ServerOptions say where a [Server] listens.
type ServerOptions struct {
	StateDir string // made with mode 0700 when it is missing
	// Addr is the control port's address; "" means 127.0.0.1 and any free port. It
	// must be a loopback address.
	Addr string
	// AllowHosts are names beside localhost that the Host header may have; a leading
	// dot stands for all names below one.
	AllowHosts []string
	// Logf hears of refused requests and of a socket that could not be made; nil
	// drops the notes. It is called from many goroutines. The text holds what
	// clients sent, quoted.
	Logf func(format string, args ...any)
}

// Server serves the API on a unix socket in the state dir and, with the inspector
// page, on a loopback control port.
type Server struct {
	opt    ServerOptions
	inst   Instance
	tokens *tokens
	lock   *os.File
	port   net.Listener
	socket net.Listener // nil where it could not be made
	http   []*http.Server
	unused newConns
	// patience is closeTimeout, except in tests
	patience time.Duration
	cancel   context.CancelFunc // ends the event streams
	wg       sync.WaitGroup
	once     sync.Once
	err      error
}

// Listen takes the state dir, starts serving svc and writes control.json. It fails
// when another live pastedev has the state dir. Close must be called; ending ctx
// ends the event streams only.
func Listen(ctx context.Context, svc *Service, opt ServerOptions) (*Server, error) {
	if opt.Logf == nil {
		opt.Logf = func(string, ...any) {}
	}
	dir, err := filepath.Abs(opt.StateDir)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("make the state dir: %w\nhint: name another with --state DIR", err)
	}
	opt.StateDir = dir
	lock, err := takeStateDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{opt: opt, lock: lock, tokens: newTokens(), patience: closeTimeout}
	if err := s.listen(); err != nil {
		s.release()
		return nil, err
	}
	ctx, s.cancel = context.WithCancel(ctx)
	s.serve(ctx, svc)
	if err := s.inst.write(); err != nil {
		return nil, errors.Join(fmt.Errorf("write %s: %w", filepath.Join(dir, instanceName), err), s.Close())
	}
	return s, nil
}

// takeStateDir locks the state dir for this process.
func takeStateDir(dir string) (*os.File, error) {
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err == nil {
		return lock, nil
	}
	if !errors.Is(err, errLocked) {
		return nil, fmt.Errorf("take the state dir %s: %w\nhint: name another with --state DIR", dir, err)
	}
	who := ""
	if inst, err := readInstance(dir); err == nil {
		who = fmt.Sprintf(": pid %d, since %s", inst.PID, inst.Started.Local().Format(time.TimeOnly))
	}
	return nil, fmt.Errorf("another pastedev runs here%s\nhint: join it with `pastedev attach`, end it, or give this one its own --state DIR", who)
}

// listen opens the control port and the socket.
func (s *Server) listen() error {
	addr := cmpOr(s.opt.Addr, "127.0.0.1:0")
	if err := checkLoopback(addr); err != nil {
		return err
	}
	var err error
	if s.port, err = net.Listen("tcp", addr); err != nil {
		return fmt.Errorf("open the control port: %w\nhint: choose another with --control-addr, or leave it out for any free port", err)
	}
	tcp := s.port.Addr().(*net.TCPAddr)
	s.tokens.setPort(tcp.Port)
	s.inst = Instance{PID: os.Getpid(), StateDir: s.opt.StateDir, Started: time.Now(),
		URLs: []string{s.URL() + "#token=" + s.tokens.token}}
	path := filepath.Join(s.opt.StateDir, socketName)
	if s.socket, err = listenSocket(path); err != nil {
		s.opt.Logf("no unix socket, commands use the control port instead: %v", err)
		return nil
	}
	s.inst.Socket = path
	return nil
}

// checkLoopback demands an address that only this machine reaches.
func checkLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("control address %q: %w\nhint: give host:port, such as 127.0.0.1:4040", addr, err)
	}
	ip, err := netip.ParseAddr(host)
	if host == "localhost" || err == nil && ip.Unmap().IsLoopback() {
		return nil
	}
	return fmt.Errorf("control address %q is not loopback\nhint: the control port can read and replay all traffic; use 127.0.0.1:PORT and reach it through ssh -L", addr)
}

// listenSocket makes the unix socket. The caller holds the state dir's lock, so that
// a file of this name is a leftover of a pastedev that was killed.
func listenSocket(path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the path %s is longer than the %d bytes a socket's may have", path, maxSocketPath)
	}
	if fi, err := os.Lstat(path); err == nil {
		if fi.Mode().IsRegular() || fi.IsDir() {
			return nil, fmt.Errorf("%s is in the way", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// serve starts answering on both listeners.
func (s *Server) serve(ctx context.Context, svc *Service) {
	api := newAPI(svc)
	start := func(l net.Listener, h http.Handler) {
		srv := &http.Server{
			Handler:           h,
			ReadHeaderTimeout: readHeaderTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
			ErrorLog:          log.New(logWriter(s.opt.Logf), "", 0),
			BaseContext:       func(net.Listener) context.Context { return ctx },
			ConnState:         s.unused.note,
		}
		s.http = append(s.http, srv)
		s.wg.Go(func() {
			if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				s.opt.Logf("control: %v", err)
			}
		})
	}
	start(s.port, &portHandler{guard: guard{allowHosts: s.opt.AllowHosts}, tokens: s.tokens, api: api, logf: s.opt.Logf})
	if s.socket != nil {
		start(s.socket, socketHandler(api))
	}
}

// logWriter gives the lines that net/http logs to a log function.
type logWriter func(format string, args ...any)

func (f logWriter) Write(p []byte) (int, error) {
	f("control: %s", strings.TrimSpace(string(p)))
	return len(p), nil
}

var _ io.Writer = logWriter(nil)

// URL is the inspector page's address, without the token: "http://127.0.0.1:4040/".
func (s *Server) URL() string { return "http://" + s.port.Addr().String() + "/" }

// OpenURL is the inspector page's address with the token as its fragment, which a
// browser does not send anywhere. It is a secret of the user's.
func (s *Server) OpenURL() string { return s.inst.URLs[0] }

// Instance is what control.json says.
func (s *Server) Instance() Instance { return s.inst }

// newConns are the connections that have not asked anything yet: browsers open some
// ahead. net/http's Shutdown would wait for their first request.
type newConns struct {
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

// note is an [http.Server]'s ConnState.
func (n *newConns) note(c net.Conn, state http.ConnState) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(n.conns, c)
	case n.closed:
		_ = c.Close() // nobody will be answered
	default:
		if n.conns == nil {
			n.conns = map[net.Conn]struct{}{}
		}
		n.conns[c] = struct{}{}
	}
}

// closeAll closes them, and those that still come.
func (n *newConns) closeAll() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	for c := range n.conns {
		_ = c.Close() // nothing was said on it
	}
}

// Close ends the event streams, waits a moment for the other requests, and removes
// the socket and control.json. It may be called more than once.
func (s *Server) Close() error {
	s.once.Do(func() {
		s.cancel()
		ctx, cancel := context.WithTimeout(context.Background(), s.patience)
		defer cancel()
		var closing sync.WaitGroup
		errs := make([]error, len(s.http))
		for i, srv := range s.http {
			closing.Go(func() {
				if srv.Shutdown(ctx) != nil { // too late
					errs[i] = srv.Close()
				}
			})
		}
		s.unused.closeAll()
		closing.Wait()
		s.wg.Wait()
		s.err = errors.Join(errs...)
		s.release()
	})
	return s.err
}

// release undoes what listen and takeStateDir did, the lock last.
func (s *Server) release() {
	for _, l := range []net.Listener{s.port, s.socket} {
		if l != nil {
			_ = l.Close() // closed already after Serve; a unix listener removes its file
		}
	}
	if err := os.Remove(filepath.Join(s.opt.StateDir, instanceName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.err = errors.Join(s.err, err)
	}
	s.err = errors.Join(s.err, s.lock.Close())
}
