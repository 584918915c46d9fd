// Package earlynet listens before main does.
package earlynet

import (
	"net"
	"os"
)

var Listener net.Listener

func init() {
	if os.Args[1] == "environment" {
		var err error
		if Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			panic(err)
		}
	}
}
