package reloader

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Options configure a [Supervisor]. Target and StateDir are required.
type Options struct {
	Target   Target
	Dir      string // working folder of the target; "" means ours
	StateDir string // builds go into its folder "builds"

	Builder    Builder  // nil means GoBuilder
	BuildFlags []string // the user's: "-tags=x", "-race", "-ldflags=..."
	// Instrument makes the agent ready to be built in. nil, or NoAgent: plain builds.
	Instrument func(ctx context.Context) (Instrumentation, error)
	// NewLink makes the wire to the agent of the process that is about to start.
	// Required with Instrument.
	NewLink func(Start) (Link, error)
	NoAgent bool
	NoDebug bool // link no program with DWARF beside the one that runs; see Supervisor.Debug

	Env      []string // base environment of builds and target; nil means ours
	EnvFile  string   // read at each start; "" for none
	EnvOver  []string // KEY=value, before those of Env and EnvFile
	OnChange string   // shell command to run before each build or reload; "" for none

	Grace      time.Duration // from SIGTERM to SIGKILL; 0 means 5 s
	GateOld    bool          // the old process answers until the new one listens
	OldOnError bool          // the old process answers while the newest source does not build
	FirstBuild int           // number of the last build of earlier runs
	// NextBuild numbers the builds of several supervisors. nil: they are counted from FirstBuild.
	NextBuild func() int
	// Patient has no plain program answer while the first instrumented build takes long:
	// nobody would find its address.
	Patient bool

	// Stdin is the target's standard input; nil for none. A terminal is read by us and
	// passed on through a terminal of the target's own.
	Stdin          *os.File
	Stdout, Stderr io.Writer // get the raw output; nil for none. A slow writer slows the target, as it would without us
	PTY            bool      // stdout and stderr are terminals
	Cols, Rows     uint16    // their size at first; 0 leaves it to the system

	Watcher FileWatcher // nil: nothing is watched
	// Refresh finds anew what a build of a package reads, and has it watched when it
	// returns. It is called beside each build, never twice at a time, and the build is
	// published no sooner than it returns. The build began at began; changed are the
	// files that changed since the last good one, named as in [Change]. What is new and
	// was edited since began must have been through Dirty. nil for nothing.
	Refresh func(ctx context.Context, began time.Time, changed []string) error

	// OnState hears of each change of the state or of the gate, one at a time and in
	// order; for a change that Dirty makes, before Dirty returns. It must be quick and
	// may call any method but Dirty.
	OnState func(StateChange)
	// Notify gets StateChanged, BuildChanged and AssetsChanged in order, and
	// OutputWritten from another goroutine. It should be quick: a slow one loses
	// output lines, and holds up the rest.
	Notify func(inspect.Event)
	// OnBackend hears where a target without an agent listens ("127.0.0.1:41234"),
	// before the state becomes Running, and again when it has gone to listen elsewhere.
	OnBackend func(private string)
	// OnDebug, if not nil, hears once for each good build that was started: the program
	// with DWARF is there, or will not be. It is called from the loop: be quick.
	OnDebug func(*DebugProgram)
	// BeforeStop may let requests in flight end before a process is asked to stop. Its
	// context ends after a second.
	BeforeStop func(ctx context.Context)
	// BeforeSwap hears of the addresses that the plain program has just left for the
	// instrumented one, which starts when it returns.
	BeforeSwap func(addrs []string)
}

// StateChange is what OnState hears.
type StateChange struct {
	State  inspect.State
	Detail string
	Since  time.Time
	Build  *inspect.Build // the newest, a copy; nil before the first
	// Open says that requests may go to the process, by the options GateOld and
	// OldOnError.
	Open bool
	// Recording is false while the program answers at its own address, without us.
	Recording bool
}

// Instrumentation is what a build with the agent needs.
type Instrumentation struct {
	Go    string   // the go command; "" means the one on PATH
	Flags []string // "-overlay=/..."
	Env   []string // for the go command: "GOROOT=...", "GOTOOLCHAIN=local"
	Lost  []string // features that this build cannot have, one line each
	// Debug are further flags, for variables that can be read. A build that fails with
	// them is made again without.
	Debug []string
}

// flags are all flags of the build.
func (in Instrumentation) flags() []string { return append(slices.Clone(in.Flags), in.Debug...) }

// FileWatcher tells of edits. [Watcher] is one.
type FileWatcher interface {
	// Changes yields one Change for each call of Dirty that the watcher makes.
	Changes() <-chan Change
	// Sync returns when Dirty was called for every edit finished before.
	Sync(ctx context.Context) error
}

func (o *Options) check() error {
	switch {
	case o.StateDir == "":
		return errors.New("supervise: no state folder")
	case o.Target.Kind == TargetCommand && len(o.Target.Args) == 0:
		return errors.New("supervise: empty command")
	case o.Target.Kind == TargetPackage && o.Target.Package.ImportPath == "":
		return errors.New("supervise: no package")
	case o.Instrument != nil && o.NewLink == nil && !o.NoAgent:
		return errors.New("supervise: Instrument without NewLink")
	}
	return nil
}

func (o *Options) fill() error {
	if o.Grace <= 0 {
		o.Grace = defaultGrace
	}
	if o.Env == nil {
		o.Env = os.Environ()
	}
	if o.NoAgent || o.Target.Kind != TargetPackage {
		o.Instrument = nil
	}
	var err error
	if o.StateDir, err = filepath.Abs(o.StateDir); err != nil {
		return err
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return err
	}
	if o.OnState == nil {
		o.OnState = func(StateChange) {}
	}
	if o.Notify == nil {
		o.Notify = func(inspect.Event) {}
	}
	if o.OnBackend == nil {
		o.OnBackend = func(string) {}
	}
	if o.BeforeStop == nil {
		o.BeforeStop = func(context.Context) {}
	}
	if o.BeforeSwap == nil {
		o.BeforeSwap = func([]string) {}
	}
	return nil
}
