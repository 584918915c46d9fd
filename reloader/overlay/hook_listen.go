package overlay

// listenHook asks the agent for the address of every TCP listener. Its anchor is
// the method in which net.Listen, net.ListenConfig.Listen and net.ListenTCP come
// together, after name resolution and before the socket: the options of a
// ListenConfig apply to the private socket, and the callers wrap an error as ever.
func listenHook() Hook {
	return Hook{
		Feature: "taking over the address of the program",
		Package: "net",
		Edits: []Edit{
			{
				Anchor: "(*sysListener).listenTCPProto",
				Want:   "func(ctx context.Context, laddr *TCPAddr, proto int) (*TCPListener, error)",
				Change: rename("pastedevListenTCPProto"),
			},
			{Anchor: "type sysListener", Want: "struct", Change: addField("pastedev pastedevAnswer")},
			{Anchor: "(*TCPListener).close", Want: "func() error", Change: rename("pastedevClose")},
			{Anchor: "type TCPListener", Want: "struct", Change: addField("pastedev int64")},
		},
		Files: []string{"net/pastedev_listen.go"},
	}
}
