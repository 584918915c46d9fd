package template

import agent "internal/syscall" // pastedev puts it there

// This file joins package template in a build made by pastedev. There an execution is
// in the call tree, with the escaping before the first one. What text/template does for
// it has the same name, and is one with it.

func pastedevLeaf(t *Template) agent.Leaf {
	if t == nil || t.text == nil {
		return agent.Leaf{}
	}
	return agent.EnterLeaf(agent.NodeTemplate, "", t.text.Name())
}

func pastedevNamed(name string) agent.Leaf {
	return agent.EnterLeaf(agent.NodeTemplate, "", name)
}
