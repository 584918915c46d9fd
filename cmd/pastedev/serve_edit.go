package main

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/reloader"
)

// apply puts a set-up in force. The programs of mounts that stay go on; those that are new
// are started, others ended. After an error all is as before.
func (v *serving) apply(ctx context.Context, set setup) error {
	v.wanting.Store(&set)
	old := v.held()
	var programs, fresh []*program
	undo := func(err error) error {
		for _, p := range fresh {
			err = errors.Join(err, p.session.close())
		}
		return err
	}
	for _, spec := range flat(set.mounts) {
		if spec.kind != mountRun {
			continue
		}
		i := slices.IndexFunc(old, func(p *program) bool { return p.key == spec.key() })
		if i >= 0 {
			programs = append(programs, old[i])
			continue
		}
		p, err := v.openProgram(ctx, spec)
		if err != nil {
			return undo(err)
		}
		fresh, programs = append(fresh, p), append(programs, p)
	}
	next, err := v.compose(set, programs)
	if err != nil {
		return undo(err)
	}
	v.mu.Lock()
	before := v.now.Swap(next)
	v.programs = programs
	running := v.ctx
	v.mu.Unlock()
	for _, p := range fresh {
		if running != nil {
			v.start(running, p)
		}
	}
	v.closing.Go(func() { v.dropped(before) })
	for _, p := range old {
		if !slices.Contains(programs, p) {
			p.end()
		}
	}
	return nil
}

// flat lists the mounts with the parts of cascades.
func flat(mounts []mountSpec) (all []mountSpec) {
	for _, m := range mounts {
		all = append(append(all, m), flat(m.parts)...)
	}
	return all
}

// start runs a program's supervisor until ctx ends, or end.
func (v *serving) start(ctx context.Context, p *program) {
	ctx, p.cancel = context.WithCancel(ctx)
	p.over = make(chan struct{})
	v.group.Go(func() {
		defer close(p.over)
		if err := p.session.super.Run(ctx); err != nil {
			p.session.notice(err.Error())
		}
	})
}

// end ends a program that is mounted no more.
func (p *program) end() {
	if p.cancel != nil {
		p.cancel()
		<-p.over
	}
	if err := p.session.close(); err != nil {
		p.session.notice(err.Error())
	}
}

// run carries the programs, and follows the settings, until ctx ends and all have ended.
func (v *serving) run(ctx context.Context) {
	if v == nil {
		return
	}
	v.mu.Lock()
	v.ctx = ctx
	programs := v.programs
	v.mu.Unlock()
	for _, p := range programs {
		v.start(ctx, p)
	}
	defer v.group.Wait()
	for {
		select {
		case <-v.wake:
			v.reread(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// edited takes an edit of the settings out of what browsers hear; they hear of it once it
// is in force. It returns nil when nothing is left.
func (v *serving) edited(e inspect.Event) inspect.Event {
	if v == nil {
		return e
	}
	a, ok := e.(inspect.AssetsChanged)
	if !ok {
		return e
	}
	rest := slices.DeleteFunc(slices.Clone(a.Paths), func(path string) bool {
		return slices.Contains(v.droppings(), v.absolute(path)) // of an access log in a served folder
	})
	if len(rest) > 0 {
		paths := len(rest)
		if rest = slices.DeleteFunc(rest, v.isSettings); len(rest) < paths {
			select {
			case v.wake <- struct{}{}:
			default:
			}
		}
	}
	if len(rest) == len(a.Paths) {
		return e
	}
	if len(rest) == 0 {
		return nil
	}
	a.Paths = rest
	a.Styles = !slices.ContainsFunc(rest, func(p string) bool { return !strings.EqualFold(filepath.Ext(p), ".css") })
	return a
}

// isSettings reports whether a path, of the session's folder where it is relative, is that
// of the settings, or of a file that they name.
func (v *serving) isSettings(path string) bool {
	return slices.Contains(v.settings(), v.absolute(path))
}

// absolute is the path of a file that an event names.
func (v *serving) absolute(path string) string {
	return reloader.Absolute(v.s.root(), filepath.FromSlash(path))
}

// droppings lists the files that serving writes itself: their edits are nobody's.
func (v *serving) droppings() (files []string) {
	for _, set := range []*setup{v.wanted(), &v.now.Load().setup} { // what is in force goes on meanwhile
		if log := set.layers.accessLog; log != "" && log != stderrLog && !slices.Contains(files, log) {
			files = append(files, log)
		}
	}
	return files
}

// settings lists the files that say what is served: the one that was read, and those nearer
// to our folder that may come to be and then count in its place.
func (v *serving) settings() (files []string) {
	if v.load == nil {
		return nil
	}
	last := filepath.Dir(v.s.config.file)
	for dir := v.s.dir; ; dir = filepath.Dir(dir) {
		files = append(files, filepath.Join(dir, configName))
		if v.s.config.file == "" || dir == last || dir == filepath.Dir(dir) {
			return files
		}
	}
}

// watched lists what is watched: the settings, and the folders that files are served from.
func (v *serving) watched() []string {
	files := v.settings()
	for _, m := range flat(v.wanted().mounts) {
		switch m.kind {
		case mountStatic, mountTree, mountCGI:
			files = append(files, m.target)
		}
	}
	return files
}

// reread puts the edited settings in force; those that cannot be leave all as it is.
func (v *serving) reread(ctx context.Context) {
	c, set, err := v.load()
	outer := c.file != "" && !slices.Contains(v.settings(), c.file) // ours is gone, and that above is none of ours
	if outer && err == nil {
		err = errors.New(c.file + " is another's")
	}
	old := v.now.Load().setup
	if err == nil && v.mistake == "" && c.file == v.file && reflect.DeepEqual(set, old) && c.Addr == v.s.config.Addr && c.TLS == v.s.config.TLS {
		return // nothing that concerns us
	}
	if err == nil {
		err = v.apply(ctx, set)
	}
	if err != nil {
		v.wanting.Store(&old)
		text := err.Error()
		if u, ok := errors.AsType[usageError](err); ok {
			text = u.text
		}
		what := " has a mistake"
		if outer || c.file == "" && v.s.config.file != "" {
			what, text = " is gone", "hint: write it again, or end pastedev"
		}
		if text != v.mistake { // an editor may save in several steps
			v.s.mistake(configName + what + "; the old one holds")
			v.s.noticeLines(text)
		}
		v.mistake = text
		return
	}
	v.mistake = ""
	if c.Addr != v.s.config.Addr || c.TLS != v.s.config.TLS {
		v.s.noticeLines("addr and tls take effect when pastedev is started again")
	}
	if err := v.s.watchServed(ctx); err != nil {
		v.s.noticeLines(err.Error())
	}
	name := configName
	if c.file != v.file { // a nearer one has come, or gone
		name = c.file
	}
	v.file = c.file
	v.s.noticeLines(name + " is in force: " + v.title())
	set.warn(v.s.notice)
	v.stateChanged()
	v.s.store.Publish(inspect.AssetsChanged{Paths: []string{configName}})
}

// watchServed watches what is served now.
func (s *session) watchServed(ctx context.Context) error {
	set, err := s.findFiles(ctx)
	if err != nil {
		return err
	}
	return s.watcher.Watch(set)
}
