package calltree

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// speedscopeSchema names the format: https://www.speedscope.app/file-format-schema.json,
// described at https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources.
const speedscopeSchema = "https://www.speedscope.app/file-format-schema.json"

type speedscopeFile struct {
	Schema   string              `json:"$schema"`
	Shared   speedscopeShared    `json:"shared"`
	Profiles []speedscopeProfile `json:"profiles"`
	Name     string              `json:"name"`
	Active   int                 `json:"activeProfileIndex"`
	Exporter string              `json:"exporter"`
}

type speedscopeShared struct {
	Frames []speedscopeFrame `json:"frames"`
}

type speedscopeFrame struct {
	Name string `json:"name"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

type speedscopeProfile struct {
	Type   string            `json:"type"`
	Name   string            `json:"name"`
	Unit   string            `json:"unit"`
	Start  time.Duration     `json:"startValue"`
	End    time.Duration     `json:"endValue"`
	Events []speedscopeEvent `json:"events"`
}

type speedscopeEvent struct {
	Type  string        `json:"type"` // O opens a frame, C closes it
	Frame int           `json:"frame"`
	At    time.Duration `json:"at"`
}

// Speedscope writes t as a file of speedscope: the handler as one profile, and each
// goroutine as one more, in nanoseconds. Within a node its children follow each other
// in the order of their first calls, and its own time comes last, since a tree does not
// know the moments. The error is that of [Validate] or of w.
func Speedscope(w io.Writer, t *inspect.CallTree, name string) error {
	if err := Validate(t); err != nil {
		return err
	}
	file := speedscopeFile{Schema: speedscopeSchema, Name: line(name), Exporter: "pastedev"}
	for _, f := range t.Functions {
		frame := speedscopeFrame{Name: Label(f)}
		if f.At != nil {
			frame.File, frame.Line = f.At.File, f.At.Line
		}
		file.Shared.Frames = append(file.Shared.Frames, frame)
	}
	_, total := times(t)
	s := speedscopeWriter{t: t, total: total, kids: children(t)}
	for i := range t.Nodes {
		if i > 0 && !beside(t, i) {
			continue
		}
		s.events = []speedscopeEvent{}
		s.node(i, 0)
		file.Profiles = append(file.Profiles, speedscopeProfile{Type: "evented", Name: file.Shared.Frames[t.Nodes[i].Function].Name,
			Unit: "nanoseconds", End: total[i], Events: s.events})
	}
	if err := json.NewEncoder(w).Encode(file); err != nil {
		return fmt.Errorf("write speedscope file: %w", err)
	}
	return nil
}

type speedscopeWriter struct {
	t      *inspect.CallTree
	total  []time.Duration
	kids   [][]int
	events []speedscopeEvent
}

// node adds the events of node i, which begins at at.
func (s *speedscopeWriter) node(i int, at time.Duration) {
	f := s.t.Nodes[i].Function
	s.events = append(s.events, speedscopeEvent{"O", f, at})
	for c, from := 0, at; c < len(s.kids[i]); c++ {
		if k := s.kids[i][c]; !beside(s.t, k) {
			s.node(k, from)
			from += s.total[k]
		}
	}
	s.events = append(s.events, speedscopeEvent{"C", f, at + s.total[i]})
}
