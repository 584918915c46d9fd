package reloader

import "github.com/pastedev/pastedev/inspect"

// The state machine knows three things: whether an edit has been seen whose meaning
// is not known yet, how the newest build stands, and how the process stands. What
// everyone calls the state is read off them by shown. It has no clock and does
// nothing itself: next returns the effects, the supervisor carries them out.

// buildPhase is how the build of the newest source stands.
type buildPhase uint8

const (
	buildIdle   buildPhase = iota // nothing to do: what runs is current
	buildBusy                     // the on-change command or the build runs
	buildFailed                   // the newest source does not build
)

// procPhase is how the process stands.
type procPhase uint8

const (
	procNone     procPhase = iota // never started, or ended by us
	procStarting                  // started, has not listened
	procRunning                   // answers
	procStopping                  // asked to end; the next may be waiting for it
	procCrashed                   // ended by itself, not well
	procFinished                  // ended by itself with status 0
)

// machine is the supervisor's state.
type machine struct {
	dirty bool // an edit was seen; what it means comes with the Change
	build buildPhase
	proc  procPhase
	// next is set while a new program waits for the old process: in procStopping
	// to be started after it; in procRunning it starts beside it (GateOld).
	next bool
	// sideCrashed is set when the program beside the running one ended before it
	// listened (GateOld): the old one goes on.
	sideCrashed bool
	good        bool // the process has answered: a crash is tried again by itself
	over        bool // Run is ending
}

// event is what the machine hears.
type event uint8

const (
	evDirty       event = iota // the watcher saw an edit, contents not compared yet
	evSame                     // contents are as before
	evRebuild                  // source has changed
	evRestart                  // files read at start have changed
	evReload                   // files for browsers have changed
	evBuilt                    // a program is ready to start
	evReloaded                 // the on-change command has run for a reload
	evBuildFailed              // the compiler has found an error
	evListening                // the newest process answers
	evQuiet                    // the newest process lives without listening
	evFinished                 // the process ended by itself with status 0
	evCrashed                  // the process ended by itself otherwise, or did not start
	evGone                     // the process that was asked to end is gone
	evSideGone                 // the process beside the running one ended by itself
	evRetry                    // time for another try after a crash
	evKey                      // the user asks for a restart
	evOver                     // Run ends
	numEvents
)

// effect is what the machine wants done, in order.
type effect uint8

const (
	fxBuild      effect = iota // cancel what is being built, run on-change and build
	fxPrepare                  // run on-change for a restart
	fxReload                   // run on-change for a reload
	fxAssets                   // tell browsers about the assets
	fxStart                    // start the newest program
	fxStop                     // ask the process to end
	fxStartSide                // end any process beside the running one, start the newest program beside it
	fxPromote                  // the process beside becomes the process; ask the old one to end
	fxStopSide                 // ask the process beside to end
	fxAdoptSide                // the process has ended: the one beside takes its place, still starting
	fxRetryLater               // set the timer for evRetry
	fxCancel                   // cancel what is being built
)

// policy are the options that the machine depends on.
type policy struct {
	keepOld  bool // GateOld: the old process answers until the new one listens
	oldOnErr bool // OnBuildError "old"
	hook     bool // there is an on-change command
	none     bool // no process of ours
}

// shown is the state that everyone else sees.
func (m machine) shown() inspect.State {
	switch {
	case m.over:
		return inspect.StateStopped
	case m.dirty || m.build == buildBusy:
		return inspect.StateBuilding
	case m.build == buildFailed:
		return inspect.StateFailed
	case m.proc == procStopping || m.proc == procStarting || m.proc == procRunning && m.next:
		return inspect.StateStarting
	case m.proc == procCrashed || m.sideCrashed:
		return inspect.StateBackoff
	case m.proc == procRunning:
		return inspect.StateRunning
	case m.proc == procFinished:
		return inspect.StateStopped
	}
	return inspect.StateBuilding // nothing has been built yet
}

// open reports whether requests may go to the process.
func (m machine) open(p policy) bool {
	if m.over || m.proc != procRunning {
		return false
	}
	switch m.shown() {
	case inspect.StateRunning:
		return true
	case inspect.StateFailed:
		return p.oldOnErr
	}
	return p.keepOld
}

