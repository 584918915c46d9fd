package template

import agent "internal/syscall" // pastedev puts it there

// This file joins package template in a build made by pastedev. There an execution is
// in the call tree.

func pastedevLeaf(t *Template) agent.Leaf {
	if t == nil {
		return agent.Leaf{}
	}
	return agent.EnterLeaf(agent.NodeTemplate, "", t.name)
}
