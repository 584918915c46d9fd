package reloader

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// allMachines lists every machine that can be: side effects of next and crashes of a
// process beside exist only while one runs.
func allMachines() []machine {
	var all []machine
	for build := buildIdle; build <= buildFailed; build++ {
		for proc := procNone; proc <= procFinished; proc++ {
			for bits := range 1 << 5 {
				m := machine{
					build: build, proc: proc,
					dirty: bits&1 != 0, next: bits&2 != 0, sideCrashed: bits&4 != 0,
					good: bits&8 != 0, over: bits&16 != 0,
				}
				if m.next && proc != procStopping && proc != procRunning || m.sideCrashed && (proc != procRunning || m.next) {
					continue
				}
				all = append(all, m)
			}
		}
	}
	return all
}

func allPolicies() []policy {
	var all []policy
	for bits := range 1 << 3 {
		all = append(all, policy{keepOld: bits&1 != 0, oldOnErr: bits&2 != 0, hook: bits&4 != 0})
	}
	return append(all, policy{none: true})
}

// TestMachineRules holds every state against every event and every policy.
func TestMachineRules(t *testing.T) {
	for _, p := range allPolicies() {
		for _, m := range allMachines() {
			for ev := range numEvents {
				after, fx := next(m, ev, p)
				if msg := brokenRule(m, after, ev, fx, p); msg != "" {
					t.Errorf("%+v + event %d (policy %+v) = %+v %v: %s", m, ev, p, after, fx, msg)
				}
			}
		}
	}
}

// brokenRule names the first rule that a transition breaks.
func brokenRule(m, after machine, ev event, fx []effect, p policy) string {
	has := func(f effect) bool { return slices.Contains(fx, f) }
	alive := m.proc == procStarting || m.proc == procRunning || m.proc == procStopping
	switch {
	case m.over && (len(fx) > 0 || !after.over):
		return "something happens after the end"
	case ev == evDirty && !m.over && !p.keepOld && after.open(p) && !p.oldOnErr:
		return "open after an edit"
	case ev == evDirty && !m.over && after.shown() != inspect.StateBuilding:
		return "an edit is not shown as building"
	case m.dirty && after.dirty && after.open(p) && !p.keepOld:
		return "open while an edit is not understood"
	case after.open(p) && after.proc != procRunning:
		return "open without a process"
	case has(fxStart) && alive && (ev != evGone && ev != evFinished && ev != evCrashed):
		return "started beside a living process"
	case has(fxStart) && after.proc != procStarting:
		return "started, but not starting"
	case has(fxStop) && after.proc != procStopping:
		return "asked to end, but not stopping"
	case has(fxStartSide) && !p.keepOld:
		return "two processes at once without being asked to"
	case has(fxRetryLater) && !m.good:
		return "retries a program that never was good"
	case ev == evRetry && m.proc != procCrashed && len(fx) > 0:
		return "a retry without a crash"
	case ev == evBuildFailed && (has(fxStop) || after.proc != m.proc):
		return "a failed build touches the process"
	case ev == evRebuild && !m.over && !p.none && !(len(fx) == 1 && has(fxBuild)):
		return "a changed source is not built at once"
	case ev == evOver && !m.over && alive && m.proc != procStopping && !has(fxStop):
		return "a process is left at the end"
	case p.none && (has(fxBuild) || has(fxPrepare)) && ev != evKey:
		return "builds without a target"
	case (ev == evRestart || ev == evReload) && m.build == buildIdle && has(fxBuild):
		return "builds for a file that is not source"
	case ev == evReload && has(fxStop):
		return "a reload restarts the program"
	}
	return ""
}

