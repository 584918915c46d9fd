package proxy

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// askAgent names the exchange to the agent in the target, which takes the field out
// before the program sees the request. What a client put there never arrives.
func (c *carriage) askAgent(out *http.Request) {
	if c.proxy.options.Inside != nil {
		out.Header[agent.HeaderExchange] = []string{string(c.rec.ID)}
	}
}

// hearAgent takes the agent's field out of the answer and passes on what it says.
func (c *carriage) hearAgent(res *http.Response) {
	values, ok := res.Header[agent.HeaderSums]
	if !ok || c.proxy.options.Inside == nil {
		return
	}
	delete(res.Header, agent.HeaderSums)
	c.sums = parseSums(values[0])
	if c.sums != (inspect.Sums{}) {
		c.proxy.options.Inside(c.rec.ID)
	}
}

// parseSums reads the agent's counts, "logs=2;sql=1;sqlus=153;calls=0;callus=0".
// What it does not know it passes over.
func parseSums(s string) (sums inspect.Sums) {
	for field := range strings.SplitSeq(s, ";") {
		name, value, _ := strings.Cut(field, "=")
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			continue
		}
		us := inspect.Millis(time.Duration(n) * time.Microsecond)
		switch name {
		case "logs":
			sums.Logs = int(n)
		case "sql":
			sums.SQL = int(n)
		case "sqlus":
			sums.SQLTime = us
		case "calls":
			sums.Calls = int(n)
		case "callus":
			sums.CallTime = us
		}
	}
	return sums
}

// appendSums adds the metrics of what has happened so far (W3C Server Timing).
func appendSums(b []byte, s inspect.Sums) []byte {
	metric := func(name, what string, count int, d inspect.Millis) {
		if count == 0 {
			return
		}
		b = append(append(append(b, ", "...), name...), `;desc="`...)
		b = append(append(strconv.AppendInt(b, int64(count), 10), ' '), what...)
		b = append(b, '"')
		if d > 0 {
			b = append(b, ";dur="...)
			b = strconv.AppendFloat(b, float64(d)/float64(time.Millisecond), 'f', 3, 64)
		}
	}
	metric("sql", "statements", s.SQL, s.SQLTime)
	metric("calls", "outgoing", s.Calls, s.CallTime)
	metric("logs", "lines", s.Logs, 0)
	return b
}
