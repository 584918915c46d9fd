package snapshot

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/go-delve/delve/pkg/proc"

	"github.com/pastedev/pastedev/inspect"
)

// maxInner is how many frames between the innermost and the panicking one are
// searched: the agent's hook and the runtime.
const maxInner = 40

// Goroutine returns id when the snapshot has such a goroutine. For id 0 it returns
// the one that is panicking, when there is exactly one.
func (s *Snapshot) Goroutine(id int64) (found int64, err error) {
	defer guard(&err)
	if id != 0 {
		if _, err := s.goroutine(id); err != nil {
			return 0, err
		}
		return id, nil
	}
	all, _, err := proc.GoroutinesInfo(s.target, 0, 0)
	if err != nil {
		return 0, fail(KindCorrupt, err, "read goroutines: %v", err)
	}
	var panicking []int64
	for _, g := range all {
		if frames, err := proc.GoroutineStacktrace(s.target, g, maxInner, 0); err == nil && lastPanic(frames) >= 0 {
			panicking = append(panicking, g.ID)
		}
	}
	if len(panicking) != 1 {
		return 0, fail(KindNotFound, nil, "%d goroutines of the snapshot are panicking: name one", len(panicking))
	}
	return panicking[0], nil
}

// goroutine finds a goroutine once: a program may have many.
func (s *Snapshot) goroutine(id int64) (*proc.G, error) {
	if g, ok := s.goroutines[id]; ok {
		return g, nil
	}
	g, err := proc.FindGoroutine(s.target, id)
	if err != nil || g == nil {
		return nil, fail(KindNotFound, err, "goroutine %d is not in the snapshot", id)
	}
	s.goroutines[id] = g
	return g, nil
}

// stack returns the frames of a goroutine from the panicking one on, or from the
// first outside of the runtime when it is not panicking.
func (s *Snapshot) stack(id int64) ([]proc.Stackframe, error) {
	if st, ok := s.stacks[id]; ok {
		return st, nil
	}
	g, err := s.goroutine(id)
	if err != nil {
		return nil, err
	}
	frames, err := proc.GoroutineStacktrace(s.target, g, s.cfg.Frames+maxInner, 0)
	if err != nil {
		return nil, fail(KindCorrupt, err, "read the stack of goroutine %d: %v", id, err)
	}
	frames = slices.DeleteFunc(frames, func(f proc.Stackframe) bool { return f.Call.Fn == nil || f.Err != nil })
	from := lastPanic(frames) + 1
	for from < len(frames)-1 && isRuntime(frames[from].Call.Fn.Name) {
		from++
	}
	frames = frames[from:]
	s.stacks[id] = frames
	return frames, nil
}

// lastPanic returns the index of the innermost runtime.gopanic, -1 without one.
func lastPanic(frames []proc.Stackframe) int {
	n := min(len(frames), maxInner)
	return slices.IndexFunc(frames[:n], func(f proc.Stackframe) bool {
		return f.Call.Fn != nil && f.Call.Fn.Name == "runtime.gopanic"
	})
}

func isRuntime(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "internal/runtime/")
}

// Frames returns the calls of a goroutine with their variables, innermost first,
// beginning with the one that panicked; at most max of them, and no more than the
// configuration's Frames. An index into it is what [Snapshot.Eval] and
// [Snapshot.Explain] take. When ctx ends, the rest of the frames has no variables.
func (s *Snapshot) Frames(ctx context.Context, goroutine int64, max int) (frames []inspect.Frame, err error) {
	defer guard(&err)
	stack, err := s.stack(goroutine)
	if err != nil {
		return nil, err
	}
	if max <= 0 || max > s.cfg.Frames {
		max = s.cfg.Frames
	}
	for i := range stack[:min(max, len(stack))] {
		f := s.frame(&stack[i])
		if ctx.Err() == nil {
			f.Args, f.Locals = s.variables(ctx, goroutine, stack[i:], f.Origin)
		}
		frames = append(frames, f)
	}
	return frames, nil
}

var typeArguments = regexp.MustCompile(`\[.*\]`)

func (s *Snapshot) frame(st *proc.Stackframe) inspect.Frame {
	f := inspect.Frame{PC: st.Current.PC, Package: st.Call.Fn.PackageName()}
	f.Origin = s.modules.origin(f.Package)
	f.Function = typeArguments.ReplaceAllString(st.Call.Fn.Name, "[...]")
	f.Path, f.File, f.Line = st.Call.File, st.Call.File, st.Call.Line
	if s.cfg.Root != "" {
		if rel, err := filepath.Rel(s.cfg.Root, f.Path); err == nil && filepath.IsLocal(rel) {
			f.File = rel
		}
	}
	return f
}

// variables reads what the first frame of rest could see. A frame whose variables
// cannot be read has none.
func (s *Snapshot) variables(ctx context.Context, id int64, rest []proc.Stackframe, origin inspect.FrameOrigin) (args, locals []inspect.Variable) {
	defer func() { _ = recover() }() // one damaged frame does not cost the others
	cfg := s.cfg
	if origin != inspect.FrameApp {
		cfg = cfg.foreign()
	}
	scope, err := s.scope(id, rest)
	if err != nil {
		return nil, nil
	}
	c := converter{snapshot: s, cfg: cfg, left: cfg.Nodes, app: origin == inspect.FrameApp}
	in, err := scope.FunctionArguments(cfg.delve())
	if err != nil || ctx.Err() != nil {
		return nil, nil
	}
	for _, v := range in {
		switch {
		case strings.HasPrefix(v.Name, "~") || v.Name == "_" || v.Name == "":
		case v.Flags&proc.VariableReturnArgument != 0:
			locals = append(locals, c.named(v))
		default:
			args = append(args, c.named(v))
		}
	}
	inside, err := scope.LocalVariables(cfg.delve())
	if err != nil {
		return args, locals
	}
	for _, v := range inside {
		if !strings.HasPrefix(v.Name, "~") && v.Name != "_" && (origin == inspect.FrameApp || !strings.HasPrefix(v.Name, ours)) {
			locals = append(locals, c.named(v))
		}
	}
	return args, locals
}

// ours is how the variables begin that the hooks have in functions of the standard
// library.
const ours = "pastedev"

func (s *Snapshot) scope(id int64, rest []proc.Stackframe) (*proc.EvalScope, error) {
	g, err := s.goroutine(id)
	if err != nil {
		return nil, err
	}
	thread := s.target.CurrentThread().ThreadID()
	if g.Thread != nil {
		thread = g.Thread.ThreadID()
	}
	return proc.FrameToScope(s.target, s.target.Memory(), g, thread, rest...), nil
}
