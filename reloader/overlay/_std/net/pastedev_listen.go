//go:build unix || js || wasip1 || windows

package net

import (
	"context"
	"errors"
	agent "internal/syscall" // pastedev puts it there
	"net/netip"
	"os"
	"syscall"
)

// This file joins package net in a build made by pastedev. There sysListener and
// TCPListener have one more field each, and the methods below stand in for those
// of the same name, which got "pastedev" before theirs.

// pastedevAnswer is what a sysListener knows of pastedev's answer. One listen may
// try twice, with and without Multipath TCP, and asks once.
type pastedevAnswer struct {
	asked bool
	agent.Answer
}

// listenTCPProto listens where pastedev wants it, at laddr if it does not care.
func (sl *sysListener) listenTCPProto(ctx context.Context, laddr *TCPAddr, proto int) (*TCPListener, error) {
	if !agent.Active() {
		return sl.pastedevListenTCPProto(ctx, laddr, proto)
	}
	answer := &sl.pastedev
	if !answer.asked {
		*answer = pastedevAnswer{true, agent.Listen(sl.network, laddr.String())}
	}
	var ln *TCPListener
	var err error
	switch answer.Verdict {
	case agent.VerdictFail:
		return nil, answer.error()
	case agent.VerdictPrivate:
		ln, err = sl.pastedevListenPrivate(ctx, proto)
	default:
		ln, err = sl.pastedevListenTCPProto(ctx, laddr, proto)
		if err == nil {
			agent.Listening(answer.ID, ln.fd.laddr.String())
		}
	}
	if err == nil {
		ln.pastedev = answer.ID
	} else if proto == 0 { // else there is a second try
		agent.Closed(answer.ID)
	}
	return ln, err
}

// pastedevListenPrivate listens at the private address and takes on the public
// one. The network is as asked again afterwards, where errors show it.
func (sl *sysListener) pastedevListenPrivate(ctx context.Context, proto int) (*TCPListener, error) {
	private, err := netip.ParseAddrPort(sl.pastedev.Private)
	if err != nil {
		return nil, err
	}
	public, err := netip.ParseAddrPort(sl.pastedev.Public)
	if err != nil {
		return nil, err
	}
	network := sl.network
	sl.network = "tcp" // the private address may be of the other family
	ln, err := sl.pastedevListenTCPProto(ctx, TCPAddrFromAddrPort(private), proto)
	sl.network = network
	if err != nil {
		return nil, err
	}
	agent.Listening(sl.pastedev.ID, ln.fd.laddr.String())
	ln.fd.net, ln.fd.laddr = network, TCPAddrFromAddrPort(public)
	return ln, nil
}

// error is the error that the system would have given without pastedev.
func (a *pastedevAnswer) error() error {
	if a.Errno != 0 {
		return os.NewSyscallError("bind", syscall.Errno(a.Errno))
	}
	return errors.New(a.Text)
}

// close tells pastedev that a listener is gone.
func (ln *TCPListener) close() error {
	err := ln.pastedevClose()
	if err == nil && ln.pastedev != 0 {
		agent.Closed(ln.pastedev)
	}
	return err
}