// next returns the machine after ev and what is to be done. It is a pure function;
// an event that means nothing in a state changes nothing.
func next(m machine, ev event, p policy) (machine, []effect) {
	if m.over {
		if ev == evGone || ev == evFinished || ev == evCrashed {
			m.proc = procNone
		}
		return m, nil
	}
	switch ev {
	case evDirty:
		m.dirty = true
	case evSame:
		m.dirty = false
	case evRebuild, evRestart, evReload:
		return m.changed(ev, p)
	case evBuilt:
		m.build = buildIdle
		return m.replace(p)
	case evReloaded:
		m.build = buildIdle
		return m, []effect{fxAssets}
	case evBuildFailed:
		m.build = buildFailed
	case evKey:
		return m.key(p)
	case evOver:
		return m.end()
	default:
		return m.processEvent(ev)
	}
	return m, nil
}

// changed handles a Change that is not empty.
func (m machine) changed(ev event, p policy) (machine, []effect) {
	m.dirty = false
	switch {
	case p.none:
		return m, []effect{fxAssets}
	case ev == evRebuild, m.build == buildFailed, m.build == buildBusy && p.hook:
		// After a failure the whole way is gone again: the binary is older than the
		// source. With an on-change command a running build may lack its results.
		m.build = buildBusy
		return m, []effect{fxBuild}
	case m.build == buildBusy && ev == evReload:
		return m, []effect{fxAssets}
	case m.build == buildBusy:
		return m, nil // the process will be replaced anyway
	case ev == evRestart:
		m.build = buildBusy
		return m, []effect{fxPrepare}
	case p.hook:
		m.build = buildBusy
		return m, []effect{fxReload}
	}
	return m, []effect{fxAssets}
}

// replace puts the newest program in the place of what runs.
func (m machine) replace(p policy) (machine, []effect) {
	m.sideCrashed = false
	switch m.proc {
	case procNone, procCrashed, procFinished:
		m.proc, m.good = procStarting, false
		return m, []effect{fxStart}
	case procRunning:
		if p.keepOld {
			m.next = true
			return m, []effect{fxStartSide}
		}
	case procStopping:
		m.next = true
		return m, nil
	}
	m.proc, m.next = procStopping, true
	return m, []effect{fxStop}
}

// key handles the user's wish for a restart.
func (m machine) key(p policy) (machine, []effect) {
	switch {
	case p.none || m.build == buildBusy:
		return m, nil
	case m.build == buildFailed:
		m.build = buildBusy
		return m, []effect{fxBuild}
	}
	return m.replace(p)
}

// end stops everything, once.
func (m machine) end() (machine, []effect) {
	fx := []effect{fxCancel}
	if m.next && m.proc == procRunning {
		fx = append(fx, fxStopSide)
	}
	if m.proc == procStarting || m.proc == procRunning {
		m.proc = procStopping
		fx = append(fx, fxStop)
	}
	m.over, m.next = true, false
	return m, fx
}

// processEvent handles what the processes do.
func (m machine) processEvent(ev event) (machine, []effect) {
	switch ev {
	case evListening, evQuiet:
		return m.ready(ev)
	case evFinished, evCrashed:
		return m.ended(ev)
	case evGone:
		if m.proc != procStopping {
			return m, nil
		}
		m.proc, m.good = procNone, false
		if m.next {
			m.next, m.proc = false, procStarting
			return m, []effect{fxStart}
		}
	case evSideGone:
		if m.proc == procRunning && m.next {
			m.next, m.sideCrashed = false, true
		}
	case evRetry:
		if m.proc == procCrashed && m.build == buildIdle {
			m.proc, m.good = procStarting, false
			return m, []effect{fxStart}
		}
	}
	return m, nil
}

// ready handles the news that the newest process answers.
func (m machine) ready(ev event) (machine, []effect) {
	switch {
	case m.proc == procStarting:
		m.proc, m.good = procRunning, ev == evListening
	case m.proc == procRunning && m.next:
		m.next, m.good = false, ev == evListening
		return m, []effect{fxPromote}
	case m.proc == procRunning && ev == evListening:
		m.good = true
	}
	return m, nil
}

// ended handles a process that ended by itself.
func (m machine) ended(ev event) (machine, []effect) {
	switch {
	case m.proc == procStopping:
		return m.processEvent(evGone)
	case m.proc == procRunning && m.next:
		m.next, m.good, m.proc = false, false, procStarting
		return m, []effect{fxAdoptSide}
	case m.proc != procStarting && m.proc != procRunning:
		return m, nil
	case ev == evFinished:
		m.proc, m.sideCrashed = procFinished, false
		return m, nil
	}
	m.proc, m.sideCrashed = procCrashed, false
	if m.good {
		return m, []effect{fxRetryLater}
	}
	return m, nil
}
