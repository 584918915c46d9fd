package json

import agent "internal/syscall" // pastedev puts it there

// This file joins package json in a build made by pastedev. There encoding and decoding
// are in the call tree.

func pastedevLeaf(name string) agent.Leaf {
	return agent.EnterLeaf(agent.NodeJSON, "", name)
}