func TestMachineTransitions(t *testing.T) {
	running := machine{proc: procRunning, good: true}
	for _, tc := range []struct {
		name   string
		from   machine
		policy policy
		events []event
		state  inspect.State
		open   bool
		fx     []effect // of all events together
	}{
		{"first build", machine{}, policy{}, []event{evRebuild}, inspect.StateBuilding, false, []effect{fxBuild}},
		{"first start", machine{}, policy{}, []event{evRebuild, evBuilt, evListening}, inspect.StateRunning, true, []effect{fxBuild, fxStart}},
		{"an edit", running, policy{}, []event{evDirty, evRebuild, evBuilt, evGone, evListening}, inspect.StateRunning, true, []effect{fxBuild, fxStop, fxStart}},
		{"same contents", running, policy{}, []event{evDirty, evSame}, inspect.StateRunning, true, nil},
		{"same contents while starting", machine{proc: procStarting}, policy{}, []event{evDirty, evListening, evSame}, inspect.StateRunning, true, nil},
		{"same contents after a failure", machine{proc: procRunning, build: buildFailed}, policy{}, []event{evDirty, evSame}, inspect.StateFailed, false, nil},
		{"failure", running, policy{}, []event{evDirty, evRebuild, evBuildFailed}, inspect.StateFailed, false, []effect{fxBuild}},
		{"failure, old answers", running, policy{oldOnErr: true}, []event{evDirty, evRebuild, evBuildFailed}, inspect.StateFailed, true, []effect{fxBuild}},
		{"old answers while building", running, policy{keepOld: true}, []event{evDirty, evRebuild}, inspect.StateBuilding, true, []effect{fxBuild}},
		{"old answers while starting", running, policy{keepOld: true}, []event{evRebuild, evBuilt}, inspect.StateStarting, true, []effect{fxBuild, fxStartSide}},
		{"switch", running, policy{keepOld: true}, []event{evRebuild, evBuilt, evListening}, inspect.StateRunning, true, []effect{fxBuild, fxStartSide, fxPromote}},
		{"new one crashes, old stays", running, policy{keepOld: true}, []event{evRebuild, evBuilt, evSideGone}, inspect.StateBackoff, true, []effect{fxBuild, fxStartSide}},
		{"old one crashes before the switch", running, policy{keepOld: true}, []event{evRebuild, evBuilt, evCrashed, evListening}, inspect.StateRunning, true, []effect{fxBuild, fxStartSide, fxAdoptSide}},
		{"second edit while stopping", running, policy{}, []event{evRebuild, evBuilt, evRebuild, evGone}, inspect.StateBuilding, false, []effect{fxBuild, fxStop, fxBuild, fxStart}},
		{"second edit while starting", machine{proc: procStarting}, policy{}, []event{evRebuild, evBuilt, evGone, evListening}, inspect.StateRunning, true, []effect{fxBuild, fxStop, fxStart}},
		{"late word of the old process", running, policy{}, []event{evRebuild, evBuilt, evListening}, inspect.StateStarting, false, []effect{fxBuild, fxStop}},
		{"old process crashes while asked to end", running, policy{}, []event{evRebuild, evBuilt, evCrashed}, inspect.StateStarting, false, []effect{fxBuild, fxStop, fxStart}},
		{"crash at start", machine{proc: procStarting}, policy{}, []event{evCrashed}, inspect.StateBackoff, false, nil},
		{"crash later", running, policy{}, []event{evCrashed, evRetry}, inspect.StateStarting, false, []effect{fxRetryLater, fxStart}},
		{"crash of a quiet program", machine{proc: procStarting}, policy{}, []event{evQuiet, evCrashed}, inspect.StateBackoff, false, nil},
		{"crash while building", running, policy{}, []event{evRebuild, evCrashed, evRetry}, inspect.StateBuilding, false, []effect{fxBuild, fxRetryLater}},
		{"save after a crash", machine{proc: procCrashed}, policy{}, []event{evDirty, evRebuild, evBuilt}, inspect.StateStarting, false, []effect{fxBuild, fxStart}},
		{"finished", running, policy{}, []event{evFinished}, inspect.StateStopped, false, nil},
		{"key after the end", machine{proc: procFinished}, policy{}, []event{evKey}, inspect.StateStarting, false, []effect{fxStart}},
		{"key after a failure", machine{proc: procRunning, build: buildFailed}, policy{}, []event{evKey}, inspect.StateBuilding, false, []effect{fxBuild}},
		{"restart only", running, policy{}, []event{evDirty, evRestart, evBuilt, evGone}, inspect.StateStarting, false, []effect{fxPrepare, fxStop, fxStart}},
		{"restart only after a failure", machine{proc: procRunning, build: buildFailed}, policy{}, []event{evRestart}, inspect.StateBuilding, false, []effect{fxBuild}},
		{"reload", running, policy{}, []event{evDirty, evReload}, inspect.StateRunning, true, []effect{fxAssets}},
		{"reload with a command", running, policy{hook: true}, []event{evDirty, evReload, evReloaded}, inspect.StateRunning, true, []effect{fxReload, fxAssets}},
		{"upstream", machine{proc: procRunning}, policy{none: true}, []event{evReload}, inspect.StateRunning, true, []effect{fxAssets}},
		{"the end", running, policy{}, []event{evOver, evGone}, inspect.StateStopped, false, []effect{fxCancel, fxStop}},
		{"the end beside", machine{proc: procRunning, next: true}, policy{keepOld: true}, []event{evOver}, inspect.StateStopped, false, []effect{fxCancel, fxStopSide, fxStop}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := tc.from
			var fx []effect
			for _, ev := range tc.events {
				var now []effect
				m, now = next(m, ev, tc.policy)
				fx = append(fx, now...)
			}
			got := fmt.Sprint(m.shown(), m.open(tc.policy), fx)
			if diff := cmp.Diff(fmt.Sprint(tc.state, tc.open, tc.fx), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestBackoffGrowsAndHeals(t *testing.T) {
	var b backoff
	var got []string
	for range 7 {
		got = append(got, b.next(0).String())
	}
	got = append(got, b.next(retryHealed).String(), b.next(0).String())
	b.reset()
	got = append(got, b.next(0).String())
	want := []string{"1s", "2s", "4s", "8s", "16s", "30s", "30s", "1s", "2s", "1s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
