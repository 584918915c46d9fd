package link

import (
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

const (
	// maxFunctions bounds what is kept of one process: more than programs have.
	maxFunctions = 1 << 17
	// maxPieces of a tree reach the greatest size that the agent packs.
	maxPieces = agent.MaxTree/(agent.MaxFrame/2) + 1
)

// Called is the call tree of an exchange, as far as it is known: with the goroutines
// that have ended. It comes before Done, and takes the place of an earlier one.
type Called struct {
	Exchange inspect.ID
	Tree     *inspect.CallTree
}

func (Called) report() {}

// calls puts together the pieces of trees, and knows the functions that it was told of.
type calls struct {
	exchange  string
	data      []byte
	next      int64 // piece
	functions map[uint64]inspect.CallFunction
}

// piece takes a message of calls. It returns the tree with the last piece. What does not
// fit together is passed over.
func (c *calls) piece(m *agent.Message) *inspect.CallTree {
	if m.Seq == 0 {
		c.exchange, c.data, c.next = m.Exchange, c.data[:0], 0
	}
	if m.Exchange != c.exchange || m.Seq != c.next || m.Count > maxPieces {
		c.exchange = ""
		return nil
	}
	c.next++
	data := m.Data
	if m.Count > 1 {
		c.data = append(c.data, data...)
		if c.next < m.Count {
			return nil
		}
		data = string(c.data)
		c.data = nil
	}
	c.exchange = ""
	packed, ok := agent.ParseCalls(data)
	if !ok {
		return nil
	}
	return c.tree(packed)
}

// callKinds are the kinds by their numbers on the wire.
var callKinds = [...]inspect.CallKind{
	agent.NodeFunc: inspect.CallFunc, agent.NodeHandler: inspect.CallHandler, agent.NodeGoroutine: inspect.CallGoroutine,
	agent.NodeSQL: inspect.CallSQL, agent.NodeHTTP: inspect.CallHTTP, agent.NodeTemplate: inspect.CallTemplate,
	agent.NodeJSON: inspect.CallJSON, agent.NodeWait: inspect.CallWait,
}

func (c *calls) tree(packed *agent.CallTree) *inspect.CallTree {
	if c.functions == nil {
		c.functions = make(map[uint64]inspect.CallFunction)
	}
	for _, f := range packed.Functions {
		if len(c.functions) < maxFunctions {
			name, file := strings.Clone(f.Name), strings.Clone(f.File) // they are parts of the whole frame
			at := &inspect.Location{Function: name, File: file, Path: file, Line: int(f.Line)}
			if f.File == "" || f.Line == 0 {
				at = nil
			}
			c.functions[f.PC] = inspect.CallFunction{Name: name, At: at}
		}
	}
	t := &inspect.CallTree{
		Lost:      packed.Lost,
		Functions: make([]inspect.CallFunction, len(packed.Refs)),
		Nodes:     make([]inspect.CallNode, len(packed.Nodes)),
	}
	for i, ref := range packed.Refs {
		f := inspect.CallFunction{Name: strings.Clone(ref.Name)}
		if ref.Kind == agent.NodeFunc || ref.Kind == agent.NodeGoroutine {
			if f = c.functions[ref.PC]; f.Name == "" {
				f.Name = "0x" + strconv.FormatUint(ref.PC, 16)
			}
			if f.At != nil {
				at := *f.At // readers may change theirs
				f.At = &at
			}
		}
		f.Kind = callKinds[ref.Kind]
		t.Functions[i] = f
	}
	for i, n := range packed.Nodes {
		t.Nodes[i] = inspect.CallNode{Parent: n.Parent, Function: n.Ref, Calls: n.Calls, Total: time.Duration(n.Total)}
	}
	return t
}
