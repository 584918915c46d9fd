package http

import (
	"crypto/subtle"
	"errors"
	agent "internal/syscall" // pastedev puts it there
	"net"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

// This file joins package http in a build made by pastedev. There serverHandler shows
// each request to pastedevCommand before anything of the program sees it.

// pastedevDumpSize bounds the stacks that one answer holds.
const pastedevDumpSize = 4 << 20

// pastedevCommands are what pastedev may ask, by method and path. They answer with
// text or the data of a profile. Each is short: none waits for time to pass.
var pastedevCommands = map[string]func(*pastedevAsked) ([]byte, error){
	"POST /calls":     pastedevCalls,
	"POST /cpu":       pastedevSwitchCPU,
	"GET /cpu":        pastedevFetchCPU,
	"POST /wall":      pastedevSwitchWall,
	"GET /wall":       func(a *pastedevAsked) ([]byte, error) { return a.noted(pprof.PastedevStopWall()) },
	"POST /heap":      pastedevRecord,
	"GET /heap":       pastedevRecorded,
	"POST /allocs":    pastedevRecord,
	"GET /allocs":     pastedevRecorded,
	"POST /mutex":     pastedevRecord,
	"GET /mutex":      pastedevRecorded,
	"POST /block":     pastedevRecord,
	"GET /block":      pastedevRecorded,
	"GET /goroutines": pastedevGoroutines,
	"POST /flight":    pastedevSwitchFlight,
	"GET /flight":     pastedevSnapshot,
}

// A pastedevAsked is one command.
type pastedevAsked struct {
	req  *Request
	on   bool
	note string // goes to the header Pastedev-Note
}

// A pastedevRefusal is why a command is not carried out.
type pastedevRefusal struct {
	status int
	text   string
}

func (r *pastedevRefusal) Error() string { return r.text }

// pastedevCommand answers a request of pastedev's own and reports that it did. Any
// other is the program's, whatever it says of itself.
func pastedevCommand(rw ResponseWriter, req *Request) bool {
	v := req.Header[agent.HeaderCommand]
	if len(v) != 1 || !pastedevTrusted(v[0], req.RemoteAddr) {
		return false
	}
	a := &pastedevAsked{req: req}
	data, err := a.answer()
	NewResponseController(rw).SetWriteDeadline(time.Time{}) // that of the server is for others
	h, status := rw.Header(), StatusOK
	h[agent.HeaderCommand] = []string{"done"}
	h["Content-Type"] = []string{"application/octet-stream"}
	if err != nil {
		var refusal *pastedevRefusal
		if status = StatusConflict; errors.As(err, &refusal) {
			status = refusal.status
		}
		h["Content-Type"], data = []string{"text/plain; charset=utf-8"}, []byte(err.Error())
	}
	if a.note != "" {
		h["Pastedev-Note"] = []string{a.note}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(data))}
	rw.WriteHeader(status)
	rw.Write(data)
	return true
}

func pastedevTrusted(token, peer string) bool {
	want := agent.Token()
	if want == "" || subtle.ConstantTimeCompare([]byte(token), []byte(want)) != 1 {
		return false
	}
	host, _, err := net.SplitHostPort(peer)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// name is what the command's path names.
func (a *pastedevAsked) name() string {
	return a.req.URL.Path[strings.LastIndexByte(a.req.URL.Path, '/')+1:]
}

func (a *pastedevAsked) answer() ([]byte, error) {
	f := pastedevCommands[a.req.Method+" "+strings.TrimPrefix(a.req.URL.Path, agent.CommandPath)]
	if f == nil {
		return nil, &pastedevRefusal{StatusNotFound, "the agent knows no " + a.req.Method + " " + a.req.URL.Path}
	}
	if a.req.Method == "POST" {
		on := a.req.URL.Query().Get("on")
		if on != "0" && on != "1" {
			return nil, &pastedevRefusal{StatusBadRequest, "on is neither 0 nor 1"}
		}
		a.on = on == "1"
	}
	return f(a)
}

func (a *pastedevAsked) noted(data []byte, note string, err error) ([]byte, error) {
	a.note = note
	return data, err
}

func pastedevSwitchCPU(a *pastedevAsked) ([]byte, error) {
	if !a.on {
		pprof.PastedevStopCPU(false)
		return nil, nil
	}
	return nil, pprof.PastedevStartCPU()
}

func pastedevFetchCPU(a *pastedevAsked) ([]byte, error) {
	return a.noted(pprof.PastedevStopCPU(a.req.URL.Query().Get("again") == "1"))
}

func pastedevSwitchWall(a *pastedevAsked) ([]byte, error) {
	if a.on {
		pprof.PastedevStartWall()
	} else {
		pprof.PastedevStopWall()
	}
	return nil, nil
}

// pastedevRecord begins or forgets a profile of the runtime's own. It answers with what
// that holds already, which is not of this recording.
func pastedevRecord(a *pastedevAsked) ([]byte, error) {
	if !a.on {
		pprof.PastedevForget(a.name())
		return nil, nil
	}
	return pprof.PastedevRecord(a.name())
}

func pastedevRecorded(a *pastedevAsked) ([]byte, error) {
	if a.req.URL.Query().Get("gc") == "1" {
		runtime.GC()
	}
	return a.noted(pprof.PastedevRecorded(a.name()))
}

func pastedevGoroutines(a *pastedevAsked) ([]byte, error) {
	buf := make([]byte, pastedevDumpSize)
	if !a.req.URL.Query().Has("exchange") {
		return buf[:runtime.Stack(buf, true)], nil
	}
	id := agent.ExchangeID(a.req.URL.Query()["exchange"])
	if id == "" {
		return nil, &pastedevRefusal{StatusBadRequest, "exchange is no id"}
	}
	n := agent.Dump(buf, id)
	if n == 0 {
		return nil, &pastedevRefusal{StatusNotFound, "no goroutine of exchange " + id + " is there"}
	}
	return buf[:n], nil
}

func pastedevCalls(a *pastedevAsked) ([]byte, error) {
	agent.SetCalls(a.on)
	return nil, nil
}
