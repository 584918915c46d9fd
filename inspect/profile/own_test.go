package profile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithoutOwn(t *testing.T) {
	const conn = "net/http.(*conn).serve;"
	p := cpuProfile(
		stackSample{idA, conn + "net/http.serverHandler.ServeHTTP;main.cart;main.load", 1},
		stackSample{idA, conn + "net/http.(*Transport).pastedevRoundTrip;crypto/tls.(*Conn).Write", 1},
		stackSample{idA, conn + "main.cart;database/sql.pastedevEnd;example.com/driver.f", 1},
		stackSample{idA, conn + "main.cart;internal/syscall/unix.Openat", 1},
		stackSample{idA, conn + "main.cart;runtime.PastedevEnter;runtime.pastedevNewTree;runtime.mallocgc", 10},
		stackSample{idA, conn + "net/http.pastedevServe;internal/syscall.Begin", 10},
		stackSample{idA, conn + "main.cart;internal/syscall.(*Span).Args;main.money.String", 10},
		stackSample{"", conn + "net/http.pastedevCommand;net/http.(*pastedevAsked).answer;runtime/pprof.PastedevLookup;compress/flate.NewWriter", 10},
		stackSample{"", conn + "net/http/pprof.handler.ServeHTTP;runtime/pprof.writeHeap", 10},
		stackSample{"", "runtime/pprof.pastedevSampler", 10},
	)
	rest, own := withoutOwn(p)
	want := conn + "main.cart;database/sql.pastedevEnd;example.com/driver.f 10000000\n" +
		conn + "main.cart;internal/syscall/unix.Openat 10000000\n" +
		conn + "net/http.(*Transport).pastedevRoundTrip;crypto/tls.(*Conn).Write 10000000\n" +
		conn + "net/http.serverHandler.ServeHTTP;main.cart;main.load 10000000\n"
	if diff := cmp.Diff(want, folded(t, rest)); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	if own != 60 || len(p.Sample) != 10 {
		t.Errorf("%d samples were ours, want 60; the argument has %d stacks", own, len(p.Sample))
	}
}
